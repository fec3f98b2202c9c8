"""What was measured in each round, as curves over the rounds; intervals become the bands around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tui.series import Series

if TYPE_CHECKING:
    from engine.rounds import Result, Round

Point = tuple[str, float | None]


def trends(rounds: Sequence[Round]) -> dict[str, Series]:
    """Curves by name, such as perspective.macro_f1 with perspective.macro_f1.low and .high."""
    found: dict[str, Series] = {}
    for round_ in rounds:
        for result in round_.results:
            for name, value in _points(result):
                if value is not None:
                    full = f"{result.variable}.{name}"
                    found.setdefault(full, Series(full)).add(round_.number, value)
    return found


def _points(result: Result) -> Iterator[Point]:
    yield from _with_interval("macro_f1", result.macro_f1, (result.low, result.high))
    yield from _with_interval("accuracy", result.accuracy, _interval(result.raw.get("test"), "accuracy"))
    yield from _with_interval("gain", result.gain, (result.gain_low, result.gain_high))
    yield "_".join(filter(None, ("coders_alpha", result.alpha_level))), result.alpha
    yield "ece", result.ece
    yield "stop_kappa", result.stop_kappa


def _with_interval(name: str, value: float | None, ends: tuple[float | None, float | None]) -> Iterator[Point]:
    yield name, value
    if value is not None and None not in ends:
        yield f"{name}.low", ends[0]
        yield f"{name}.high", ends[1]


def _interval(scores: Any, name: str) -> tuple[float | None, float | None]:
    ends = ((scores or {}).get("intervals") or {}).get(name)
    return (ends[0], ends[1]) if isinstance(ends, list) and len(ends) == 2 else (None, None)
