"""The process of a job: load the spec, run the job's function, end with an exit code that tells how it went."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from engine import registry
from engine.config import parse
from engine.errors import FootplateError
from engine.record import Recorder
from engine.run import Run
from engine.workspace import Workspace

PR_SET_PDEATHSIG = 1


def main(workspace: Path, run_id: str) -> int:
    """Do the job of a run whose supervisor is our parent."""
    die_with(int(os.environ["FOOTPLATE_SUPERVISOR"]))
    run = Run(workspace / "runs" / run_id)
    out = Recorder(
        Workspace(workspace),
        run,
        attempt=int(os.environ["FOOTPLATE_ATTEMPT"]),
        device=os.environ["FOOTPLATE_DEVICE"],
    )
    try:
        return _do(run, out)
    finally:
        deafen()
        out.close()


def _do(run: Run, out: Recorder) -> int:
    try:
        out.open()
        job = registry.job(run.job)
        spec = parse(job.spec_class(), run.spec_text(), "spec.yaml")
        job.function()(spec, out)
        out.conclude()
    except FootplateError as error:
        return _fail(out, error, f"{type(error).__name__}: {error}\n")
    except BaseException as error:  # noqa: BLE001 (whatever ends a job must be said in its run)
        return _fail(out, error, traceback.format_exc())
    return 0


def _fail(out: Recorder, error: BaseException, story: str) -> int:
    code = out.fail(error)  # before the log: on a full disk this makes room for the last words
    with suppress(OSError):
        print(story, end="", file=sys.stderr, flush=True)
    return code


def deafen() -> None:
    """From here on a request to stop comes too late; at its exit Python would let the signal end this process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def die_with(parent: int) -> None:
    """Ask the kernel to end this process with its parent, so that nothing goes on writing for nobody."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)
