"""Success criteria: declared in a spec as `name: "> 0.35"`, judged at the end of a run."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_FORM = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(%?)\s*")


@dataclass(frozen=True)
class Judged:
    """One criterion after judgement; `passed` is None where the run measured no such number."""

    name: str
    wanted: str
    value: float | None
    passed: bool | None


def parse(wanted: str | bool) -> Callable[[float], bool]:
    """The test that a criterion asks for.

    Raises:
        ValueError: not a comparison with a number, nor true or false.
    """
    if str(wanted).strip().lower() in ("true", "false"):
        truth = str(wanted).strip().lower() == "true"
        return lambda value: not math.isnan(value) and bool(value) is truth
    form = _FORM.fullmatch(str(wanted))
    if not form:
        raise ValueError(f"expected a comparison such as '> 0.35', '== 0' or 'true', got {wanted!r}")
    compare, bound = _COMPARE[form[1]], float(form[2]) / (100 if form[3] else 1)
    # NaN is unequal to everything, so '!= 0' would pass on a number that is none.
    return lambda value: not math.isnan(value) and compare(value, bound)


def judge(wanted: Mapping[str, str], metrics: Mapping[str, float]) -> list[Judged]:
    """Each criterion with the number it was held against."""
    return [_judge(name, text, metrics.get(name)) for name, text in wanted.items()]


def _judge(name: str, wanted: str, value: float | None) -> Judged:
    return Judged(name, wanted, value, None if value is None else parse(wanted)(value))
