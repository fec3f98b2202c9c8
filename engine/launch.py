"""Start a run, here or on a machine; its supervisor or shepherd has a session of its own, and survives the caller, its
terminal and its connection."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import code, references, registry, takeback
from engine.config import dump, parse
from engine.errors import AskError, RunError
from engine.files import write_json
from engine.remote import following, memory
from engine.remote.wish import Wish, checked, of_json
from engine.run import BEGINS, Run, alone, create, reserve
from engine.specs.common import Spec
from engine.status import to_json
from engine.workspace import Workspace

WAIT_S = 20.0


def submit(
    workspace: Workspace, job: str, text: str, source: str, overrides: Sequence[str] = (), machine: Wish | None = None
) -> Run:
    """Check what is asked, make the run's folder with the code frozen beside it, and start it, here or on a machine."""
    workspace.must_be_writable()
    spec = parse(registry.job(job).spec_class(), text, source, overrides)
    return _submit(workspace, job, spec, {"source": source, "overrides": list(overrides)}, machine=machine)


def retry(workspace: Workspace, run: Run, machine: Wish | None = None) -> Run:
    """A new run of the same spec with today's code, where the old one was unless a machine is named."""
    _must_be_whole(run)
    workspace.must_be_writable()
    spec = parse(registry.job(run.job).spec_class(), run.spec_text(), str(run.spec))
    machine = machine or of_json(run.record().get("machine"))
    return _submit(workspace, run.job, spec, {"source": f"retry of {run.id}"}, parents=[run.id], machine=machine)


def child(workspace: Workspace, job: str, spec: Spec, parent: Run) -> Run:
    """A run that another one, which is at work, makes as a part of itself."""
    return _submit(workspace, job, spec, {"source": f"a part of {parent.id}"}, parents=[parent.id])


def resume(
    workspace: Workspace, run: Run, machine: Wish | None = None, say: Callable[[str], None] = lambda words: None
) -> Run:
    """Go on with a run that ended before it was done, in its folder and with its code; on a machine, if one is named.

    A run of a machine goes on there, unless another one is named. One whose checkpoints are not here takes them from
    the bucket that its spec names for them.
    """
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
    elsewhere = machine or (memory.recall(run).wish if status.machine else None)
    if elsewhere:
        _can_be(workspace, checked(elsewhere))
        if run.record().get("code", {}).get("diff_sha256") and not elsewhere.uncommitted:
            raise _not_committed(f"the code of {run.id}")
        _move(workspace, run, elsewhere)
    else:
        takeback.if_missing(run, say)
    run.stop.unlink(missing_ok=True)
    start(workspace, run)
    return run


def _move(workspace: Workspace, run: Run, wish: Wish) -> None:
    """A further attempt is wanted, on this machine; the shepherd sees to it."""
    with alone(run):
        status = run.status()
        memory.ask_again(run, wish, status.attempt + 1)
        write_json(run.status_file, to_json(replace(status, machine=wish.name, link=BEGINS, state="pending")))


def _must_be_whole(run: Run) -> None:
    if not run.spec.is_file():  # its launcher was killed while it made the folder
        raise RunError(
            f"{run.id} has no {run.spec.name}, nobody knows what was asked", hint="footplate run starts anew"
        )


def start(workspace: Workspace, run: Run) -> None:
    """Start the supervisor of a run, or its shepherd, and return when it holds the run's lock."""
    if run.status().machine:
        following.start(workspace, run)
        return
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


def _submit(
    workspace: Workspace, job: str, spec: Spec, asked: dict[str, Any], parents: Iterable[str] = (),
    machine: Wish | None = None,
) -> Run:  # fmt: skip
    spec, made_from = _pinned(workspace, spec)
    frozen = code.freeze(workspace)
    record = {
        "title": spec.title,
        "tags": list(spec.tags),
        "user": _user(),
        "host": socket.gethostname(),
        "code": frozen.record,
        **asked,
        **(_for_machine(workspace, checked(machine)) if machine else {}),
    }
    kept = {code.PATCH: frozen.patch} if frozen.patch else {}
    run = create(workspace, job, dump(spec), record=record, parents=dict.fromkeys([*parents, *made_from]), kept=kept)
    start(workspace, run)
    return run


def _for_machine(workspace: Workspace, wish: Wish) -> dict[str, Any]:
    """What `run.json` says of a machine; AskError where the code may not go there as it is, or the wish cannot be."""
    _can_be(workspace, wish)
    changed = [] if wish.uncommitted else code.uncommitted()
    if changed:
        some = f"{', '.join(changed[:3])}{f' and {len(changed) - 3} more' if len(changed) > 3 else ''}"
        raise _not_committed(some)
    return {"machine": wish.to_json()}


def _not_committed(what: str) -> AskError:
    hint = "commit, so that it is known what ran there; or --uncommitted, which records the difference"
    return AskError(f"no commit holds {what} as it is now", hint=hint)


def _can_be(workspace: Workspace, wish: Wish) -> None:
    from engine import machines  # its settings are for those who need machines

    known = machines.settings(workspace)
    if wish.kind and wish.kind not in known.kinds:
        hint = f"kinds in configs/machines.yaml: {', '.join(known.kinds) or 'none'}"
        raise AskError(f"--kind {wish.kind!r}: there is none of this name", hint=hint)
    if wish.kind and wish.name in known.hosts:
        raise AskError(f"--kind {wish.kind}: {wish.name} is one of hosts: and nobody makes it", hint="leave --kind out")
    if wish.name in known.hosts and (wish.then != "keep" or wish.keep_alive):
        word = f"--then {wish.then}" if wish.then != "keep" else "--keep-alive"
        hint = "it is one of hosts: in configs/machines.yaml; rented machines can be started and stopped"
        raise AskError(f"{word}: {wish.name} is nobody's to start or stop", hint=hint)


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
