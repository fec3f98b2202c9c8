"""The end of a run that was elsewhere: everything is here, and its machine is kept, stopped or deleted."""

from __future__ import annotations

from engine.errors import FootplateError
from engine.remote import memory, there
from engine.remote.errand import Errand
from engine.run import Run, listing
from vmops import ssh
from vmops.errors import OutsideError, Unavailable

LINKS = {"stop": "stopping the machine", "delete": "deleting the machine"}


def end(errand: Errand) -> None:
    """Do with the machine what was wished, however often it takes; then nothing is left to do."""
    then = _then(errand)
    errand.pauses.reset()
    while then != "keep" and not _done(errand, then):
        errand.pauses.sleep(errand.pauses.next())
    errand.place.close()
    errand.standing.link("")


def _done(errand: Errand, then: str) -> bool:
    """Whether no further try is worth while."""
    name = errand.place.name
    errand.standing.link(LINKS[then])
    try:
        _leave(errand)
        errand.place.end(then, errand.say)
    except Unavailable as error:
        errand.standing.link(f"{name} goes on: {error.message}", f"{error.hint}; or footplate vm {then} {name}")
        return False
    except OutsideError as error:
        errand.say(f"{name} could not be asked to {then}: {error.message}; {error.hint}")
        errand.standing.add_flag(f"machine_goes_on: {name}: {error.message}; {error.hint}")
    return True


def _then(errand: Errand) -> str:
    """What becomes of the machine; it stays while others work there, and nothing is deleted that is not here."""
    then, name = errand.memory.wish.then, errand.place.name
    if then == "keep" or not errand.place.rented:
        return "keep"
    if others := _others(errand):
        errand.say(f"{name} goes on for {', '.join(others)}")
        return "keep"
    if then == "delete" and errand.standing.status.state != "done":
        errand.say(f"{name} is stopped and not deleted: the run is not done, and may go on there")
        return "stop"
    return then


def _others(errand: Errand) -> list[str]:
    """Runs that are about this machine: of this workspace, and those that are at work there."""
    name = errand.place.name
    ours = {run.id for run in listing(errand.workspace) if run.id != errand.run.id and _is_on(run, name)}
    try:
        far = there.of_run(errand.workspace, errand.run, errand.place.host())
        return sorted(ours | {*far.look()["others"]})
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
