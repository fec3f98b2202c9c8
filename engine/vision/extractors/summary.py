"""A few numbers about a video, of those about its frames; rounded as tables have them."""

from __future__ import annotations

import math
from collections.abc import Sequence

DECIMALS = 4


def mean(values: Sequence[float], decimals: int = DECIMALS) -> float | None:
    """Their mean; None where there are none."""
    return round(math.fsum(values) / len(values), decimals) if values else None


def spread(values: Sequence[float], decimals: int = DECIMALS) -> float | None:
    """Their standard deviation, as of a whole population; None where there are none."""
    if not values:
        return None
    middle = math.fsum(values) / len(values)
    return round(math.sqrt(math.fsum((value - middle) ** 2 for value in values) / len(values)), decimals)
