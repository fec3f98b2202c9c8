"""Start a run on this machine, in a session of its own: it survives the caller, its terminal and its connection."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine import code, references, registry
from engine.config import dump, parse
from engine.errors import RunError
from engine.run import Run, create, reserve
from engine.specs.common import Spec
from engine.workspace import Workspace

WAIT_S = 20.0


def submit(workspace: Workspace, job: str, text: str, source: str, overrides: Sequence[str] = ()) -> Run:
    """Check what is asked, make the run's folder with the code frozen beside it, and start it."""
    workspace.must_be_writable()
    spec = parse(registry.job(job).spec_class(), text, source, overrides)
    return _submit(workspace, job, spec, {"source": source, "overrides": list(overrides)})


def retry(workspace: Workspace, run: Run) -> Run:
    """A new run of the same spec with today's code; the old one is its parent."""
    _must_be_whole(run)
    workspace.must_be_writable()
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
    if run.folder.parent != workspace.runs:
        raise RunError(f"{run.id} is archived", hint=f"footplate archive --undo {run.id} first")
    _must_be_whole(run)
    workspace.must_be_writable()
    run.stop.unlink(missing_ok=True)
    start(workspace, run)
    return run


def _must_be_whole(run: Run) -> None:
    if not run.spec.is_file():  # its launcher was killed while it made the folder
        raise RunError(
            f"{run.id} has no {run.spec.name}, nobody knows what was asked", hint="footplate run starts anew"
        )


def start(workspace: Workspace, run: Run) -> None:
    """Start the supervisor of a run and return when it holds the run's lock."""
    reserve(run)
    frozen, attempt = code.frozen(workspace, run.record()), run.status().attempt + 1
    with run.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine", "exec", str(run.folder)],
            cwd=workspace.root,
            env={**os.environ, "PYTHONPATH": _path(frozen or code.HERE), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,  # a file and never a pipe, which would end the run with its reader
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(run, process, attempt)
    except KeyboardInterrupt:  # whoever leaves now has not seen the run's id
        run.stop.touch()
        raise


def _path(code_folder: Path) -> str:
    return os.pathsep.join(filter(None, [str(code_folder), os.environ.get("PYTHONPATH")]))


def _submit(workspace: Workspace, job: str, spec: Spec, asked: dict[str, Any], parents: Iterable[str] = ()) -> Run:
    spec, made_from = _pinned(workspace, spec)
    record = {
        "title": spec.title,
        "tags": list(spec.tags),
        "user": _user(),
        "host": socket.gethostname(),
        "code": code.freeze(workspace),
        **asked,
    }
    run = create(workspace, job, dump(spec), record=record, parents=dict.fromkeys([*parents, *made_from]))
    start(workspace, run)
    return run


def _pinned(workspace: Workspace, spec: Spec) -> tuple[Spec, list[str]]:
    """The spec with every run that it refers to named in full, and the ids of these."""
    own = spec.model_dump(mode="json", exclude=set(Spec.model_fields))  # a title may look like a reference
    named = references.pinned(workspace, own)
    if named == own:
        return spec, references.parents(own)
    return type(spec).model_validate({**spec.model_dump(mode="json"), **named}), references.parents(named)


def _user() -> str:
    with suppress(KeyError, OSError):  # in a container nobody may have written our number into its list
        return getpass.getuser()
    return str(os.getuid())


def _wait(run: Run, process: subprocess.Popen[bytes], attempt: int) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if run.status().attempt >= attempt:
            return
        if process.poll() is not None and run.status().attempt < attempt:
            raise RunError(f"{run.id} could not be started", hint=f"{run.log} tells why")
        time.sleep(0.02)
    raise RunError(f"{run.id} did not start within {WAIT_S:.0f} s", hint=f"{run.log} may tell why")
