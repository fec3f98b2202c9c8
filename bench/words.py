"""Results as words: on the terminal and in the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def number(value: float) -> str:
    """Three digits, with commas where it is large: 0.0182, 4.5, 340, 98,000."""
    if isinstance(value, int) or value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def told(value: Any) -> str:
    """A number, or a median with its spread: `0.35 (0.34–0.41)`."""
    if isinstance(value, Mapping):
        return f"{number(value['median'])} ({number(value['low'])}–{number(value['high'])})"
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """A line a result."""
    for key, value in flat(found):
        yield f"{key:<52} {told(value)}"


def flat(found: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every result by its dotted place."""
    for key, value in found.items():
        if isinstance(value, Mapping) and "median" not in value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
