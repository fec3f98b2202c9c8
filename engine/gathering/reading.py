"""Manifests, read through once: rows, labels, splits and sources are counted before any image is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine import manifests
from engine.errors import DataError
from engine.manifests import Row
from engine.record import Recorder

TRAIN = "train"
EVERY = 5000


@dataclass
class Tally:
    """What manifests hold.

    Attributes:
        cells: rows by split, label and source.
        first: of each split and label the manifest and the row that had it first.
    """

    rows: int = 0
    cells: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], tuple[Path, Row]] = field(default_factory=dict)

    def add(self, file: Path, row: Row) -> None:
        self.rows += 1
        self.cells[row.split, row.label, row.source] += 1
        self.first.setdefault((row.split, row.label), (file, row))

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels, in the order of class numbers."""
        return manifests.in_order({label for _, label, _ in self.cells})


def everything(files: Sequence[Path]) -> Iterator[tuple[Path, Row]]:
    """The rows of all manifests, one after the other, as they are read."""
    for file in files:
        for row in manifests.rows(file):
            yield file, row


def counted(out: Recorder, files: Sequence[Path]) -> Tally:
    """What the manifests hold; DataError where one has no rows."""
    tally = Tally()
    for file in files:
        before = tally.rows
        for row in manifests.rows(file):
            tally.add(file, row)
            if tally.rows % EVERY == 0:
                out.progress(tally.rows, unit="rows", detail=file.name)
                out.checkpoint()
        if tally.rows == before:
            raise DataError(f"{file}: has no rows", hint="leave it out, or make it anew")
    out.progress(tally.rows, tally.rows, "rows")
    return tally


def must_be_known(tally: Tally, files: Sequence[Path], allowed: Sequence[str]) -> None:
    """Raise DataError where rows have a label that is not allowed, or that no row of the split train has.

    A student cannot learn what the training split never shows, and a label that is spelt otherwise looks just so.
    """
    known = set(allowed) or {label for split, label, _ in tally.cells if split == TRAIN}
    strange = [key for key in tally.first if known and key[1] not in known]
    if not strange:
        return
    count = sum(size for (split, label, _), size in tally.cells.items() if (split, label) in set(strange))
    some = "; ".join(_where(*tally.first[key]) for key in strange[: manifests.SOME])
    expected = "labels" if allowed else f"split {TRAIN}"
    raise DataError(
        f"{count} rows with a label that {expected} does not have: {some}",
        hint=f"mend them, or name all labels under labels: (known: {', '.join(manifests.in_order(known))})",
    )


def _where(file: Path, row: Row) -> str:
    return f"{row.label!r} first in {file}, line {row.line} ({row.split}, {row.image_path})"
