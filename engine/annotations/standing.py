"""`python -m engine.annotations.standing`: how far the labels of a workspace are; JSON in, JSON out.

A process of its own: settings load pydantic, and the queues of many coders take a while, which no screen should feel.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.annotations import frames, states
from engine.annotations.decision import Unit
from engine.annotations.log import Log
from engine.annotations.past import past
from engine.annotations.queue import Study, overlap
from engine.errors import DataError, FootplateError
from engine.workspace import Workspace


def standing(workspace: Workspace) -> dict[str, Any]:
    """Progress of each coder, how much of the overlap two have done, and of each round's queue how much by whom.

    Raises:
        FootplateError: a file that this hangs on cannot be read.
    """
    settings = workspace.settings
    study = Study(settings.salt, settings.coders, settings.overlap)
    units = frames.units(workspace) if workspace.frames.exists() else []
    variables, shared = list(settings.variables), overlap(settings.salt, units, settings.overlap)
    with Log.open(workspace.labels, readonly=True) as log:
        coders = settings.coders or tuple(log.coders())
        active = frames.active(workspace)
        found = [states.progress(log, coder, study, units, variables, active) for coder in coders]
        done = {coder: {unit for unit, kind in past(log, coder, variables).shown if kind == "code"} for coder in coders}
        double = states.double_coded(log, shared, variables)
    queues = {number: _queue(asked, done) for number, asked in _queues(workspace)}
    return {"coders": [asdict(one) for one in found], "overlap": len(shared), "double_coded": double, "queues": queues}


def _queues(workspace: Workspace) -> Iterable[tuple[int, list[Unit]]]:
    """What each round asked for; a queue that is damaged is left to the rounds to tell of."""
    for path in sorted(workspace.rounds.glob("round_*/queue.csv")):
        try:
            yield int(path.parent.name.removeprefix("round_")), frames.read(path)
        except (DataError, ValueError):
            continue


def _queue(asked: Collection[Unit], done: dict[str, set[Unit]]) -> dict[str, Any]:
    return {"frames": len(asked), "coders": {coder: len(units & set(asked)) for coder, units in done.items()}}


def main() -> int:
    """Answer the question on standard input: the folder of a workspace."""
    try:
        answer = standing(Workspace(Path(json.load(sys.stdin))))
    except FootplateError as error:
        answer = {"error": error.message, "hint": error.hint}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
