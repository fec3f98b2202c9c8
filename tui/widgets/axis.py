"""Round numbers for the axes of a chart."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tui.format import number


@dataclass(frozen=True)
class Tick:
    """A place on an axis, in the axis's own measure, and what is written there."""

    at: float
    label: str


def ticks(low: float, high: float, most: int) -> list[Tick]:
    """At most so many round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten."""
    span = high - low
    if not 0 < span < math.inf or most < 1:
        return [Tick(low, number(low))]
    step = _step(span, most)
    if not step < math.inf:
        return [Tick(low, number(low)), Tick(high, number(high))]
    first, last = math.ceil(low / step), math.floor(high / step)
    if last - first > 2 * most:  # numbers so large that steps between them are lost in rounding
        return [Tick(low, number(low)), Tick(high, number(high))]
    return [Tick(n * step, _label(n * step, step)) for n in range(first, last + 1)] or [Tick(low, number(low))]


def decades(low: float, high: float, most: int) -> list[Tick]:
    """Powers of ten from 10^low to 10^high; where there are not two of them, round numbers in between."""
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if last > first:
        every = max(1, math.ceil((last - first + 1) / max(1, most)))
        return [Tick(float(n), _power(n)) for n in range(first, last + 1, every)]
    least, greatest = (10.0 ** min(max(end, -307.0), 308.0) for end in (low, high))  # what a number can be
    between = [tick for tick in ticks(least, greatest, most) if tick.at > 0]
    return [Tick(math.log10(tick.at), tick.label) for tick in between]


def _step(span: float, most: int) -> float:
    least = span / most
    power = 10.0 ** math.floor(math.log10(least)) if least > 1e-300 else least
    return next((factor * power for factor in (1, 2, 5) if factor * power >= least * (1 - 1e-9)), 10 * power)


def _label(value: float, step: float) -> str:
    """With as many digits as the step needs."""
    if value == 0:
        return "0"
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if digits > 6 or abs(value) >= 1e7:
        return f"{value:.4g}"
    return f"{value:,.{digits}f}"


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -4 <= exponent <= 5 else f"1e{exponent}"
