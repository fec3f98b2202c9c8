"""What round 0 fixes for ever: the test set, and the stop set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import tables
from engine.annotations.decision import Unit
from engine.annotations.frames import rows as frames_of
from engine.errors import DataError
from engine.rounding.labels import Labels
from engine.stats import sides
from engine.vision.shelf import Shelf

STOP_PART = 5  # of the unlabelled frames one in so many at most only watches


@dataclass(frozen=True)
class Rules:
    """How frames are shared out."""

    test: float
    validation: float
    together: tuple[str, ...]
    stop: int
    near_bits: int
    seed: int


@dataclass(frozen=True)
class Fixed:
    """What round 0 fixes for ever.

    Attributes:
        test: of each test frame its group, and the codebook's label of each variable as it stood then.
        stop: of each frame of the stop set its group.
    """

    test: Mapping[Unit, Mapping[str, str]]
    stop: Mapping[Unit, Mapping[str, str]]

    def must_be_there(self, there: Collection[Unit]) -> None:
        """Raise DataError where a test frame cannot be had."""
        gone = [unit for unit in self.test if unit not in there]
        if gone:
            example = f"frame {gone[0].frame_index} of {gone[0].video_id}"
            raise DataError(
                f"{len(gone)} test frames cannot be had, such as {example}",
                hint="a test set never changes: bring the videos back; this run's notes tell what is wrong with them",
            )


def fix(labels: Labels, variables: Sequence[str], group_of: Mapping[str, str], shelf: Shelf, rules: Rules) -> Fixed:
    """The test set and the stop set of round 0; of frames that can be decoded."""
    there = {Unit(*key) for key in shelf.keys}
    usable = {name: {u: label for u, label in labels.variables[name].items() if u in there} for name in variables}
    drawn = sides.test_groups(usable, group_of, rules.test, rules.seed)
    units = sorted({unit for rows in usable.values() for unit in rows if group_of[unit.video_id] in drawn})
    test = {u: {"group": group_of[u.video_id], **{name: usable[name].get(u, "") for name in variables}} for u in units}
    free = sorted(there - labels.seen - set(units))
    picked = np.random.default_rng([rules.seed, 7]).permutation(len(free))[: min(rules.stop, len(free) // STOP_PART)]
    return Fixed(test, {free[n]: {"group": group_of[free[n].video_id]} for n in sorted(picked)})


def read(path: Path, columns: Sequence[str]) -> dict[Unit, dict[str, str]]:
    """A table of fixed frames, each with these columns; blank where the table does not have one."""
    return {unit: {name: row.get(name, "") for name in columns} for unit, row in frames_of(path).items()}


def write(path: Path, rows: Mapping[Unit, Mapping[str, str]], columns: Sequence[str]) -> None:
    """What `read` reads."""
    with tables.writer(path, ["video_id", "frame_index", *columns]) as table:
        for unit, row in rows.items():
            table.write(*unit, *(row[name] for name in columns))
