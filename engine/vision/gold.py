"""The gold table: frames with agreed labels, checked row by row. No torch."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import tables
from engine.errors import DataError, SpecError
from engine.vision.source import Key

KEY = ("video_id", "frame_index")
ClassOf = Callable[[str], str | None]


@dataclass(frozen=True)
class Gold:
    """The table's rows, and for each the frame that it is about."""

    path: Path
    rows: Sequence[Mapping[str, str]]
    keys: Sequence[Key]


@dataclass(frozen=True)
class Labelled:
    """The gold frames of one variable.

    Attributes:
        rows: which rows of the gold table they are.
        labels: the class number of each.
        classes: the classes' names, in the codebook's order.
        blank: how many rows have no label.
        dropped: how many have each label that the codebook gives no class.
    """

    variable: str
    rows: list[int]
    labels: list[int]
    classes: list[str]
    blank: int
    dropped: dict[str, int]

    def summary(self) -> str:
        """How many frames take part, of which classes, and how many do not, and why."""
        sizes = [f"{self.labels.count(number)} {name}" for number, name in enumerate(self.classes)]
        left_out = [*(f"{times} {label} (no class)" for label, times in self.dropped.items()), f"{self.blank} blank"]
        return f"{self.variable}: {len(self.rows)} gold frames: {', '.join(sizes)}; left out: {', '.join(left_out)}"


def read(path: Path) -> Gold:
    """The gold table.

    Raises:
        DataError: it is empty, a frame_index is no number, or a frame is there twice.
    """
    rows = tables.read(path, KEY)
    if not rows:
        raise DataError(f"{path}: no gold frames", hint="footplate gold --out writes what coders agree on")
    keys = [_key(path, line, row) for line, row in enumerate(rows, start=2)]
    twice = [key for key, times in Counter(keys).items() if times > 1]
    if twice:
        raise DataError(f"{path}: frame {twice[0][1]} of {twice[0][0]} is there {keys.count(twice[0])} times")
    return Gold(path, rows, keys)


def variables(gold: Gold, asked: Sequence[str], known: Sequence[str]) -> list[str]:
    """Those asked for, or all known ones that the table has a column for.

    Raises:
        SpecError: one is not known, or the table has no column for it.
    """
    missing = [name for name in asked if name in known and name not in gold.rows[0]]
    faults = unknown("variables", asked, known)
    faults += [f"variables: {gold.path} has no column {name!r}" for name in missing]
    found = [name for name in asked or known if name in gold.rows[0]]
    if not found and not faults:
        faults = [f"variables: {gold.path} has a column for none of: {', '.join(known)}"]
    if faults:
        raise SpecError(faults)
    return found


def unknown(key: str, asked: Iterable[str], known: Sequence[str]) -> list[str]:
    """A fault for each name under a key of the spec that the workspace has no variable of."""
    names = [name for name in asked if name not in known]
    return [f"{key}: no variable {name!r} in workspace.yaml; {_nearest(name, known)}" for name in names]


def labelled(gold: Gold, variable: str, labels: Sequence[str], classes: Sequence[str], class_of: ClassOf) -> Labelled:
    """The frames that have a class of a variable.

    Args:
        labels: those of the codebook.
        classes: the model's classes, in the codebook's order.
        class_of: the class of a label, None where frames so labelled are left out.

    Raises:
        DataError: a label is not in the codebook, or fewer than two classes are left.
    """
    cells = [row[variable].strip() for row in gold.rows]
    for (video_id, index), cell in zip(gold.keys, cells, strict=True):
        if cell and cell not in labels:
            where = f"{gold.path}: {video_id}, frame {index}"
            raise DataError(f"{where}: {variable} is {cell!r}", hint=f"the codebook has: {', '.join(labels)}")
    found = [(row, class_of(cell)) for row, cell in enumerate(cells) if cell]
    kept = [(row, classes.index(name)) for row, name in found if name is not None]
    _check(gold, variable, {classes[number] for _, number in kept}, len(kept))
    dropped = Counter(cell for cell in cells if cell and class_of(cell) is None)
    rows, numbers = [row for row, _ in kept], [number for _, number in kept]
    return Labelled(variable, rows, numbers, list(classes), cells.count(""), dict(dropped))


def by_coder(
    rows: Iterable[Mapping[str, str]], variable: str, keys: Iterable[Key], classes: Sequence[str], class_of: ClassOf
) -> dict[str, dict[str, int]]:
    """Of each coder the class numbers by frame, for those of the frames `keys` that he or she gave a class."""
    wanted = {f"{video_id}:{index}" for video_id, index in keys}
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        frame, name = f"{row['video_id']}:{row['frame_index']}", class_of(row.get(variable, ""))
        if frame in wanted and name in classes:
            found.setdefault(row["annotator"], {})[frame] = classes.index(name)
    return found


def _nearest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"it has: {', '.join(known)}"


def _key(path: Path, line: int, row: Mapping[str, str]) -> Key:
    video_id, index = row["video_id"].strip(), row["frame_index"].strip()
    if not video_id:
        raise DataError(f"{path}, line {line}: video_id is empty")
    if not index.isdecimal():
        raise DataError(f"{path}, line {line}: frame_index is {index!r}", hint="expected a whole number from 0 on")
    return video_id, int(index)


def _check(gold: Gold, variable: str, present: set[str], frames: int) -> None:
    if not present:
        raise DataError(
            f"{gold.path}: no frame has a class of {variable!r}", hint="label some, or leave the variable out"
        )
    if len(present) == 1:
        raise DataError(
            f"{gold.path}: all {frames} frames are {present.pop()!r} for {variable!r}: one class only",
            hint="label frames of another class, or leave the variable out",
        )
