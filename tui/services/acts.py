"""What people do to runs; each answers with the words that tell what was done, or raises FootplateError."""

from __future__ import annotations

from collections.abc import Iterable

from engine import archive as archives
from engine import labels
from engine.run import find, lineage, request_stop
from engine.workspace import Workspace


def stop(workspace: Workspace, run_id: str) -> str:
    """Ask a run to come to a checkpoint."""
    request_stop(find(workspace, run_id))
    return f"{run_id} was asked to stop at its next checkpoint"


def retry(workspace: Workspace, run_id: str) -> str:
    """The id of a new run of the same spec."""
    from engine import launch  # with pydantic and yaml, which a look at runs does not need

    return launch.retry(workspace, find(workspace, run_id)).id


def resume(workspace: Workspace, run_id: str) -> str:
    """Go on with a run where it stood."""
    from engine import launch

    launch.resume(workspace, find(workspace, run_id))
    return f"{run_id} goes on"


def archive(workspace: Workspace, run_id: str) -> str:
    archives.archive(workspace, find(workspace, run_id))
    return f"{run_id} is archived"


def restore(workspace: Workspace, run_id: str) -> str:
    archives.restore(workspace, find(workspace, run_id))
    return f"{run_id} is back"


def label(workspace: Workspace, run_id: str, tags: Iterable[str], note: str) -> labels.Labels:
    """Give a run just these tags and this note; the labels it had before."""
    run = find(workspace, run_id)
    before = labels.read(run)
    labels.change(run, add=tags, remove=set(before.tags) - set(tags), note=note)
    return before


def relatives(workspace: Workspace, run_id: str) -> tuple[list[str], list[str]]:
    """Ids of the runs that a run was made from, and of those made from it."""
    return lineage(workspace, find(workspace, run_id))
