"""What the last round left that this one is held against: predictions, its queue, and who was on which side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import rounds
from engine.annotations.decision import Unit
from engine.errors import DataError
from engine.roundresults import at, text
from engine.rounds import STOP_SET, TEST_SET, Round
from engine.stats.metrics import Ints

KEY = ("video_id", "frame_index")
Rows = Mapping[Unit, Mapping[str, str]]


@dataclass(frozen=True)
class Before:
    """The last round, read.

    Attributes:
        sides: the side of each video.
        trained: labelled frames that it had for training and validation.
        predictions: by variable and unit, the class predicted for each test frame; stopped: of each stop frame.
        queue: the arm of each frame that it asked for.
        pool: what its models said of each frame of the pool.
    """

    round: Round
    sides: Mapping[str, str]
    trained: frozenset[Unit]
    predictions: Mapping[str, Mapping[Unit, str]]
    stopped: Mapping[str, Mapping[Unit, str]]
    queue: Mapping[Unit, str]
    pool: Rows

    @property
    def number(self) -> int:
        return self.round.number

    def fixed_fault(self, folder: Path) -> str:
        """What is wrong with copies of the fixed sets; empty where the last round was judged by the same."""
        told = {
            name: at(self.round.raw, key, "sha256") for name, key in ((TEST_SET, "test_set"), (STOP_SET, "stop_set"))
        }
        faults = (rounds.fixed_fault(folder / name, [(self.number, text(sha))]) for name, sha in told.items())
        return next((fault for fault in faults if fault), "")

    def test(self, variable: str, classes: Sequence[str], units: Sequence[Unit]) -> Ints | None:
        """(N,) the class numbers that it predicted for test frames; None where it did not judge them all."""
        return self._numbers(self.predictions.get(variable, {}), variable, classes, units)

    def stop(self, variable: str, classes: Sequence[str], units: Sequence[Unit]) -> Ints | None:
        """The same for the stop set."""
        return self._numbers(self.stopped.get(variable, {}), variable, classes, units)

    def asked(self, variable: str, unit: Unit) -> tuple[str, str] | None:
        """Of a frame that it asked for: in which arm, and what its model said of this variable."""
        predicted = self.pool.get(unit, {}).get(f"{variable}_predicted", "")
        arm = self.queue.get(unit, "")
        return (arm, predicted) if predicted and arm in ("model", "random") else None

    def streak(self, variable: str) -> int:
        """For how many rounds in a row its models had agreed."""
        return next((one.streak for one in self.round.results if one.variable == variable), 0)

    def _numbers(
        self, found: Mapping[Unit, str], variable: str, classes: Sequence[str], units: Sequence[Unit]
    ) -> Ints | None:
        known = next((one.raw.get("classes") for one in self.round.results if one.variable == variable), None)
        if known != list(classes) or any(unit not in found for unit in units):
            return None
        return np.array([known.index(found[unit]) for unit in units], np.int64)


def read(previous: Round) -> Before:
    """The last round's tables.

    Raises:
        DataError: the round has faults: says which.
    """
    if previous.faults:
        raise DataError(
            f"round {previous.number} is not whole: {previous.faults[0]}",
            hint=f"rounds are never edited: bring it back from the artifacts of {previous.run or 'its run'}",
        )
    sides = {row["video_id"]: row["side"] for row in _rows(previous, rounds.SIDES, ("video_id", "side"))}
    trained = frozenset(_unit(row) for row in _rows(previous, rounds.LABELS, (*KEY, "side")) if row["side"] != "test")
    queue = {_unit(row): row["arm"] for row in _rows(previous, rounds.QUEUE, (*KEY, "arm"))}
    pool = {_unit(row): row for row in _rows(previous, rounds.POOL, KEY)}
    return Before(
        previous,
        sides,
        trained,
        _said(previous, rounds.PREDICTIONS),
        _said(previous, rounds.STOP_PREDICTIONS),
        queue,
        pool,
    )


def _rows(previous: Round, name: str, required: Sequence[str]) -> list[dict[str, str]]:
    return rounds.rows(previous.folder / name, required)


def _said(previous: Round, name: str) -> dict[str, dict[Unit, str]]:
    found: dict[str, dict[Unit, str]] = {}
    for row in _rows(previous, name, (*KEY, "variable", "predicted")):
        found.setdefault(row["variable"], {})[_unit(row)] = row["predicted"]
    return found


def _unit(row: Mapping[str, str]) -> Unit:
    return Unit(row["video_id"], int(row["frame_index"]))
