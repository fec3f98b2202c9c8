"""What people do to runs, through the gate; each answers with the words that tell what was done."""

from __future__ import annotations

from collections.abc import Sequence

from engine import labels
from engine.run import find, lineage, request_stop
from engine.workspace import Workspace
from tui.services.gate import Gate


def stop(gate: Gate, run_id: str) -> str:
    """Ask a run to come to a checkpoint."""

    def do() -> str:
        request_stop(find(gate.workspace, run_id))
        return f"{run_id} was asked to stop at its next checkpoint"

    return gate.change(f"footplate stop {run_id}", do)


def retry(gate: Gate, run_id: str) -> str:
    """The id of a new run of the same spec."""

    def do() -> str:
        from engine import launch  # with pydantic and yaml, which a look at runs does not need

        return launch.retry(gate.workspace, find(gate.workspace, run_id)).id

    return gate.change(f"footplate retry {run_id}", do)


def resume(gate: Gate, run_id: str) -> str:
    """Go on with a run where it stood."""

    def do() -> str:
        from engine import launch

        launch.resume(gate.workspace, find(gate.workspace, run_id))
        return f"{run_id} goes on"

    return gate.change(f"footplate resume {run_id}", do)


def archive(gate: Gate, run_id: str) -> str:
    """Put a run out of sight."""

    def do() -> str:
        from engine import archive as archives

        archives.archive(gate.workspace, find(gate.workspace, run_id))
        return f"{run_id} is archived"

    return gate.change(f"footplate archive {run_id}", do)


def restore(gate: Gate, run_id: str) -> str:
    """Bring an archived run back."""

    def do() -> str:
        from engine import archive as archives

        archives.restore(gate.workspace, find(gate.workspace, run_id))
        return f"{run_id} is back"

    return gate.change(f"footplate archive --undo {run_id}", do)


def label(gate: Gate, run_id: str, tags: Sequence[str], note: str) -> labels.Labels:
    """Give a run just these tags and this note; the labels it had before."""
    from shlex import quote  # nothing of it is needed for the first paint

    def do() -> labels.Labels:
        run = find(gate.workspace, run_id)
        before = labels.read(run)
        labels.change(run, add=tags, remove=set(before.tags) - set(tags), note=note)
        return before

    added = f" --add {' '.join(map(quote, tags))}" if tags else ""
    return gate.change(f"footplate label {run_id}{added} --note {quote(note)}", do)


def relatives(workspace: Workspace, run_id: str) -> tuple[list[str], list[str]]:
    """Ids of the runs that a run was made from, and of those made from it."""
    return lineage(workspace, find(workspace, run_id))
