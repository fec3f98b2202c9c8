"""Reliability cards of the log's variables: what is asked is put together here, and computed in another process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import child, tables
from engine.annotations.codes import Codes, codes
from engine.annotations.decision import BLANK, CANT_TELL, CODED, Decision, Unit
from engine.annotations.log import Log
from engine.errors import AskError, DataError
from engine.workspace import Workspace

MODULE = "engine.stats.agreement"
UNKNOWN_BEFORE = 1.0  # moments below this are of tables that do not say when


def of_workspace(
    workspace: Workspace, *, variables: Sequence[str] = (), as_of: float | None = None,
    how: Mapping[str, Any] | None = None,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Cards by variable: `all`, `pairs`, `rounds`, `windows`, `repeats`, `blank_as_label` and `cant_tell`.

    Args:
        variables: the ones wanted; else all of the workspace.
        as_of: only what stood at that moment.
        how: replicates, seed and confidence, where they are to be others than usual.

    Raises:
        DataError: the log holds a value that is no label, or the cards could not be computed.
    """
    asked = questions(workspace, variables=variables, as_of=as_of, how=how)
    return dict(zip([one["variable"] for one in asked], answers(asked), strict=True))


def questions(
    workspace: Workspace, *, variables: Sequence[str] = (), as_of: float | None = None,
    how: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """What is asked about each variable; see of_workspace."""
    known = workspace.settings.variables
    if unknown := [name for name in variables if name not in known]:
        raise AskError(f"there is no variable {unknown[0]!r}", hint=f"there are: {', '.join(known) or 'none'}")
    with Log.open(workspace.labels, readonly=True) as log:
        decisions, again = log.newest(kinds=CODED, as_of=as_of), log.newest(kinds=("repeat",), as_of=as_of)
    rounds = queued(workspace.rounds)
    return [
        question(name, known[name].labels, known[name].level, decisions, again, rounds, how)
        for name in variables or known
    ]


def answers(asked: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The answer to each question, with what is known beside it.

    Raises:
        DataError: one cannot be answered.
    """
    found = []
    for one, answer in zip(asked, child.ask(MODULE, asked, "agreement") if asked else [], strict=True):
        if "error" in answer:
            raise DataError(f"{one.get('variable', 'agreement')}: {answer['error']}", hint=answer["hint"])
        found.append({**answer, "cant_tell": one.get("cant_tell", {})})
    return found


def question(
    variable: str, labels: Sequence[str], level: str, decisions: Sequence[Decision], again: Sequence[Decision],
    rounds: Mapping[str, Iterable[Unit]], how: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What is asked about one variable; see engine/stats/coders/study.py."""
    mine = [one for one in decisions if one.variable == variable]
    found = codes(mine, variable, labels)
    place = {unit: at for at, unit in enumerate(found.units)}
    return {
        "variable": variable, "labels": list(labels), "level": level, "coders": found.coders, "rows": found.rows,
        "clusters": found.videos if len(set(found.videos)) > 1 else None, "at": comparable(mine, found),
        "rounds": {name: sorted(place[unit] for unit in units if unit in place) for name, units in rounds.items()},
        "repeats": repeats(mine, [one for one in again if one.variable == variable], labels),
        "cant_tell": found.cant_tell, "how": dict(how or {}),
    }  # fmt: skip


def comparable(decisions: Iterable[Decision], found: Codes) -> list[float | None] | None:
    """When each unit got its second label; None where it has no two, and for all where nobody knows when."""
    at: dict[Unit, list[float]] = {}
    for one in decisions:
        if one.value not in (BLANK, CANT_TELL):
            at.setdefault(one.unit, []).append(one.at)
    moments = [sorted(at.get(unit, []))[1:2] for unit in found.units]
    known = [moment[0] if moment and moment[0] >= UNKNOWN_BEFORE else None for moment in moments]
    return known if any(known) else None


def repeats(
    decisions: Iterable[Decision], again: Iterable[Decision], labels: Sequence[str]
) -> dict[str, dict[str, list[str | None]]]:
    """By coder, of each unit that came back: the first code, the one of the repeat, and the video."""
    first = {(one.coder, one.unit): one.value for one in decisions}
    found: dict[str, dict[str, list[str | None]]] = {}
    for one in again:
        if (one.coder, one.unit) in first and one.value in (BLANK, CANT_TELL, *labels):
            mine = found.setdefault(one.coder, {"first": [], "again": [], "clusters": []})
            mine["first"].append(first[one.coder, one.unit])
            mine["again"].append(one.value)
            mine["clusters"].append(one.unit.video_id)
    return found


def queued(folder: Path) -> dict[str, list[Unit]]:
    """The units that each round queued for coders, by the round's folder."""
    found: dict[str, list[Unit]] = {}
    for path in sorted(folder.glob("round_*/queue.csv")):
        rows = tables.read(path, ("video_id", "frame_index"))
        found[path.parent.name] = [Unit(row["video_id"], int(row["frame_index"])) for row in rows]
    return found
