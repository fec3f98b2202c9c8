"""A log into a file: the bytes of all of it, or of the lines that are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.errors import DataError
from engine.words import size
from tui.services.gate import Gate
from tui.services.logindex import Index

FOLDER = "saved"
CHUNK = 1 << 20
MOST = 10_000  # files of one name


def save(gate: Gate, index: Index, lines: Sequence[int] | None, name: str) -> tuple[Path, str]:
    """Write lines by their numbers, or the whole of a file, into a new file in the workspace's `saved/`.

    Answers with its path and the words that tell what was done.
    """
    path = _free(gate.workspace.root / FOLDER, name)

    def write() -> str:
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            file.writelines(_whole(index) if lines is None else chosen(index, lines))
        count = index.count if lines is None else len(lines)
        return f"saved {count:,} lines, {size(path.stat().st_size)}, as {path}"

    return path, gate.change(f"saving {name}", write)


def remove(gate: Gate, path: Path) -> str:
    """Take a saved file away again."""

    def unlink() -> str:
        path.unlink(missing_ok=True)
        return f"{path} is removed"

    return gate.change(f"removing {path.name}", unlink)


def _free(folder: Path, name: str) -> Path:
    wanted = folder / name
    others = (folder / f"{wanted.stem}-{number}{wanted.suffix}" for number in range(2, MOST))
    for path in (wanted, *others):
        if not path.exists():
            return path
    raise DataError(f"{folder} has {MOST:,} files of this name", hint="remove some")


def _whole(index: Index) -> Iterator[bytes]:
    at, end = 0, index.extent.size
    while at < end and (chunk := index.read(at, min(at + CHUNK, end))):
        yield chunk
        at += len(chunk)


def chosen(index: Index, lines: Sequence[int]) -> Iterator[bytes]:
    """The bytes of some lines, given by their numbers in order; the file is read once, from the first to the last."""
    place, whole = 0, index.extent.whole
    for part in index.parts(index.start(lines[0]), whole) if lines else ():
        first, begin = place, part.first
        while place < len(lines) and lines[place] < part.stop:
            place += 1
        if place > first:
            texts = index.read(part.begin, part.end).split(b"\n")
            yield b"".join(texts[number - begin] + b"\n" for number in lines[first:place])
    if place < len(lines):  # the last one, which has no end yet
        yield index.read(whole, index.extent.size)
