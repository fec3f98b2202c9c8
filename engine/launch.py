"""Start a run on this machine, in a session of its own: it survives the caller, its terminal and its connection."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from engine import code, references, registry
from engine.config import dump, parse
from engine.errors import RunError
from engine.run import Run, create
from engine.specs.common import Spec
from engine.workspace import Workspace

WAIT_S = 20.0


def submit(workspace: Workspace, job: str, text: str, source: str, overrides: Sequence[str] = ()) -> Run:
    """Check what is asked, make the run's folder with the code frozen beside it, and start it."""
    spec = parse(registry.job(job).spec_class(), text, source, overrides)
    return _submit(workspace, job, spec, {"source": source, "overrides": list(overrides)})


def retry(workspace: Workspace, run: Run) -> Run:
    """A new run of the same spec with today's code; the old one is its parent."""
    spec = parse(registry.job(run.job).spec_class(), run.spec_text(), str(run.spec))
    return _submit(workspace, run.job, spec, {"source": f"retry of {run.id}"}, parents=[run.id])


def resume(workspace: Workspace, run: Run) -> Run:
    """Go on with a run that ended before it was done, in its folder and with its code."""
    status = run.status()
    if status.active:
        raise RunError(f"{run.id} is {status.state}", hint=f"footplate log -f {run.id} follows it")
    if status.state == "done":
        raise RunError(
            f"{run.id} is done, there is nothing to go on with", hint=f"footplate retry {run.id} does it again"
        )
    run.stop.unlink(missing_ok=True)
    start(workspace, run)
    return run


def start(workspace: Workspace, run: Run) -> None:
    """Start the supervisor of a run and return when it holds the run's lock."""
    frozen, attempt = code.frozen(workspace, run.record()), run.status().attempt + 1
    with run.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine", "exec", str(run.folder)],
            cwd=workspace.root,
            env={**os.environ, "PYTHONPATH": str(frozen or code.HERE), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,  # a file and never a pipe, which would end the run with its reader
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait(run, process, attempt)


def _submit(workspace: Workspace, job: str, spec: Spec, asked: dict[str, Any], parents: Iterable[str] = ()) -> Run:
    record = {
        "title": spec.title,
        "tags": list(spec.tags),
        "user": getpass.getuser(),
        "host": socket.gethostname(),
        "code": code.freeze(workspace),
        **asked,
    }
    lineage = [*parents, *references.parents(spec.model_dump(mode="json"))]
    run = create(workspace, job, dump(spec), record=record, parents=dict.fromkeys(lineage))
    start(workspace, run)
    return run


def _wait(run: Run, process: subprocess.Popen[bytes], attempt: int) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if run.status().attempt >= attempt:
            return
        if process.poll() is not None and run.status().attempt < attempt:
            raise RunError(f"{run.id} could not be started", hint=f"{run.log} tells why")
        time.sleep(0.02)
    raise RunError(f"{run.id} did not start within {WAIT_S:.0f} s", hint=f"{run.log} may tell why")
