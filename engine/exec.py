"""The supervisor of a run: a small process in a session of its own that waits for a device, starts the job's process,
keeps `status.json`, and says in the end how it ended, whatever that was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from engine import host, parents, registry, slots
from engine.board import Board, tell
from engine.config import parse
from engine.errors import FootplateError, RunError
from engine.files import read_json, write_json
from engine.locks import LOCK_S, hold
from engine.record import failure
from engine.run import Run
from engine.specs.common import Spec
from engine.stamps import Stamper
from engine.workspace import Workspace

TICK_S = 0.1
LENDER = "FOOTPLATE_LENDER"  # the process whose device we use: our parent, as long as it lives


class Supervisor:
    """One attempt at a run, from the wait for a device to the last word in its status."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.board = Board(run)
        self.stamper = Stamper(run.log, run.log_times)
        self.signalled = ""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def attempt(self) -> int:
        """Do it; the exit code of the job."""
        self.board.begin()
        tell(f"── attempt {self.board.status.attempt} ──")
        try:
            spec = parse(registry.job(self.run.job).spec_class(), self.run.spec_text(), "spec.yaml")
            needed = parents.of(spec, Workspace(self.run.folder.parent.parent))
            parents.wait(needed, stopping=self._leaves, waiting=self.board.wait)
            with slots.take(self.run.id, self._fit(spec), stopping=self._leaves, waiting=self.board.wait) as slot:
                code = self._work(spec, slot)
        except Exception as error:  # noqa: BLE001 (whatever ends a run must be said in it)
            return self._give_up(error)
        return self._conclude(code, spec)

    def stopping(self) -> bool:
        """Whether a person or a signal asked for an end, or the device is no longer lent to us."""
        return bool(self.signalled) or self.run.stop.exists() or _deserted()

    def _leaves(self) -> bool:
        """Whether to leave the queue; asked again and again while in it, which keeps the heartbeat going."""
        self.board.tick()
        self.stamper.tick()
        return self.stopping()

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
        with self._saving(spec.compute.checkpoints):
            try:
                self.board.start(job.pid, slot.name)
                self._watch(job)
            finally:
                if job.poll() is None:  # we cannot go on, and nothing may go on writing for nobody
                    job.kill()
                job.wait()
                self.stamper.tick(last=True)
        return job.returncode

    def _saving(self, bucket: str | None) -> AbstractContextManager[None]:
        """What saves checkpoints meanwhile, where a bucket is named for them."""
        if bucket is None:
            return nullcontext()
        from engine import checkpointing  # few runs ask for it

        return checkpointing.kept(self.run.folder, bucket)

    def _watch(self, job: subprocess.Popen[bytes]) -> None:
        asked = False
        while job.poll() is None:
            self.board.tick()
            self.stamper.tick()
            if self.stopping() and not asked:
                job.send_signal(signal.SIGTERM)
                asked = True
            if asked and read_json(self.run.stop).get("now"):
                job.kill()
            time.sleep(TICK_S)

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

    def _give_up(self, error: Exception) -> int:
        words = failure(error)
        tell(f"{words.error}: {error}" if isinstance(error, FootplateError) else traceback.format_exc())
        code = error.exit_code if isinstance(error, FootplateError) else 1
        self.board.conclude(code, error=words.message, hint=words.hint, reason=self._reason())
        return code

    def _reason(self) -> str:
        """Why it was asked to stop; empty where nobody did."""
        if _deserted():
            return "the run whose device it used has died"
        return str(read_json(self.run.stop).get("reason") or "asked") if self.stopping() else ""


def _deserted() -> bool:
    """Whether the run that lent us its device has died, so that another one may be given it."""
    return str(os.getppid()) != os.environ.get(LENDER, str(os.getppid()))


def main(folder: Path) -> int:
    """Supervise the run in a folder; RunError where somebody else does so already, or did."""
    run = Run(folder.resolve())
    if hold(run.lock, LOCK_S) is None:
        raise RunError(f"{run.id} is running already")
    if read_json(run.status_file).get("state") == "done":  # by another who was asked to resume it just before
        raise RunError(f"{run.id} is done already")
    return Supervisor(run).attempt()
