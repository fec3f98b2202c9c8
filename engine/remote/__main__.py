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
    except FootplateError as error:  # no such host, or a fault in machines.yaml: told in the run
        standing = Standing(run, memory.recall(run).wish.name, _say)
        standing.conclude("failed", error.message, error.hint or f"then footplate resume {run.id}")
        standing.link("")
        return error.exit_code
    Shepherd(errand).attend()
    return 0


def _say(words: str) -> None:
    """A line of the shepherd's own log."""
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
