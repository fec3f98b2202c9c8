"""The copy, here, of what a run's folder on a machine says as it grows."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.run import Run
from vmops import mirror
from vmops.mirror import Mark, Piece

EVENTS = "events.jsonl"
GROWING = (EVENTS, "log.txt", "log.times")
WHOLE = ("status.json", "environment.json")


class Copy:
    """Appends what comes, from where the files here end; bytes that are here already are compared, never doubled.

    Of events only whole lines are taken: a half one at the end may yet be cut off by the next attempt.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._half: dict[str, tuple[int, bytes]] = {}
        _cut_half_line(run.folder / EVENTS)

    def marks(self) -> dict[str, Mark]:
        """How far each file is here."""
        return {name: mirror.mark(self._run.folder / name) for name in GROWING}

    def sizes(self) -> dict[str, int]:
        """How long each file is here."""
        return {name: _size(self._run.folder / name) for name in GROWING}

    def begin_again(self, name: str) -> None:
        """The file there is sent from its beginning once more."""
        self._half.pop(name, None)

    def write(self, piece: Piece) -> str:
        """Take what has come; words where the file there is not the one that was copied so far."""
        if piece.path not in GROWING:
            raise ValueError(f"{piece.path!r} is none of the files that are copied")
        offset, data = self._joined(piece)
        if piece.path == EVENTS:
            whole = data.rfind(b"\n") + 1
            self._half[EVENTS] = (offset + whole, data[whole:])
            data = data[:whole]
        return _write(self._run.folder / piece.path, offset, data)

    def _joined(self, piece: Piece) -> tuple[int, bytes]:
        offset, half = self._half.get(piece.path, (piece.offset, b""))
        return (offset, half + piece.data) if offset + len(half) == piece.offset else (piece.offset, piece.data)


def _write(path: Path, offset: int, data: bytes) -> str:
    with path.open("r+b" if path.exists() else "w+b") as file:
        size = file.seek(0, 2)
        if offset > size:
            raise ValueError(f"{path}: byte {offset} came, and {size} are here")
        file.seek(offset)
        known = file.read(len(data))
        same = next((at for at, (one, other) in enumerate(zip(known, data, strict=False)) if one != other), len(known))
        if same == len(known):
            file.seek(0, 2)
            file.write(data[same:])
            return ""
        aside = _aside(path)
        shutil.copyfile(path, aside)
        file.truncate(offset + same)
        file.seek(0, 2)
        file.write(data[same:])
    return f"{path.name} there is another one from byte {offset + same} on; what was here is kept as {aside.name}"


def _aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.replaced-{number}")).exists():
        number += 1
    return aside


def _cut_half_line(path: Path) -> None:
    """What a full disk left here of a line."""
    with path.open("ab+") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
