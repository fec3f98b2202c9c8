"""A number in a report: what is shown, what it is exactly, and where it was read."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from engine.reports.origin import Origin, Scalar

MISSING = "not measured"


@dataclass(frozen=True)
class Number:
    """A number with its origin."""

    value: Scalar
    origin: Origin

    @property
    def text(self) -> str:
        """As it is shown."""
        return told(self.value)

    @property
    def exact(self) -> str:
        """All its digits."""
        return json.dumps(self.value)


def told(value: Scalar) -> str:
    """A number as reports show it: 213,144, 0.6596, 1.2e-05, true; `not measured` for none."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return f"{value:,.{4 if abs(value) < 10 else 2}f}"
    return f"{value:.3g}" if math.isfinite(value) else str(value)
