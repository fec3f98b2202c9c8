"""Rounds of active learning, read: what each found, what it advises, and what is wrong with its files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import tables
from engine.annotations.decision import Unit
from engine.annotations.frames import active
from engine.errors import DataError
from engine.files import read_json, sha256
from engine.roundresults import Guidance as Guidance
from engine.roundresults import Result as Result
from engine.roundresults import at, mapping, result, text
from engine.roundresults import number as finite
from engine.workspace import Workspace

FORMAT = 1
TEST_SET, STOP_SET = "test_set.csv", "stop_set.csv"
METRICS, RECORD, QUEUE, SIDES, LABELS = "metrics.json", "round.json", "queue.csv", "sides.csv", "labels.csv"
PREDICTIONS, STOP_PREDICTIONS, POOL = "predictions_test.csv", "predictions_stop.csv", "pool_scores.csv"
FILES = (RECORD, METRICS, QUEUE, SIDES, LABELS, PREDICTIONS, STOP_PREDICTIONS, POOL)
_NAME = re.compile(r"round_(\d{2,})")


@dataclass(frozen=True)
class Round:
    """A round that was published; `faults` tell what is wrong with its files, in words."""

    number: int
    folder: Path
    run: str
    published_at: float
    test_set_sha256: str
    sizes: Mapping[str, Any]
    query: Mapping[str, Any]
    results: tuple[Result, ...]
    faults: tuple[str, ...]
    raw: Mapping[str, Any]

    def weights(self, variable: str) -> Path | None:
        """The file of a variable's weights, whether it is there or not; None where the round has no such variable."""
        found = [one.weights for one in self.results if one.variable == variable and one.weights]
        return self.folder / found[0] if found else None


def folder(workspace: Workspace, number: int) -> Path:
    """Where a round is, or will be."""
    return workspace.rounds / f"round_{number:02}"


def read(workspace: Workspace) -> list[Round]:
    """All rounds by number; one whose files are damaged is there too, with its faults."""
    try:
        names = [(int(form[1]), entry) for entry in workspace.rounds.iterdir() if (form := _NAME.fullmatch(entry.name))]
    except OSError:
        return []
    return [_round(number, entry) for number, entry in sorted(names) if entry.is_dir()]


def queue(workspace: Workspace) -> list[Unit]:
    """The frames that the last round asks for; none where there was no round.

    Raises:
        DataError: queue.csv is damaged.
    """
    return active(workspace)


def test_set_fault(workspace: Workspace, rounds: Sequence[Round]) -> str:
    """What is wrong with the test set as it is on disk; empty where nothing is."""
    return fixed_fault(workspace.rounds / TEST_SET, [(one.number, one.test_set_sha256) for one in rounds])


def stop_set_fault(workspace: Workspace, rounds: Sequence[Round]) -> str:
    """The same for the stop set."""
    wanted = [(one.number, text(at(one.raw, "stop_set", "sha256"))) for one in rounds]
    return fixed_fault(workspace.rounds / STOP_SET, wanted)


def fixed_fault(path: Path, wanted: Sequence[tuple[int, str]]) -> str:
    """Whether a file is still the one that each round names by its hash."""
    known = [(number, told) for number, told in wanted if told]
    if not known:
        return ""
    if not path.is_file():
        return f"{path}: is missing, and round {known[0][0]} was judged by it"
    found = sha256(path)
    for number, told in known:
        if told != found:
            return f"{path}: is not the one of round {number}: sha256 {found} instead of {told}"
    return ""


def _round(number: int, place: Path) -> Round:
    raw, record = read_json(place / METRICS), read_json(place / RECORD)
    variables = at(raw, "variables")
    results = (
        tuple(result(str(name), of_it) for name, of_it in variables.items()) if isinstance(variables, dict) else ()
    )
    return Round(
        number, place, text(record.get("run")), finite(record.get("published_at")) or 0.0,
        text(at(raw, "test_set", "sha256")), mapping(raw.get("sizes")), mapping(raw.get("query")),
        results, tuple(_faults(number, place, raw, results)), raw,
    )  # fmt: skip


def _faults(number: int, place: Path, raw: Mapping[str, Any], results: Sequence[Result]) -> list[str]:
    faults = [f"{place / name}: is missing" for name in FILES if not (place / name).is_file()]
    if (place / METRICS).is_file() and not raw:
        faults.append(f"{place / METRICS}: is damaged: no JSON object")
    elif raw and raw.get("format") != FORMAT:
        faults.append(f"{place / METRICS}: format {raw.get('format')!r}, this footplate knows {FORMAT}")
    elif raw and raw.get("round") != number:
        faults.append(f"{place / METRICS}: is of round {raw.get('round')!r}, not {number}")
    elif raw and not results:
        faults.append(f"{place / METRICS}: tells of no variable")
    gone = [place / one.weights for one in results if one.weights and not (place / one.weights).is_file()]
    return faults + [f"{path}: is missing; the next round cannot start from it" for path in gone]


def rows(path: Path, required: Sequence[str]) -> list[dict[str, str]]:
    """A table of a round; DataError where it is missing or damaged."""
    try:
        return tables.read(path, required)
    except DataError as error:
        raise DataError(
            error.message, hint="rounds are never edited: bring the file back from its run's artifacts"
        ) from None
