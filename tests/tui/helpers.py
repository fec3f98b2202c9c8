"""Run folders as the engine makes them, and what is on the screen."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from engine.events import Event, Host, Metric, Phase, Progress, to_line
from engine.files import sha256, write_json
from engine.run import Run, create
from engine.status import Status, to_json
from engine.workspace import Workspace
from tui.app import FootplateApp

SMALL, LARGE = (80, 24), (160, 48)
PATIENCE_S = 60.0


def made(workspace: Workspace, title: str, *, job: str = "toy", parents: Iterable[str] = (), **given: Any) -> Run:
    """A run's folder with a status, as a supervisor would have left it."""
    record = {"title": title, "tags": [], "user": "ada", "host": "here", "code": {"version": "0"}}
    run = create(workspace, job, "steps: 10  # few\nlr: 0.1\n", record=record, parents=parents)
    tell(run, title=title, **given)
    return run


def tell(run: Run, **given: Any) -> None:
    """Write its status."""
    defaults = {"attempt": 1, "host": socket.gethostname(), "device": "cpu-0", "started_at": time.time() - 100}
    write_json(run.status_file, to_json(Status(**{**defaults, **given})))


def done(workspace: Workspace, title: str = "a good one", **given: Any) -> Run:
    """A run that is done, with curves, readings, a log and files."""
    metrics = {"accuracy": 0.75}
    run = made(workspace, title, state="done", ended_at=time.time(), exit_code=0, metrics=metrics, **given)
    say(run, Phase("learn"), *(Progress(n, 50, "steps") for n in range(51)))
    say(run, *(Metric("train.loss", 1 / n, n) for n in range(1, 51)), Host(90.0, 1 << 28, 1 << 30, 1 << 33))
    run.log.write_text("".join(f"step {n}: fine\n" for n in range(200)))
    (run.artifacts / "result.json").write_text('{"accuracy": 0.75}')
    (run.artifacts / "path.csv").write_text("step,x\n" + "".join(f"{n},{n / 7:.3f}\n" for n in range(30)))
    names = ("result.json", "path.csv")
    files = [{"name": name, "about": "made by a test", "size_bytes": (run.artifacts / name).stat().st_size,
              "sha256": sha256(run.artifacts / name)} for name in names]  # fmt: skip
    tell(run, title=title, state="done", ended_at=time.time(), exit_code=0, metrics=metrics,
         artifacts=tuple(files), **given)  # fmt: skip
    return run


def failed(workspace: Workspace, title: str = "a bad one") -> Run:
    """A run that failed with a reason and a hint."""
    error, hint = "labels.csv: no column 'subject'", "add it, or set leave_out: none"
    run = made(workspace, title, state="failed", ended_at=time.time(), exit_code=1, error=error, hint=hint)
    run.log.write_text("== load\nDataError: no column\n")
    return run


class Moving:
    """A run that counts as running, since this process holds its lock as its supervisor would."""

    def __init__(self, workspace: Workspace, title: str = "a live one", *, job: str = "toy") -> None:
        self.run = made(workspace, title, job=job)
        self.done = 0
        self._lock = os.open(self.run.lock, os.O_RDWR)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.tell()
        self.say(Phase("learn"))

    def say(self, *events: Event) -> None:
        say(self.run, *events)

    def step(self, lines: int = 1) -> None:
        """Some progress, a point of a curve, and lines in the log."""
        self.done += 1
        self.say(Progress(self.done, 50, "steps"), Metric("loss", 1 / self.done, self.done))
        with self.run.log.open("a") as log:
            log.writelines(f"step {self.done}.{n}\n" for n in range(lines))

    def tell(self, **given: Any) -> None:
        now = time.time()
        progress = {"phase": "learn", "done": self.done, "total": 50, "unit": "steps", "phase_started_at": now - 10}
        tell(self.run, **{"state": "running", "title": "a live one", "heartbeat_at": now, **progress, **given})

    def end(self) -> None:
        os.close(self._lock)


def say(run: Run, *events: Event) -> None:
    """Append events, as the recorder does."""
    with run.events.open("ab") as file:
        file.writelines(to_line(event) for event in events)


def shown(app: FootplateApp) -> list[str]:
    """The lines of the screen as they are."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def words(app: FootplateApp) -> str:
    return "\n".join(shown(app))


async def until(pilot: Pilot[Any], condition: Callable[[], object], what: str = "") -> None:
    """Wait for a condition, and for what follows from it."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert pilot.app._exception is None, pilot.app._exception
        assert time.monotonic() < end, f"waited in vain: {what}\n{words(pilot.app)}"  # type: ignore[arg-type]
        await pilot.pause(0.01)
    await pilot.pause()


async def sees(pilot: Pilot[Any], *texts: str) -> None:
    """Wait until all these stand on the screen."""
    for text in texts:
        await until(pilot, lambda text=text: text in words(pilot.app), f"to see {text!r}")  # type: ignore[arg-type, misc]


def opened(workspace: Workspace, run: Run | None = None) -> FootplateApp:
    """The app over a workspace."""
    return FootplateApp(Path(workspace.root), run.id if run else None)
