"""What people decide about labels, through the gate: adjudications, and the files of the gold set."""

from __future__ import annotations

import time
from pathlib import Path

from engine.annotations import adjudicate as settling
from engine.annotations import goldfile, sensitivity
from engine.annotations.decision import CODED, Decision, Unit
from engine.annotations.given import codebook
from engine.annotations.gold import of_log
from engine.annotations.log import Log
from engine.errors import DataError
from engine.files import write_atomic
from engine.workspace import Workspace
from tui.cases import Case
from tui.services.gate import Gate

Before = tuple[tuple[Path, bytes | None, bytes], ...]  # what a file held, None where there was none, and holds now


def adjudicate(gate: Gate, case: Case, label: str, reason: str, by: str) -> Decision:
    """Append what somebody decided."""
    from shlex import quote

    words = " ".join(map(quote, (case.video_id, str(case.frame_index), case.variable, label)))
    what = f"footplate adjudicate {words} --reason {quote(reason)} --by {quote(by)}"

    def do() -> Decision:
        with Log.open(gate.workspace.labels) as log:
            unit = Unit(case.video_id, case.frame_index)
            variables = codebook(gate.workspace.settings)
            return settling.adjudicate(log, variables, unit, case.variable, label, reason=reason, by=by, at=time.time())

    return gate.change(what, do)


def agreed(case: Case) -> str:
    """The label that all who gave one agree on, blanks aside; empty where they differ."""
    return settling.unanimous(case.codes)


def take_back(gate: Gate, made: Decision) -> str:
    """Take back just this adjudication.

    Raises:
        DataError: its adjudicator has decided something else since, elsewhere; that would be taken back first.
    """

    def do() -> str:
        with Log.open(gate.workspace.labels) as log:
            mine = max((one for one in settling.standing(log) if one.coder == made.coder), key=lambda one: one.at,
                       default=None)  # fmt: skip
            if mine is None or (mine.unit, mine.variable, mine.value) != (made.unit, made.variable, made.value):
                raise DataError(f"{made.coder} has decided something else since", hint="adjudicate the frame again")
            settling.undo(log, made.coder, time.time())
        return f"{made.variable} of frame {made.unit.frame_index} is open again"

    return gate.change(f"footplate adjudicate --undo --by {made.coder}", do)


def save_gold(gate: Gate, adjudicated: bool) -> tuple[str, Before]:
    """Write the gold set; the words for it, and what the files held before."""
    here = gate.workspace

    def do() -> tuple[str, Before]:
        paths = (here.gold, goldfile.beside(here.gold))
        before = [path.read_bytes() if path.exists() else None for path in paths]
        variables = codebook(Workspace(here.root).settings)
        with Log.open(here.labels, readonly=True) as log:
            found = of_log(log, variables, adjudicated=adjudicated)
        count = goldfile.write(here.gold, found, goldfile.carried(here.frames))
        words = f"written: {here.gold.name} ({count} frames) and {paths[1].name}"
        return words, tuple((path, old, path.read_bytes()) for path, old in zip(paths, before, strict=True))

    return gate.change(f"footplate gold {'--adjudicated ' * adjudicated}--out", do)


def restore_gold(gate: Gate, before: Before) -> str:
    """Give the files back what they held.

    Raises:
        DataError: somebody has written one of them since.
    """

    def do() -> str:
        for path, _, written in before:
            if not path.exists() or path.read_bytes() != written:
                raise DataError(f"{path.name} was changed since", hint="it stays as it is")
        for path, data, _ in before:
            if data is None:
                path.unlink(missing_ok=True)
            else:
                write_atomic(path, data)
        return f"{before[0][0].name} is {'gone' if before[0][1] is None else 'what it was'}"

    return gate.change("taking back footplate gold --out", do)


def second_opinion(workspace: Workspace, adjudicated: bool) -> dict[str, list[str]]:
    """What Dawid and Skene's model makes of each variable, in sentences."""
    from engine.commands.gold import second_opinion as sentences

    with Log.open(workspace.labels, readonly=True) as log:
        found = of_log(log, codebook(workspace.settings), adjudicated=adjudicated)
        opinions = sensitivity.sensitivity(log.newest(kinds=CODED), found)
    return {one.variable: sentences(one) for one in opinions}
