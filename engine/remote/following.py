"""Shepherds of runs that are elsewhere: start one, and find the runs that have none."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from engine import code
from engine.errors import RunError
from engine.locks import held
from engine.run import UNFOLLOWED, Run, listing
from engine.workspace import Workspace

WAIT_S = 20.0


def start(workspace: Workspace, run: Run) -> None:
    """Start the shepherd of a run, in a session of its own, and return when it holds the run's lock.

    Where one lives already, nothing happens: of two, one gets the lock.
    """
    with (run.folder / "shepherd.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.remote", str(run.folder)],
            cwd=workspace.root,
            env={**os.environ, "PYTHONPATH": _path(), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait(run, process)


def unfollowed(workspace: Workspace) -> list[Run]:
    """Runs on machines whose shepherd has died; those of archived runs have nothing left to do."""
    return [run for run in listing(workspace) if _tended(run) and run.status().link == UNFOLLOWED]


def _tended(run: Run) -> bool:
    # A run of this host, which most are, costs no more than a look for this file.
    return (run.folder / "shepherd.json").exists() or bool(run.record().get("machine"))


def _path() -> str:
    return os.pathsep.join(filter(None, [str(code.HERE), os.environ.get("PYTHONPATH")]))


def _wait(run: Run, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if held(run.lock) or process.poll() == 0:
            return
        if process.poll() is not None:
            raise RunError(f"{run.id}: its shepherd could not be started", hint=f"{run.folder}/shepherd.log tells why")
        time.sleep(0.02)
    raise RunError(f"{run.id}: no shepherd within {WAIT_S:.0f} s", hint=f"{run.folder}/shepherd.log may tell why")
