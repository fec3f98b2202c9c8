"""What many tests do: wait for a condition, start a toy run, call a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine import launch
from engine.files import sha256
from engine.run import Run, listing
from engine.status import Status
from engine.workspace import Workspace

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60.0
QUICK = ("steps=3", "seconds_per_step=0")
ENDLESS = ("steps=100000", "seconds_per_step=0.02")


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


def until(condition: Callable[[], T], what: str) -> T:
    """The first value of a condition that is true; fails where it never is."""
    end = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.01)
    return value


def toy(workspace: Workspace, *overrides: str) -> Run:
    """A toy run that has been started."""
    return launch.submit(workspace, "toy", "", "a test", overrides)


def ended(run: Run) -> Status:
    """Its status when it is over."""
    until(lambda: not run.status().active, f"{run.id} ends")
    return run.status()


def says(run: Run, kind: str) -> int:
    """How often it has said something of a kind."""
    return run.events.read_bytes().count(f'"kind":"{kind}"'.encode()) if run.events.exists() else 0


def working(run: Run) -> Status:
    """Its status when the job has done a step."""
    until(lambda: says(run, "Progress"), f"{run.id} does a step")
    return until(lambda: run.status() if run.status().job_pid else None, f"{run.id} tells its job's process")


def waiting(run: Run) -> Status:
    """Its status when it waits for a device."""
    return until(lambda: run.status() if run.status().waiting_for else None, f"{run.id} waits")


def gone(pid: int | None) -> bool:
    """Whether a process has ended; one that nobody has reaped yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def end_all(workspace: Workspace) -> None:
    """Leave no process behind."""
    for run in listing(workspace):
        status = run.status()
        for pid in (status.pid, status.job_pid):
            if status.active and pid and pid != os.getpid():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                until(lambda pid=pid: gone(pid), f"{pid} is gone")


def made(run: Run) -> dict[str, str]:
    """Everything in its artifacts folder, with hashes."""
    files = (path for path in run.artifacts.rglob("*") if path.is_file())
    return {str(path.relative_to(run.artifacts)): sha256(path) for path in files}


def shell(*words: str, cwd: Path | None = None, patience_s: float = PATIENCE_S, **environment: str) -> Answer:
    """`python -m engine` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "engine", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=patience_s,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
