"""Workspaces for benchmarks: run folders as the engine makes them, and one that counts as running."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.events import Event, to_line
from engine.files import write_json
from engine.init import make
from engine.locks import hold
from engine.run import Run, create
from engine.status import Status, to_json
from engine.workspace import Workspace

FOOTPLATE = str(Path(sys.executable).with_name("footplate"))
TITLE = "a benchmark"


@contextmanager
def workspace() -> Iterator[Workspace]:
    """A new workspace, gone afterwards; nobody's settings and sessions are read or written meanwhile."""
    with tempfile.TemporaryDirectory(prefix="footplate-bench-") as folder:
        os.environ.update(dict.fromkeys(("XDG_STATE_HOME", "XDG_CONFIG_HOME"), f"{folder}/home"))
        yield make(Path(folder) / "lab")


def screens(there: Workspace, *words: str) -> list[str]:
    """The command that opens our screens on a workspace, at Overview."""
    return [FOOTPLATE, "-w", str(there.root), "--fresh", *words]


def ended(there: Workspace, title: str = TITLE) -> Run:
    """A run that is done."""
    run = create(there, "toy", "steps: 10\n", record={"title": title, "tags": []})
    _tell(run, title, state="done", ended_at=time.time(), exit_code=0, metrics={"accuracy": 0.75})
    return run


@contextmanager
def moving(there: Workspace, title: str = TITLE) -> Iterator[Run]:
    """A run that counts as running, since this process holds its lock as its supervisor would."""
    run = create(there, "toy", "steps: 10\n", record={"title": title, "tags": []})
    lock = hold(run.lock)
    assert lock is not None
    _tell(run, title, state="running", phase="learn", phase_started_at=time.time(), total=50, unit="steps")
    try:
        yield run
    finally:
        os.close(lock)


def say(run: Run, events: list[Event]) -> None:
    """Append events, as the recorder does."""
    with run.events.open("ab") as file:
        file.writelines(to_line(event) for event in events)


def _tell(run: Run, title: str, **given: Any) -> None:
    now = time.time()
    known = {"attempt": 1, "host": socket.gethostname(), "device": "cpu-0", "started_at": now - 100}
    status = Status(title=title, heartbeat_at=now, **{**known, **given})
    write_json(run.status_file, to_json(status))
