"""What a supervisor keeps of its run: events folded into one status, written whole whenever it has changed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from engine import events, host
from engine.criteria import judge
from engine.errors import RunError
from engine.files import disk_is_full, read_json, sweep, write_json
from engine.run import Run
from engine.status import from_json, to_json

HEARTBEAT_S = 2.0
REFRESH_S = 0.5


class Board:
    """The status of a run, and the only writer of `status.json`."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.status = from_json(read_json(run.status_file))
        self.failure: events.Failure | None = None
        self._offset = 0
        self._written = 0.0  # on a clock that no one sets back
        self._changed = True

    def begin(self) -> None:
        """A new attempt: nothing of the last one is left but what it made and measured."""
        pid, title = os.getpid(), self.run.record().get("title")
        sweep(self.run.folder, self.run.status_file.name)
        self._fold()
        self.failure = None
        self._set(
            state="pending", attempt=self.status.attempt + 1, pid=pid, pid_started=host.started(pid), job_pid=None,
            host=socket.gethostname(), boot_id=host.boot_id(), started_at=None, ended_at=None, exit_code=None,
            signal="", error="", hint="", criteria=(), phase="", done=0, total=0, done_before=0, detail="", device="",
            waiting_for="", title=title if isinstance(title, str) else self.status.title,
        )  # fmt: skip
        self.write()

    def wait(self, words: str) -> None:
        """The run waits for a device, or for another run."""
        tell(f"waiting for {words}")
        self._set(waiting_for=words)
        self.write()

    def start(self, job_pid: int, device: str) -> None:
        """The job's process is there."""
        self._set(state="running", waiting_for="", job_pid=job_pid, device=device, started_at=time.time())
        self.write()

    def tick(self) -> None:
        """Fold in what the job said; write where that changed something, or the next heartbeat is due.

        Raises:
            RunError: somebody moved or deleted the run.
        """
        if not self.run.exists():
            raise RunError(f"{self.run.id}: the run's folder is gone", hint="somebody moved or deleted it")
        self._fold()
        age = time.monotonic() - self._written
        if age >= HEARTBEAT_S or (self._changed and age >= REFRESH_S):
            self.write()

    def conclude(
        self, code: int, *, error: str = "", hint: str = "", reason: str = "", success: Mapping[str, str] | None = None
    ) -> None:
        """How it ended, in one word and one sentence."""
        if not self.run.exists():  # what its job wrote since somebody took it away would look like a run
            shutil.rmtree(self.run.folder, ignore_errors=True)
            return
        self.run.reserve.unlink(missing_ok=True)
        self._fold()
        state, said, what_to_do = self._verdict(code, reason)
        measured = {**self.status.latest, **self.status.metrics}
        self._set(
            state=state, ended_at=time.time(), waiting_for="", error=error or said, hint=hint or what_to_do,
            exit_code=_exit_code(code, state), signal=_signal(-code) if code < 0 else "",
            criteria=tuple(judge(success or {}, measured)) if state == "done" else (),
        )  # fmt: skip
        self.write()

    def _verdict(self, code: int, reason: str) -> tuple[str, str, str]:
        if code == 0 and self.status.artifacts:
            return "done", "", ""
        if code == 3:
            return _asked(reason), "", f"footplate resume {self.run.id} goes on"
        if code < 0:
            return self._killed(_signal(-code), reason)
        if self.failure:
            return "failed", self.failure.message, self.failure.hint
        return "failed", f"the job ended with exit code {code} and without a word", "the log may tell more"

    def _killed(self, name: str, reason: str) -> tuple[str, str, str]:
        if reason:
            return _asked(reason), f"ended by {name}, as asked", f"footplate resume {self.run.id} goes on"
        memory = " (often: the machine ran out of memory)" if name == "SIGKILL" else ""
        return "failed", f"the job's process was ended by {name}{memory}", f"footplate resume {self.run.id} goes on"

    def _fold(self) -> None:
        while True:
            found, offset = events.read(self.run.events, self._offset)
            if offset == self._offset:
                return
            self._offset = offset
            for event in found:
                self._take(event)

    def _take(self, event: events.Event) -> None:
        status = self.status
        match event:
            case events.Phase(name=name):
                self._set(phase=name, done=0, total=0, unit="", detail="", phase_started_at=event.at, done_before=0)
            case events.Progress(done=done, total=total, unit=unit, detail=detail):
                if status.attempt > 1 and not (status.done or status.total):
                    self._set(done_before=done, phase_started_at=event.at)
                self._set(done=done, total=total, unit=unit, detail=detail)
            case events.Metric(name=name, value=value, step=None):
                self._set(metrics={**status.metrics, name: value})
            case events.Metric(name=name, value=value):
                self._set(latest={**status.latest, name: value})
            case events.Flag(name=name, text=text):
                line = f"{name}: {text}"
                self._set(flags=(*(flag for flag in status.flags if flag != line), line))
            case events.Finding(name=name, text=text):
                self._set(findings={**status.findings, name: text})
            case events.Artifact(name=name):
                entry = {"name": name, "about": event.about, "size_bytes": event.size_bytes, "sha256": event.sha256}
                self._set(artifacts=(*(other for other in status.artifacts if other["name"] != name), entry))
            case events.Failure():
                self.failure = event

    def _set(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)
        self._changed = True

    def write(self) -> None:
        """Write it all, with the time: the heartbeat."""
        self.status = replace(self.status, heartbeat_at=time.time())
        try:
            write_json(self.run.status_file, to_json(self.status))
        except OSError as error:
            if not disk_is_full(error):  # then an old status stands until there is room; the job fails by itself
                raise
        self._written, self._changed = time.monotonic(), False


def tell(words: str) -> None:
    """A line for the log, which a full disk does not take."""
    with suppress(OSError):
        print(words, flush=True)


def _asked(reason: str) -> str:
    """The state of a run that was asked to end."""
    return "preempted" if reason == "preempted" else "stopped"


def _signal(number: int) -> str:
    known = {known.value: known.name for known in signal.Signals}
    return known.get(number, f"signal {number}")


def _exit_code(code: int, state: str) -> int:
    if state in ("stopped", "preempted"):
        return 3
    if code < 0:
        return 128 - code
    return 1 if state == "failed" and code == 0 else code
