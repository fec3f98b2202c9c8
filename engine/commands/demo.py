"""The verb demo: prepare the workspace, run its jobs or two rounds of active learning, and show what came of it."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands import demoruns
from engine.commands.follow import follow
from engine.commands.verb import Asked, Table, Verb, answer, say, table
from engine.errors import DataError
from engine.run import Run, listing
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.rounds import Result, Round


def demo(asked: Asked) -> int:
    """Without a screen: follow the runs to their end and print what came of them."""
    if asked.rounds:
        return two_rounds(asked)
    workspace = prepare(asked)
    if asked.prepare_only:
        return answer(
            asked, {"workspace": str(workspace.root)}, f"{workspace.root}\n  → cd there; footplate run finetune"
        )
    runs = demoruns.start_all(workspace)
    code = demoruns.follow_all(runs, quiet=asked.json)
    _tell(asked, runs, whole=not code)
    leave(asked, workspace)
    return code


def _tell(asked: Asked, runs: Sequence[Run], *, whole: bool) -> None:
    """What came of them."""
    tuned, inferred, extracted = runs
    told = [{"id": run.id, "state": run.status().state, "metrics": dict(run.status().metrics)} for run in runs]
    answer(asked, {**told[0], "runs": told}, demoruns.before_and_after(tuned.status()))
    if whole and not asked.json:
        answer(asked, {}, demoruns.videos(inferred, extracted))


def prepare(asked: Asked, *, labels: bool = True) -> Workspace:
    """The demo's workspace, with a bar that shows how far it is."""
    from engine.demo import prepare as make

    folder = Path(asked.keep) if asked.keep else Path(tempfile.mkdtemp(prefix="footplate-demo-"))
    workspace = make(folder, _bar, labels=labels)
    say(f"workspace: {workspace.root}")
    return workspace


def leave(asked: Asked, workspace: Workspace) -> None:
    """Remove a workspace that nobody wants to keep, unless something still runs in it."""
    active = [run.id for run in listing(workspace) if run.status().active]
    if active:
        say(f"{active[0]} goes on in {workspace.root}; footplate --workspace {workspace.root} shows it")
    elif not asked.keep:
        shutil.rmtree(workspace.root, ignore_errors=True)
        say("the workspace was removed; footplate demo --keep DIR leaves it")


# --- rounds ---------------------------------------------------------------------------------------------------------


def two_rounds(asked: Asked) -> int:
    """Round 0 on two thirds of the labels, round 1 when the others have come in; what was done is not done again."""
    from engine import rounds

    workspace = prepare(asked, labels=False)
    for number in (0, 1):
        if number >= len(rounds.read(workspace)):
            _bring_labels(workspace, number)
            code = 0 if asked.prepare_only else _round(asked, workspace)
            if code or asked.prepare_only:
                return _ended(asked, workspace, code)
    return _ended(asked, workspace, 0)


def _bring_labels(workspace: Workspace, number: int) -> None:
    """The labels that people made and this round may know; nobody makes any here."""
    from engine import demo as made

    back = made.held_back()
    first = [row for row in made.given() if row not in back]
    frames = [len({(row["video_id"], row["frame_index"]) for row in rows}) for rows in (first, back)]
    if number:
        made.take(workspace, back)
        say(f"round 1: the labels of the other {frames[1]} frames come in; they were made before, and held back")
        return
    if made.knows(workspace, back):
        raise DataError(
            f"{workspace.labels}: has all labels already, so that round 1 would have no new ones",
            hint="footplate demo --rounds --keep DIR with another folder",
        )
    made.take(workspace, first)
    say(f"round 0: labels of {frames[0]} frames, of two passes; those of {frames[1]} frames are held back for round 1")


def _round(asked: Asked, workspace: Workspace) -> int:
    run = demoruns.start(workspace, "round")
    say(f"{run.id} (ctrl-c asks it to stop)")
    return follow(run, quiet=asked.json)


def _ended(asked: Asked, workspace: Workspace, code: int) -> int:
    from engine import rounds

    found = rounds.read(workspace)
    hint = f"→ cd {workspace.root}; footplate run round, or footplate and 8 for the rounds"
    value = {"workspace": str(workspace.root), "rounds": [dict(one.raw) for one in found]}
    answer(asked, value, rounds_table(found) if found else hint)
    if not asked.json:
        for one in found:
            for result in one.results:
                for words in result.guidance:
                    say(f"round {one.number}, {result.variable}: {words.says}")
    if not asked.prepare_only:
        leave(asked, workspace)
    return code


def rounds_table(found: list[Round]) -> Table:
    """One line a round and variable: frames, scores on the test frames, and what was gained."""
    rows = [(str(one.number), result.variable, *_cells(result)) for one in found for result in one.results]
    return table(rows, ("ROUND", "VARIABLE", "TRAIN/VAL/TEST", "MACRO-F1", "95 %", "ACCURACY", "GAIN", "START"))


def _cells(result: Result) -> list[str]:
    sizes = result.raw.get("sizes", {})
    between = f"{_score(result.low)} to {_score(result.high)}"
    frames = "/".join(str(sizes.get(side, "?")) for side in ("train", "validation", "test"))
    return [frames, _score(result.macro_f1), between, _score(result.accuracy), _score(result.gain), result.start]


def _score(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _bar(what: str, done: int, total: int) -> None:
    filled = 24 * done // total
    end = "\n" if done == total else ""
    lead = "\r" if sys.stderr.isatty() else ""
    if lead or end:
        print(
            f"{lead}{what} [{'█' * filled}{'·' * (24 - filled)}] {done}/{total}", end=end, file=sys.stderr, flush=True
        )


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", metavar="DIR", help="make the workspace there and leave it")
    parser.add_argument("--prepare-only", action="store_true", help="only make the workspace")
    parser.add_argument("--rounds", action="store_true", help="two rounds of active learning instead, a few minutes")


VERBS = (
    Verb(
        "demo",
        "real footage, real runs on it: leave-one-out, inference, features (footplate --demo: toy runs, at once)",
        arguments,
        demo,
    ),
)
