"""The verb demo: prepare the workspace, start its job, follow it, and show what it found."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from engine.commands.follow import follow
from engine.commands.verb import Asked, Table, Verb, answer, say, table
from engine.run import Run, listing
from engine.status import Status
from engine.workspace import Workspace


def demo(asked: Asked) -> int:
    """Without a screen: follow the run to its end and print before and after."""
    workspace = prepare(asked)
    if asked.prepare_only:
        return answer(
            asked, {"workspace": str(workspace.root)}, f"{workspace.root}\n  → cd there; footplate run finetune"
        )
    run = start(workspace)
    say(f"{run.id} (ctrl-c asks it to stop)")
    code = follow(run, quiet=asked.json)
    status = run.status()
    answer(asked, {"id": run.id, "state": status.state, "metrics": dict(status.metrics)}, before_and_after(status))
    leave(asked, workspace)
    return code


def prepare(asked: Asked) -> Workspace:
    """The demo's workspace, with a bar that shows how far it is."""
    from engine.demo import prepare as make

    folder = Path(asked.keep) if asked.keep else Path(tempfile.mkdtemp(prefix="footplate-demo-"))
    workspace = make(folder, _bar)
    say(f"workspace: {workspace.root}")
    return workspace


def start(workspace: Workspace) -> Run:
    """The demo's job, as `footplate run finetune` would start it."""
    from engine import launch, presets

    text, source = presets.choose(workspace, "finetune", None)
    return launch.submit(workspace, "finetune", text, source)


def leave(asked: Asked, workspace: Workspace) -> None:
    """Remove a workspace that nobody wants to keep, unless something still runs in it."""
    active = [run.id for run in listing(workspace) if run.status().active]
    if active:
        say(f"{active[0]} goes on in {workspace.root}; footplate --workspace {workspace.root} shows it")
    elif not asked.keep:
        shutil.rmtree(workspace.root, ignore_errors=True)
        say("the workspace was removed; footplate demo --keep DIR leaves it")


def before_and_after(status: Status) -> str | Table:
    """One line a variable: accuracy and macro-F1 of leave-one-out, before and after."""
    names = [name.removesuffix(".accuracy_before") for name in status.metrics if name.endswith(".accuracy_before")]
    rows = [
        (name, *(f"{status.metrics.get(f'{name}.{key}', float('nan')):.4g}" for key in COLUMNS.values()))
        for name in names
    ]
    return table(rows, ("VARIABLE", *COLUMNS)) if rows else "nothing was compared"


COLUMNS = {
    "ACCURACY": "accuracy_before",
    "→": "accuracy",
    "MACRO-F1": "macro_f1_before",
    "→ ": "macro_f1",
    "FIXED": "folds_fixed",
    "BROKEN": "folds_broken",
    "McNEMAR P": "mcnemar_exact_p",
    "KNOWS NOTHING": "knows_nothing_accuracy",
}


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


VERBS = (
    Verb(
        "demo",
        "real footage, a real leave-one-out run, a minute or two (footplate --demo: toy runs, at once)",
        arguments,
        demo,
    ),
)
