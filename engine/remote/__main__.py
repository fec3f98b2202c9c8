"""`python -m engine.remote FOLDER`: the shepherd of the run in a folder; started by launch, never by a person."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from engine.errors import FootplateError
from engine.locks import LOCK_S, hold
from engine.remote import memory
from engine.remote.errand import Errand
from engine.remote.shepherd import Shepherd
from engine.remote.standing import Standing
from engine.run import Run
from engine.workspace import Workspace


def main(folder: Path) -> int:
    """See a run to its end; where somebody else does so already, there is nothing to do."""
    run = Run(folder.resolve())
    if hold(run.lock, LOCK_S) is None:
        _say(f"{run.id} has a shepherd already")
        return 0
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        errand = Errand(Workspace(run.folder.parent.parent), run, _say)
    except FootplateError as error:
        _refused(run, error)
        return 0
    Shepherd(errand).attend()
    return 0


def _refused(run: Run, error: FootplateError) -> None:
    """A fault in machines.yaml, say: it ends a run that has not begun; one that goes on there only waits for us."""
    _say(str(error))
    known = memory.recall(run)
    if known.begun < known.attempt:
        standing = Standing(run, known.wish.name, _say)
        standing.conclude("failed", error.message, error.hint or f"then footplate resume {run.id}")
        standing.link("")


def _say(words: str) -> None:
    """A line of the shepherd's own log."""
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
