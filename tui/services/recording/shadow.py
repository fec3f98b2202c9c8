"""The log of a recorded run in a file of its own, as long as it was at a time, so that it is read like any other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from engine.words import size
from tui.services.recording.reader import Line


class Shadow:
    """A file that grows and is cut with the time of a replay."""

    def __init__(self, path: Path, told: Line[Any]) -> None:
        self.path = path
        self._told = told
        self._shown, self._begin = 0, 0  # pieces that it holds: up to this one, and from which one on
        path.touch()

    def show(self, count: int) -> bool:
        """Let it hold what the log held after so many pieces; whether anything changed."""
        if count == self._shown:
            return False
        begin = self._first(count)
        if begin != self._begin:
            self.path.unlink()  # another file, so that nobody takes it for one that only grew
            self._shown = self._begin = begin
        if count < self._shown:
            os.truncate(self.path, sum(len(_bytes(piece)) for piece in self._told.items[begin:count]))
        else:
            with self.path.open("ab") as file:
                file.writelines(_bytes(piece) for piece in self._told.items[self._shown : count])
        self._shown = count
        return True

    def _first(self, count: int) -> int:
        """The first piece of the file that it was then: a log may be cut or replaced."""
        afresh = (place for place in range(count - 1, -1, -1) if self._told.items[place].get("afresh"))
        return next(afresh, 0)


def _bytes(piece: dict[str, Any]) -> bytes:
    text = str(piece.get("text", "")).encode("utf-8", "surrogateescape")
    skipped = piece.get("skipped", 0)
    return f"… {size(skipped)} of the log are not in the recording …\n".encode() + text if skipped else text
