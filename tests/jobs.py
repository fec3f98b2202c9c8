"""A job in this process, with a recorder of its own: quick, and without what a supervisor adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import events, registry
from engine.config import parse
from engine.events import Event
from engine.record import Recorder
from engine.run import Run, create
from engine.workspace import Workspace


def do(workspace: Workspace, job: str, *overrides: str, run: Run | None = None) -> Run:
    """A run of a job that has ended well, whatever it raises else."""
    found = registry.job(job)
    spec = parse(found.spec_class(), "", "spec.yaml", overrides)
    run = run or create(workspace, job, "", record={})
    out = Recorder(workspace, run, attempt=1, device="cpu")
    function: Callable[[Any, Any], None] = found.function()
    try:
        function(spec, out)
        out.conclude()
    finally:
        out.settle()
        out.close()
    return run


def said(run: Run, kind: type[Event]) -> list[Any]:
    """All that it said of a kind."""
    return [event for event in events.read(run.events)[0] if isinstance(event, kind)]


def notes(run: Run) -> str:
    """Its notes and flags, line by line."""
    return "\n".join(event.text for event in events.read(run.events)[0] if hasattr(event, "text"))


def metrics(run: Run) -> dict[str, float]:
    """Its results."""
    return {event.name: event.value for event in said(run, events.Metric) if event.step is None}
