"""What a round found about one variable, read out of its metrics.json; what is not there is None, and no error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Guidance:
    """One advice of a round; `verdict` is yes, no, or cannot tell."""

    name: str
    verdict: str
    says: str
    value: float | None
    low: float | None
    high: float | None
    limit: float | None
    frames: int


@dataclass(frozen=True)
class Result:
    """One variable of one round; None where a number is not known.

    Attributes:
        low, high: the 95 % interval of macro-F1 on the test frames.
        interval_by: what was drawn for it: group, or frame.
        gain: of macro-F1 over the last round, on the same test frames.
        start: whether the weights that were kept started from chain or base.
        from_file: what they started from; from_round: whose round that was, None for the base.
        alpha: Krippendorff's alpha of the coders, that of the variable's level; alpha_level: the level, where known.
        stop_kappa: agreement with the last round's model on the stop set; streak: rounds in a row of .99 or more.
    """

    variable: str
    accuracy: float | None
    macro_f1: float | None
    low: float | None
    high: float | None
    interval_by: str
    test_frames: int
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    kappa: float | None
    ece: float | None
    temperature: float | None
    weights: str
    weights_sha256: str
    start: str
    from_file: str
    from_round: int | None
    alpha: float | None
    stop_kappa: float | None
    streak: int
    guidance: tuple[Guidance, ...]
    raw: Mapping[str, Any]
    alpha_level: str = ""


def result(name: str, raw: Any) -> Result:
    """A variable's part of metrics.json."""
    test, gain, lineage = at(raw, "test"), at(raw, "gain"), at(raw, "lineage")
    low, high = _ends(at(test, "intervals", "macro_f1"))
    alpha, level = coders_alpha(at(raw, "agreement"))
    gain_low, gain_high = _ends(at(gain, "intervals", "macro_f1"))
    return Result(
        variable=name,
        accuracy=number(at(test, "accuracy")),
        macro_f1=number(at(test, "macro_f1")),
        low=low,
        high=high,
        interval_by=text(at(test, "interval_by")),
        test_frames=count(at(raw, "sizes", "test")),
        gain=number(at(gain, "macro_f1")),
        gain_low=gain_low,
        gain_high=gain_high,
        kappa=number(at(test, "kappa")),
        ece=number(at(raw, "calibration", "ece")),
        temperature=number(at(raw, "calibration", "temperature")),
        weights=text(at(lineage, "file")),
        weights_sha256=text(at(lineage, "sha256")),
        start=text(at(lineage, "start")),
        from_file=text(at(lineage, "from", "file")),
        from_round=whole(at(lineage, "from", "round")),
        alpha=alpha,
        stop_kappa=number(at(raw, "stop_set", "kappa")),
        streak=count(at(raw, "stop_set", "streak")),
        guidance=tuple(_advice(one) for one in _list(at(raw, "guidance"))),
        raw=mapping(raw),
        alpha_level=level,
    )


def coders_alpha(card: Any) -> tuple[float | None, str]:
    """The alpha that fits the variable's level, and that level; older files have `alpha` or `alpha_nominal` alone."""
    known, level = mapping(card), text(at(card, "level"))
    if level and f"alpha_{level}" in known:
        return number(known[f"alpha_{level}"]), level
    if "alpha" in known:
        return number(known["alpha"]), level
    return number(known.get("alpha_nominal")), "nominal" if "alpha_nominal" in known else ""


def named_alpha(level: str) -> str:
    """Which alpha it is: `alpha, ordinal`."""
    return f"alpha, {level}" if level else "alpha"


def _advice(raw: Any) -> Guidance:
    name, verdict, says = (text(at(raw, key)) for key in ("name", "verdict", "says"))
    value, low, high, limit = (number(at(raw, key)) for key in ("value", "low", "high", "limit"))
    return Guidance(name, verdict, says, value, low, high, limit, count(at(raw, "frames")))


def at(raw: Any, *keys: str) -> Any:
    """What is inside of nested objects, None where it is not."""
    for key in keys:
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw


def number(value: Any) -> float | None:
    """A finite number, or None."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else None


def whole(value: Any) -> int | None:
    """A whole number, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def count(value: Any) -> int:
    """A whole number, or 0."""
    return whole(value) or 0


def text(value: Any) -> str:
    """A text, or an empty one."""
    return value if isinstance(value, str) else ""


def mapping(value: Any) -> Mapping[str, Any]:
    """An object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _ends(value: Any) -> tuple[float | None, float | None]:
    ends = [number(end) for end in _list(value)]
    return (ends[0], ends[1]) if len(ends) == 2 else (None, None)
