"""Which zones had no machine of a kind left, and when: those are asked later for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from vmops import durable

RECENT_S = 3600.0


class Stockouts:
    """A file that remembers, shared by all processes of a workspace."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def remember(self, kind: str, zone: str, now: float) -> None:
        """A zone had none left."""
        with durable.locked(self.file.with_name(f".{self.file.name}.lock")):
            durable.write(self.file, {**durable.read(self.file), f"{kind} {zone}": now})

    def when(self, kind: str, zone: str) -> float | None:
        """When a zone last had none left."""
        at = durable.read(self.file).get(f"{kind} {zone}")
        return float(at) if isinstance(at, int | float) else None

    def ordered(
        self, kind: str, zones: Iterable[str], price: Callable[[str], float | None], now: float
    ) -> list[tuple[str, float | None, float | None]]:
        """Zones with their price an hour and when they were out: cheap ones first, those out within the hour last.

        Of equal ones, and of those without a price, the order in which they were named counts.
        """
        known = [(zone, price(zone), self.when(kind, zone)) for zone in zones]
        return sorted(known, key=lambda one: (_recent(one[2], now), _or_dear(one[1])))


def _recent(at: float | None, now: float) -> float:
    """0 for who has not been out of late; else the older the sooner."""
    return 0.0 if at is None or now - at > RECENT_S else at


def _or_dear(price: float | None) -> float:
    return float("inf") if price is None else price
