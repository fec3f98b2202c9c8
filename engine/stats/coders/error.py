"""A standard error, and the interval by its formula."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import stdtrit


@dataclass(frozen=True)
class Error:
    """A standard error, the formula it is from, and the interval that goes with it."""

    value: float
    formula: str
    interval: list[float]


def students(value: float, error: float, units: float, confidence: float) -> list[float]:
    """Student's interval around a value, not above 1."""
    far = float(stdtrit(units - 1, (1 + confidence) / 2)) * error
    return [value - far, min(1.0, value + far)]
