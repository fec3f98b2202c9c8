"""The supervisor of a run: a small process in a session of its own that waits for a device, starts the job's process,
keeps `status.json`, and says in the end how it ended, whatever that was."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from engine import host, registry, slots
from engine.board import Board
from engine.config import parse
from engine.errors import FootplateError, RunError
from engine.files import read_json, write_json
from engine.run import Run
from engine.specs.common import Spec

TICK_S = 0.1
LOCK_S = 1.0


class Supervisor:
    """One attempt at a run, from the wait for a device to the last word in its status."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.board = Board(run)
        self.signalled = ""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def attempt(self) -> int:
        """Do it; the exit code of the job."""
        self.board.begin()
        print(f"── attempt {self.board.status.attempt} ──", flush=True)
        try:
            spec = parse(registry.job(self.run.job).spec_class(), self.run.spec_text(), "spec.yaml")
            with slots.take(self.run.id, self._fit(spec), stopping=self.stopping, waiting=self.board.wait) as slot:
                code = self._work(spec, slot)
        except FootplateError as error:
            print(f"{type(error).__name__}: {error}", flush=True)
            self.board.conclude(error.exit_code, error=error.message, hint=error.hint, reason=self._reason())
            return error.exit_code
        return self._conclude(code, spec)

    def stopping(self) -> bool:
        """Whether a person or a signal asked for an end."""
        return bool(self.signalled) or self.run.stop.exists()

    def _on_signal(self, number: int, _frame: object) -> None:
        self.signalled = signal.Signals(number).name

    def _fit(self, spec: Spec) -> list[str]:
        gpus = host.visible_gpus()
        wanted = spec.compute.device
        if wanted == "auto":
            wanted = "cuda" if gpus and registry.job(self.run.job).gpu else "cpu"
        return slots.fitting(wanted, slots.devices(gpus))

    def _work(self, spec: Spec, slot: slots.Slot) -> int:
        self._environment(spec, slot)
        job = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine", "work", str(self.run.folder.parent.parent), self.run.id],
            env={**os.environ, **self._variables(spec, slot)},
            stdin=subprocess.DEVNULL,
        )
        self.board.start(job.pid, slot.name)
        asked = False
        while job.poll() is None:
            self.board.tick()
            if self.stopping() and not asked:
                job.send_signal(signal.SIGTERM)
                asked = True
            if asked and read_json(self.run.stop).get("now"):
                job.kill()
            time.sleep(TICK_S)
        return job.returncode

    def _variables(self, spec: Spec, slot: slots.Slot) -> dict[str, str]:
        threads = str(spec.compute.threads)
        return {
            **slot.environment,
            "FOOTPLATE_SUPERVISOR": str(os.getpid()),
            "FOOTPLATE_ATTEMPT": str(self.board.status.attempt),
            "FOOTPLATE_DEVICE": slot.device,
            # Threads alone move the first losses by 2e-4, so they are part of what is asked and not of the machine.
            **{f"{name}_NUM_THREADS": threads for name in ("OMP", "MKL", "OPENBLAS")},
            "PYTHONHASHSEED": "0",
            "PYTHONUNBUFFERED": "1",
        }

    def _environment(self, spec: Spec, slot: slots.Slot) -> None:
        write_json(self.run.folder / "environment.json", host.environment(spec.compute.threads, slot.name))

    def _conclude(self, code: int, spec: Spec) -> int:
        self.board.conclude(code, reason=self._reason(), success=spec.success)
        if self.board.status.state == "done":
            shutil.rmtree(self.run.folder / "work", ignore_errors=True)
        return self.board.status.exit_code or 0

    def _reason(self) -> str:
        return str(read_json(self.run.stop).get("reason", ""))


def main(folder: Path) -> int:
    """Supervise the run in a folder; RunError where somebody else does so already."""
    run = Run(folder.resolve())
    lock = os.open(run.lock, os.O_CREAT | os.O_RDWR, 0o644)
    if not _locked(lock):
        raise RunError(f"{run.id} is running already")
    return Supervisor(run).attempt()


def _locked(lock: int) -> bool:
    # A reader holds the lock for microseconds while it looks whether we live: one refusal proves nothing.
    end = time.monotonic() + LOCK_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        else:
            return True
