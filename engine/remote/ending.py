"""The end of a run that was elsewhere: everything is here, and its machine is kept, stopped or deleted."""

from __future__ import annotations

import time
from contextlib import suppress

from engine.errors import FootplateError
from engine.remote import memory, there
from engine.remote.errand import Errand
from engine.run import Run, listing
from vmops import ssh
from vmops.errors import Conflict, DiskFull, NoCredentials, OutsideError, Unavailable

PATIENCE_S = 3600.0  # for what passes when somebody logs in, or makes room
PASSING = (Unavailable, NoCredentials, Conflict, DiskFull)
NOT_PUBLISHED = "not_published"
AGAIN = "again"  # it is not known yet what to do
LINKS = {"stop": "stopping the machine", "delete": "deleting the machine"}


def end(errand: Errand) -> None:
    """Do with the machine what was wished, however often it takes; then nothing is left to do."""
    errand.pauses.reset()
    since = time.monotonic()
    while not _done(errand, patient=time.monotonic() - since < PATIENCE_S):
        errand.pauses.sleep(errand.pauses.next())
    errand.place.close()
    errand.standing.link("")


def _done(errand: Errand, *, patient: bool) -> bool:
    """Whether no further try is worth while."""
    then, name = _then(errand, patient=patient), errand.place.name
    if then == "keep":
        return True
    if then == AGAIN:
        return False
    errand.standing.link(LINKS[then])
    try:
        _leave(errand)
        errand.place.end(then, errand.say)
    except OutsideError as error:
        if isinstance(error, Unavailable) or (patient and isinstance(error, PASSING)):
            errand.standing.link(f"{name} goes on: {error.message}", f"{error.hint}; or footplate vm {then} {name}")
            return False
        errand.say(f"{name} could not be asked to {then}: {error.message}; {error.hint}")
        errand.standing.add_flag(f"machine_goes_on: {name}: {error.message}; {error.hint}")
    return True


def _then(errand: Errand, *, patient: bool) -> str:
    """What becomes of the machine; it stays while others work there, and nothing is deleted that is not here."""
    then, name = errand.memory.wish.then, errand.place.name
    if then == "keep" or not errand.place.rented or _is_another(errand):
        return "keep"
    others = _others(errand)
    if others is None and patient:
        return AGAIN
    if others:
        errand.say(f"{name} goes on for {', '.join(others)}")
        return "keep"
    if then == "delete" and (why := _not_to_be_deleted(errand, known=others is not None)):
        errand.say(f"{name} is stopped and not deleted: {why}")
        return "stop"
    return then


def _is_another(errand: Errand) -> bool:
    """Whether the machine is of another kind than was asked for, so that the run was never let near it."""
    wanted = errand.memory.wish.kind
    with suppress(OutsideError):
        return bool(wanted) and errand.place.facts().get("kind") != wanted
    return False


def _not_to_be_deleted(errand: Errand, *, known: bool) -> str:
    """Why the disk of a machine may still be needed; empty where all of it is here."""
    status = errand.standing.status
    if status.state != "done":
        return "the run is not done, and may go on there"
    if any(flag.startswith(NOT_PUBLISHED) for flag in status.flags):
        return "what the run made is not in the workspace here"
    return "" if known else "it does not answer, and others may have something there"


def _others(errand: Errand) -> list[str] | None:
    """Runs that are about this machine: of this workspace, and those at work there; None while it does not answer."""
    name = errand.place.name
    ours = {run.id for run in listing(errand.workspace) if run.id != errand.run.id and _is_on(run, name)}
    try:
        far = there.of_run(errand.workspace, errand.run, errand.place.host())
        return sorted(ours | {*far.look()["others"]})
    except PASSING as error:
        hint = f"{error.hint}; or footplate vm {errand.memory.wish.then} {name}"
        errand.standing.link(f"{name} goes on: who else works there is not known: {error.message}", hint)
        return sorted(ours) or None
    except (OutsideError, FootplateError) as error:  # it is down, or cannot be asked
        errand.say(f"who else works on {name} is not known: {error}")
        return sorted(ours)


def _is_on(run: Run, name: str) -> bool:
    status = run.status()
    return status.machine == name and status.active and memory.recall(run).wish.name == name


def _leave(errand: Errand) -> None:
    """End the shared connection, which would hang when the machine goes."""
    try:
        ssh.disconnect(errand.place.host())
    except (OutsideError, FootplateError) as error:  # there may be none to end
        errand.say(f"disconnecting: {error}")
