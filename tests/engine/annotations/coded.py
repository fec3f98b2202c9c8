"""Decisions as coders make them, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.annotations.decision import Decision, Unit

DISTANCE = ("personal", "social", "public", "other")
PERSPECTIVE = ("first", "second", "third", "other")
VARIABLES = {"perspective": PERSPECTIVE, "distance": DISTANCE}


def unit(place: int) -> Unit:
    """The frames of a study: ten a video."""
    return Unit(f"video {place // 10}", place % 10 * 30)


def coded(rows: Mapping[str, Sequence[str | None]], variable: str = "distance", at: float = 100.0) -> list[Decision]:
    """A row of values a coder; None where a coder has not seen the unit."""
    return [
        Decision(coder, unit(place), variable, value, at + place)
        for coder, values in rows.items() for place, value in enumerate(values) if value is not None
    ]  # fmt: skip


def settled(place: int, value: str, *, by: str = "eva", at: float = 500.0, variable: str = "distance") -> Decision:
    """What an adjudicator decided."""
    return Decision(by, unit(place), variable, value, at, kind="adjudication", reason="the shoulders are in view")
