"""Runs whose results another run takes: while they go on, it waits for them and holds no device."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from engine import references
from engine.errors import RunError, Stopped
from engine.run import Run, find
from engine.specs.common import Spec
from engine.workspace import Workspace

POLL_S = 0.5


def of(spec: Spec, workspace: Workspace) -> list[Run]:
    """The runs that a spec refers to and that are there; on a rented machine only what they have made is."""
    own = spec.model_dump(mode="json", exclude=set(Spec.model_fields))  # a title may look like a reference
    found = []
    for name in references.parents(own):
        with suppress(RunError):  # deleted meanwhile: the job itself says what it lacks
            found.append(find(workspace, name))
    return [run for run in found if run.exists()]


def wait(runs: Sequence[Run], *, stopping: Callable[[], bool], waiting: Callable[[str], None]) -> None:
    """Return when none of them goes on any more; `waiting` is told for whom, `stopping` ends the wait with Stopped.

    Raises:
        RunError: one of them has ended meanwhile, and is not done.
    """
    for run in runs:
        if not run.status().active:
            continue
        waiting(f"{run.id} to end, whose results it takes")
        while run.status().active:
            if stopping():
                raise Stopped(f"stopped while waiting for {run.id}")
            time.sleep(POLL_S)
        if (state := run.status().state) != "done":
            hint = f"footplate resume {run.id}, and then this one"
            raise RunError(f"{run.id}, whose results it takes, ended as {state}", hint=hint)
