"""Put runs out of sight, and back; nothing is deleted."""

from __future__ import annotations

import os

from engine.errors import RunError, WorkspaceError
from engine.run import Run, alone
from engine.workspace import Workspace


def archive(workspace: Workspace, run: Run) -> Run:
    """Move an ended run to the archive."""
    status = run.status()
    if status.active:
        raise RunError(f"{run.id} is {status.state}", hint=f"footplate stop {run.id} first")
    if status.tended:  # of a run on a machine: that is to be stopped yet, and goes on costing
        hint = f"footplate follow {run.id} brings it to its end"
        raise RunError(f"{run.id}: something is left to do with {status.machine}: {status.link}", hint=hint)
    with alone(run):  # a resume of this moment finds it held, and then gone
        return _move(workspace, run, to_archive=True)


def restore(workspace: Workspace, run: Run) -> Run:
    """Move an archived run back."""
    return _move(workspace, run, to_archive=False)


def _move(workspace: Workspace, run: Run, *, to_archive: bool) -> Run:
    target = (workspace.archive if to_archive else workspace.runs) / run.id
    if run.folder == target:
        raise RunError(f"{run.id} is archived already" if to_archive else f"{run.id} is not archived")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(run.folder, target)  # noqa: PTH104 (one step: it is never in both places or in none)
    except OSError as error:
        raise WorkspaceError(f"{run.folder} → {target}: {error.strerror}", hint="runs are kept there") from None
    return Run(target)
