"""The writer's side of a run, held only by the process of its job: events, artifacts, the stop request."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import references
from engine.errors import DataError, FootplateError, Stopped
from engine.events import Artifact, Event, Failure, Finding, Flag, Metric, Note, Phase, Progress, to_line
from engine.files import disk_is_full, sha256, sweep, write_json
from engine.host import Sampler
from engine.run import RESERVE, Run
from engine.workspace import Workspace

SAMPLE_S = 2.0
PROGRESS_S = 0.1


@dataclass(frozen=True)
class Promise:
    """An artifact that the job said it would make."""

    path: Path
    about: str


class Recorder:
    """What a job is handed: it says what happens, asks where to write, and learns that it should stop."""

    def __init__(self, workspace: Workspace, run: Run, *, attempt: int, device: str) -> None:
        self.workspace, self.folder, self.attempt, self.device = workspace, run.folder, attempt, device
        self.work = run.folder / "work"
        self._run = run
        self._promised: dict[str, Promise] = {}
        self._made: set[str] = set()
        self._signalled = False
        self._closed = threading.Event()
        self._writing = threading.RLock()
        self._last_progress = 0.0
        self._reserve = self.work / ".reserve"  # beside the supervisor's own
        self.work.mkdir(exist_ok=True)
        self._file = _open(run.events)

    # --- what a job says -----------------------------------------------------------------------------------------

    def phase(self, name: str) -> None:
        """A new part begins; progress starts again at 0."""
        print(f"== {name}", flush=True)
        self.say(Phase(name))

    def progress(self, done: int, total: int = 0, unit: str = "", detail: str = "") -> None:
        """`done` of `total` in this phase; may be called as often as one likes."""
        done, total = int(done), int(total)  # numpy's own whole numbers are none for JSON
        now = time.monotonic()
        if now - self._last_progress >= PROGRESS_S or done == total:
            self._last_progress = now
            self.say(Progress(done, total, unit, detail))

    def metric(self, name: str, value: float, step: int | None = None) -> None:
        """A point of a curve, or without a step a result, which criteria are held against."""
        self.say(Metric(name, float(value), None if step is None else int(step)))

    def note(self, text: str, level: str = "info") -> None:
        """Something worth reading; it stands in the log as well."""
        print(text if level == "info" else f"{level}: {text}", flush=True)
        self.say(Note(text, level))

    def flag(self, name: str, text: str) -> None:
        """A red flag about the science."""
        print(f"flag: {name}: {text}", flush=True)
        self.say(Flag(name, text))

    def finding(self, name: str, text: str) -> None:
        """A sentence of the result for whoever looks at the run; a later one of the same name takes its place."""
        print(f"{name}: {text}", flush=True)
        self.say(Finding(name, text))

    def artifact(self, name: str, about: str) -> Path:
        """Where to write an artifact; it must be there when the job returns, and is hashed then."""
        path = self._run.artifacts / name
        if not path.resolve().is_relative_to(self._run.artifacts.resolve()):
            raise ValueError(f"artifact {name!r} would lie outside its run")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._promised[name] = Promise(path, about)
        self._made.discard(name)
        return path

    def write_json(self, name: str, value: Any, about: str) -> None:
        """An artifact in JSON."""
        write_json(self.artifact(name, about), value)
        self._settle(name)

    def resolve(self, reference: str) -> Path:
        """The file of a path, of `run:ID/NAME` or of `package:NAME/FILE`."""
        return references.resolve(self.workspace, reference)

    # --- what a job is told --------------------------------------------------------------------------------------

    @property
    def stopping(self) -> bool:
        """Whether somebody asked this run to stop."""
        return self._signalled or self._run.stop.exists()

    def checkpoint(self) -> None:
        """To be called when everything so far is saved: the place where a run stops."""
        if self.stopping:
            raise Stopped("stopped as asked", hint=f"footplate resume {self._run.id} goes on from here")

    # --- the process around it -----------------------------------------------------------------------------------

    def open(self) -> None:
        """Take the signals, keep some disk for the last words, and watch processor, memory and GPU."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        sweep(self.work)
        sweep(self._run.artifacts)
        self._reserve.write_bytes(RESERVE)
        threading.Thread(target=self._watch, name="sampler", daemon=True).start()

    def _on_signal(self, _number: int, _frame: object) -> None:
        # A plain value: an Event has a lock, which a second signal inside the first would wait for in vain.
        self._signalled = True

    def settle(self) -> list[str]:
        """Hash and announce what was promised and is there; the names of what is missing."""
        for name in [name for name in self._promised if name not in self._made]:
            if self._promised[name].path.is_file():
                self._settle(name)
        return [name for name in self._promised if name not in self._made]

    def conclude(self) -> None:
        """The job has returned: everything it promised must be there, and that must be something."""
        missing = self.settle()
        if missing:
            raise DataError(f"the job ended without making: {', '.join(missing)}")
        if not self._made:
            raise DataError("the job ended without making anything", hint="a job announces its results as artifacts")

    def fail(self, error: BaseException) -> int:
        """The last words of a job that did not succeed; the exit code."""
        self._reserve.unlink(missing_ok=True)
        words = failure(error)
        with suppress(OSError):  # then the exit code has to say it
            self.say(words)
            self.settle()
        return 3 if words.stopped else 1

    def close(self) -> None:
        self._reserve.unlink(missing_ok=True)
        with self._writing:
            self._closed.set()
            os.fsync(self._file)
            os.close(self._file)

    def say(self, event: Event) -> None:
        """Append one event, whole or not at all."""
        with self._writing:
            if not self._closed.is_set():
                _append(self._file, to_line(event))

    def _settle(self, name: str) -> None:
        promise = self._promised[name]
        self._made.add(name)
        self.say(Artifact(name, promise.about, promise.path.stat().st_size, sha256(promise.path)))

    def _watch(self) -> None:
        sampler = Sampler()
        while not self._closed.wait(SAMPLE_S):
            try:
                for event in sampler.sample():
                    self.say(event)
            except OSError:  # a full disk is the job's to report
                return


def _open(events: Path) -> int:
    """The event file, ours alone, with a line that a dead writer left half-written cut off."""
    file = os.open(events, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o644)
    fcntl.flock(file, fcntl.LOCK_EX)  # waits out a former writer that is dying
    data = events.read_bytes()
    os.ftruncate(file, data.rfind(b"\n") + 1)
    return file


def _append(file: int, line: bytes) -> None:
    size = os.fstat(file).st_size
    try:
        while line:
            line = line[os.write(file, line) :]
    except OSError:
        os.ftruncate(file, size)  # half a line would take the next one with it
        raise


def failure(error: BaseException) -> Failure:
    """Why something ended, in words."""
    if isinstance(error, Stopped):
        return Failure("Stopped", error.message, error.hint, stopped=True)
    if isinstance(error, FootplateError):
        return Failure(type(error).__name__, error.message, error.hint)
    if isinstance(error, OSError) and disk_is_full(error):
        where = error.filename or "the run's folder"
        return Failure("DiskFull", f"no space left on the disk of {where}", "make room, then resume the run")
    if isinstance(error, ModuleNotFoundError):
        return Failure(
            "ModuleNotFoundError", f"{error.name} is not installed", "jobs need: pip install 'footplate[engine]'"
        )
    if isinstance(error, MemoryError):
        return Failure("MemoryError", "out of memory", "fewer processes, or a smaller batch")
    return Failure(type(error).__name__, str(error) or type(error).__name__, "the log has the whole story")
