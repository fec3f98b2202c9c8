"""What happened, newest first, and since when somebody has looked at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

from engine.telling import Telling

KEPT = 2000


class Tellings:
    """The list of events; `looked_at` is in seconds since 1970."""

    def __init__(self, looked_at: float) -> None:
        self.looked_at = looked_at
        self.newest_first: Sequence[Telling] = ()

    def take(self, found: Iterable[Telling]) -> None:
        """These happened too."""
        everything = sorted([*self.newest_first, *found], key=lambda telling: -telling.at)
        self.newest_first = everything[:KEPT]

    @property
    def unseen(self) -> Sequence[Telling]:
        """What happened since somebody last looked."""
        return list(takewhile(lambda telling: telling.at > self.looked_at, self.newest_first))

    def look(self, now: float) -> None:
        """Somebody has just looked."""
        self.looked_at = now
