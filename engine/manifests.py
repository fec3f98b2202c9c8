"""Manifests: CSV tables of labelled images, a row an image, with paths relative to one folder."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine import tables
from engine.errors import DataError

REQUIRED = ("image_path", "label", "split")
COLUMNS = (*REQUIRED, "source", "sha256")
SOME = 10  # of many faults so many are told


@dataclass(frozen=True, slots=True)
class Row:
    """One image.

    Attributes:
        line: of the file, where it ends.
        image_path: relative to the data's folder.
        source: where it comes from; the file's name where no column tells.
        sha256: of the image's file, where the job manifest has looked at it; else empty.
    """

    line: int
    image_path: str
    label: str
    split: str
    source: str
    sha256: str = ""


def rows(path: Path) -> Iterator[Row]:
    """The rows of a manifest as they are read.

    Raises:
        DataError: it is no such table, or a row has an empty cell or a path that leads out of the data's folder.
    """
    for line, cells in tables.streamed(path, REQUIRED):
        for column in REQUIRED:
            if not cells[column].strip():
                raise DataError(f"{path}, line {line}: no {column}", hint="each image has a path, a label and a split")
        _must_stay_inside(path, line, cells["image_path"])
        source = cells.get("source") or path.stem
        yield Row(line, cells["image_path"], cells["label"], cells["split"], source, cells.get("sha256", ""))


def _must_stay_inside(path: Path, line: int, name: str) -> None:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        hint = "name it relative to data_root, which may be any folder above"
        raise DataError(f"{path}, line {line}: {name} leads out of the data's folder", hint=hint)


def read(path: Path, split: str = "", labels: Collection[str] = ()) -> list[Row]:
    """All rows of a split, of every split for an empty name.

    Args:
        labels: those that are known; any for none.

    Raises:
        DataError: the split has no rows, or rows have a label that is not known.
    """
    splits: set[str] = set()
    found, unseen = [], []
    for row in rows(path):
        splits.add(row.split)
        if split in ("", row.split):
            found.append(row)
            if labels and row.label not in labels:
                unseen.append(row)
    if not found:
        there = f"its splits are {', '.join(sorted(splits))}" if splits else "it has no rows"
        raise DataError(f"{path}: no rows of split {split!r}", hint=there)
    must_be_known(path, unseen, labels)
    return found


def must_be_known(path: Path, unseen: Sequence[Row], labels: Collection[str]) -> None:
    """Raise DataError where rows have labels that are not known; it names the first of them with their lines."""
    if unseen:
        some = "; ".join(f"line {row.line}: {row.label!r} ({row.image_path})" for row in unseen[:SOME])
        raise DataError(f"{path}: {len(unseen)} rows with an unseen label: {some}", hint=f"known: {', '.join(labels)}")


def classes(found: Iterable[Row]) -> tuple[str, ...]:
    """The labels that occur, in the order of class numbers: numbers by their value, then words by their letters."""
    return in_order({row.label for row in found})


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels in the order of class numbers: numbers by their value, then words by their letters."""
    return tuple(sorted(labels, key=lambda label: (0, int(label), label) if label.isdecimal() else (1, 0, label)))


def digest(found: Sequence[Row], hashes: Sequence[str]) -> str:
    """SHA-256 of which images these are, in this order: their paths and what their files hold."""
    whole = hashlib.sha256()
    for row, content in zip(found, hashes, strict=True):
        whole.update(f"{row.image_path}\0{content}\n".encode())
    return whole.hexdigest()
