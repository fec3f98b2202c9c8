"""What goes wrong when a test asks for it: refusals, connections cut, slowness, bytes and hashes that are not true."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["status", "cut before", "cut after", "cut within", "corrupt", "hash"]
READS = ("corrupt", "hash", "cut within")  # only where bytes of an object are answered


@dataclass
class Fault:
    """Something that happens to the next `times` requests that fit."""

    kind: Kind
    times: int
    status: int = 0
    method: str = ""
    path: str = ""
    after: int = 0  # so many requests that fit are answered first


class Faults:
    """What is to go wrong; changed by a test while the server asks."""

    def __init__(self) -> None:
        self.latency_s = 0.0
        self._coming: list[Fault] = []
        self._share, self._kinds, self._random = 0.0, (), random.Random(5)

    def fail(self, status: int, times: int = 1, method: str = "", path: str = "") -> None:
        """Answer with a status and do nothing."""
        self._coming.append(Fault("status", times, status, method, path))

    def cut(self, when: Literal["before", "after", "within"], times: int = 1, method: str = "", path: str = "") -> None:
        """Close the connection before anything is done, after it was done, or within the bytes of the answer."""
        kinds: dict[str, Kind] = {"before": "cut before", "after": "cut after", "within": "cut within"}
        self._coming.append(Fault(kinds[when], times, 0, method, path))

    def corrupt(self, times: int = 1, path: str = "") -> None:
        """Answer an object's bytes with one of them changed."""
        self._coming.append(Fault("corrupt", times, 0, "GET", path))

    def wrong_hash(self, times: int = 1, path: str = "") -> None:
        """Answer an object's bytes with another's hash."""
        self._coming.append(Fault("hash", times, 0, "GET", path))

    def often(self, share: float, *kinds: Kind) -> None:
        """Let things go wrong by chance, with the same chances in each test."""
        self._share, self._kinds, self._random = share, kinds, random.Random(5)

    def happen(self, kind: Kind, after: int) -> None:
        """Let one thing go wrong after so many requests; a status is 503."""
        self._coming.append(Fault(kind, 1, 503, after=after))

    def slow(self, seconds: float) -> None:
        """Let every answer take so long at least."""
        self.latency_s = seconds

    def take(self, method: str, path: str, reads: bool) -> Fault | None:
        """What happens to a request."""
        fits: Callable[[Fault], bool] = lambda one: (  # noqa: E731
            (reads or one.kind not in READS) and one.method in ("", method) and one.path in path
        )
        for fault in self._coming:
            if fault.times > 0 and fits(fault):
                fault.after -= 1
                if fault.after >= 0:
                    continue
                fault.times -= 1
                return fault
        if self._share and self._random.random() < self._share:
            chance = Fault(self._random.choice(self._kinds), 1, 503)
            return chance if fits(chance) else None
        return None
