"""Soft labels, found by what an image's file holds and never by its place in a table. No torch."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import DataError
from engine.files import read_json, sha256
from engine.manifests import SOME, Row

FORMAT = 1
ARRAYS, INDEX, META = "softlabels.npz", "softlabels_index.jsonl", "meta.json"
FUSED = "fused"
ALIKE = 0.05  # by so much the logits of one file may differ that stands in two batches
Halves = npt.NDArray[np.float16]


def teacher_key(number: int) -> str:
    """The name of a teacher's logits in the file of arrays."""
    return f"teacher_{number}"


@dataclass(frozen=True)
class Line:
    """A line of the index: which image a row of logits is of."""

    row: int
    image_path: str
    label: str
    sha256: str


@dataclass(frozen=True)
class SoftLabels:
    """Soft labels as they were written.

    Attributes:
        logits: (N, K) fused.
        lines: (N,) of the index, in the order of the rows of logits.
        meta: teachers and their hashes, weights, space, CLAHE.
    """

    folder: Path
    logits: Halves
    lines: Sequence[Line]
    meta: dict[str, Any]

    @property
    def classes(self) -> tuple[str, ...]:
        """Of the columns of logits."""
        return tuple(map(str, self.meta["classes"]))

    def of_teacher(self, number: int) -> Halves:
        """(N, K) logits of one teacher alone."""
        return _arrays(self.folder, teacher_key(number), len(self.lines), len(self.classes))

    def aligned(self, rows: Sequence[Row], hashes: Sequence[str], classes: Sequence[str]) -> Halves:
        """(M, K) fused logits of other rows, in their order, their classes in the order of `classes`.

        Args:
            hashes: SHA-256 of the file of each row, as it is now.

        Raises:
            DataError: the classes differ; or images have no soft labels, another file or another label than theirs.
        """
        order = self._columns(classes)
        places = _by_content(self.lines)
        missing = [(row, content) for row, content in zip(rows, hashes, strict=True) if content not in places]
        if missing:
            raise DataError(self._of_missing(missing, len(rows)), hint="run softlabels with this manifest")
        found = [_own(row, [self.lines[n] for n in places[content]]) for row, content in zip(rows, hashes, strict=True)]
        other = [(row, line) for row, line in zip(rows, found, strict=True) if row.label != line.label]
        if other:
            some = "; ".join(f"line {row.line}, {row.image_path}: {row.label!r}, there {line.label!r}"
                             for row, line in other[:SOME])  # fmt: skip
            hint = "run softlabels with this manifest: its labels are not those of the other one"
            raise DataError(f"{self.folder}: {len(other)} of {len(rows)} images have another label: {some}", hint=hint)
        return self.logits[[line.row for line in found]][:, order]

    def _columns(self, classes: Sequence[str]) -> list[int]:
        if set(classes) != set(self.classes) or len(classes) != len(self.classes):
            raise DataError(
                f"{self.folder}: its classes are {', '.join(self.classes)}; the student's are {', '.join(classes)}",
                hint="teachers and student must tell the same classes apart",
            )
        return [self.classes.index(name) for name in classes]

    def _of_missing(self, missing: Sequence[tuple[Row, str]], rows: int) -> str:
        """Which images have no soft labels, and of which of them another file had some."""
        known = {line.image_path for line in self.lines}
        some = "; ".join(
            f"line {row.line}, {row.image_path}{': its file is another one now' * (row.image_path in known)}"
            for row, _ in missing[:SOME]
        )
        return f"{self.folder}: {len(missing)} of {rows} images have no soft labels: {some}"


def open(path: Path) -> SoftLabels:  # noqa: A001 (softlabels.open reads well)
    """The soft labels in a folder, or of the run that a file of theirs is in.

    Raises:
        DataError: a file is missing or damaged, or the three of them do not belong together.
    """
    folder = path if path.is_dir() else path.parent
    meta = read_json(folder / META)
    if meta.get("format") != FORMAT or not meta.get("classes"):
        raise DataError(f"{folder / META}: no description of soft labels of format {FORMAT}", hint=_HINT)
    for name, key in ((ARRAYS, "npz_sha256"), (INDEX, "index_sha256")):
        if not (folder / name).is_file():
            raise DataError(f"{folder / name}: no such file", hint=_HINT)
        if sha256(folder / name) != meta.get(key):
            raise DataError(f"{folder / name}: is not the file that {META} tells of: it was changed since", hint=_HINT)
    lines = sorted(_lines(folder / INDEX), key=lambda line: line.row)
    if [line.row for line in lines] != list(range(len(lines))) or len(lines) != meta["rows"]:
        raise DataError(f"{folder / INDEX}: its rows are not 0 to {meta['rows'] - 1}, each once", hint=_HINT)
    found = SoftLabels(folder, _arrays(folder, FUSED, len(lines), len(meta["classes"])), lines, meta)
    _must_be_alike(found)
    return found


_HINT = "a run of softlabels writes softlabels.npz, softlabels_index.jsonl and meta.json"


def _lines(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, start=1):
            try:
                told = json.loads(text)
                yield Line(int(told["row"]), told["image_path"], told["label"], told["sha256"])
            except (ValueError, KeyError, TypeError):
                raise DataError(f"{path}, line {number}: no row of an index", hint=_HINT) from None


def _arrays(folder: Path, key: str, rows: int, classes: int) -> Halves:
    try:
        with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
            found: Halves = arrays[key]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{folder / ARRAYS}: {key} cannot be read: {error}", hint=_HINT) from None
    if found.shape != (rows, classes) or not np.isfinite(found).all():
        raise DataError(f"{folder / ARRAYS}: {key} is {found.shape}, expected {(rows, classes)}, all finite")
    return found


def _by_content(lines: Sequence[Line]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for line in lines:
        found.setdefault(line.sha256, []).append(line.row)
    return found


def _own(row: Row, candidates: Sequence[Line]) -> Line:
    """Of the lines of one content the row's own, where it is among them: another copy may bear another label."""
    same = [line for line in candidates if line.image_path == row.image_path]
    return next(iter(same or [line for line in candidates if line.label == row.label] or candidates))


def _must_be_alike(found: SoftLabels) -> None:
    for content, rows in _by_content(found.lines).items():
        if len(rows) > 1 and np.ptp(found.logits[rows].astype(np.float32), axis=0).max() > ALIKE:
            names = ", ".join(found.lines[row].image_path for row in rows[:SOME])
            raise DataError(f"{found.folder}: {names} are one file ({content[:12]}…) with different soft labels",
                            hint="run softlabels anew")  # fmt: skip
