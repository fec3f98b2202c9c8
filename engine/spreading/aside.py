"""What a job says while it has no recorder: kept on another machine, until the answer takes it home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.errors import Stopped


class Aside:
    """As much of a Recorder as making consumers needs."""

    def __init__(self, device: str, work: Path) -> None:
        self.device, self.work = device, work
        self.said: list[tuple[str, str]] = []
        self.stops: Callable[[], bool] = lambda: False
        self._ever: set[str] = set()

    @property
    def stopping(self) -> bool:
        """Whether the run is to stop."""
        return self.stops()

    def note(self, text: str, level: str = "info") -> None:
        """Something worth reading; each thing once."""
        if text not in self._ever:
            self._ever.add(text)
            self.said.append((level, text))

    def flag(self, name: str, text: str) -> None:
        """A red flag."""
        self.note(f"{name}: {text}", "flag")

    def checkpoint(self) -> None:
        """Where a run may stop."""
        if self.stopping:
            raise Stopped("stopped as asked")

    def taken(self) -> list[tuple[str, str]]:
        """What was said since this was asked last."""
        said, self.said = self.said, []
        return said
