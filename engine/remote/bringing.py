"""Bring here what the machine has of a run, and put into the workspace what belongs there."""

from __future__ import annotations

from engine import registry
from engine.errors import FootplateError
from engine.remote import fetching
from engine.remote.ending import NOT_PUBLISHED
from engine.remote.errand import Errand
from engine.remote.there import There
from vmops.errors import OutsideError, Unavailable


def back(errand: Errand, far: There, *, done: bool) -> None:
    """Fetch all of a run that is done; of another one what it has made so far, and its checkpoints."""
    errand.standing.link("fetching")
    say = errand.progress("fetching")
    fetching.artifacts(far, errand.run, say, strict=done)
    if not done:
        fetching.work(far, errand.run, say)
        return
    fetching.forget_work(errand.run)
    _publish(errand, far)


def _publish(errand: Errand, far: There) -> None:
    """What cannot be put into the workspace is told, and then nothing of it is deleted there."""
    entry = registry.job(errand.run.job).publish
    if not entry:
        return
    try:
        registry.load(entry)(errand.workspace, errand.run, far)
    except Unavailable:
        raise  # it is tried again
    except (FootplateError, OutsideError) as error:
        flag = f"{NOT_PUBLISHED}: {error.message}; {error.hint}"
        errand.say(flag)
        errand.standing.add_flag(flag)
