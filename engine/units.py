"""Numbers as people type them: 0.8, 50%, 2h, 10MB, 5k."""

from __future__ import annotations

import re

TIMES = {"ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
PLAIN = {"%": 0.01, "k": 1e3, "M": 1e6, "G": 1e9}
SIZES = {"b": 1.0} | {
    letter.lower() + end: base**power
    for power, letter in enumerate("KMGT", start=1) for end, base in (("b", 1000.0), ("ib", 1024.0))
}  # fmt: skip
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z%]*)\s*")


def number(text: str) -> float | None:
    """The number that a text is, with its unit: 2h are 7200 seconds; None where it is none."""
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    factor = _factor(found[2])
    return float(found[1]) * factor if factor is not None else None


def _factor(unit: str) -> float | None:
    return 1.0 if not unit else PLAIN.get(unit) or TIMES.get(unit) or SIZES.get(unit.lower())
