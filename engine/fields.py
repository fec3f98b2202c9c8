"""A run as the fields that a filter may ask for, the same on the screens and in `footplate runs --filter`."""

from __future__ import annotations

from collections.abc import Mapping

from engine.filter import Value
from engine.labels import Labels
from engine.progress import remaining
from engine.run import Run
from engine.status import Status
from engine.words import headline

NAMES = ("state", "job", "id", "title", "tag", "note", "device", "host", "machine", "link", "phase", "flag", "error",
         "gpu", "age", "duration", "left", "progress", "passed", "attempt", "artifacts")  # fmt: skip


def fields(run: Run, status: Status, labels: Labels, now: float) -> dict[str, Value]:
    """All of them; what does not hold for this run is not among them.

    state, job, id, title, tag, note, device, host, machine, link, phase, flag, error, gpu are words; age, duration,
    left are seconds; progress is a part of 1; passed is the part of its criteria that did; attempt and artifacts are
    counted; and each of its metrics has its name, and the last part of its name.
    """
    return lasting(run.id, run.job, status, labels) | passing(run.created_at, status, now)


def lasting(run_id: str, job: str, status: Status, labels: Labels) -> dict[str, Value]:
    """Those that stay as they are while nothing is written about the run."""
    words = {
        "state": status.state, "job": job, "id": run_id, "title": status.title, "tag": " ".join(labels.tags),
        "note": labels.note, "device": status.device, "host": status.host, "phase": status.phase,
        "machine": status.machine, "link": status.link,
        "flag": "; ".join(status.flags), "error": status.error,
        "gpu": status.device if status.device.startswith("cuda") else "",
    }  # fmt: skip
    said: dict[str, Value] = {name: text for name, text in words.items() if text}
    return {**_metrics(status), **said, **_counts(status)}


def passing(created_at: float, status: Status, now: float) -> dict[str, Value]:
    """Those that change with the clock."""
    found: dict[str, Value] = {"age": now - changed_at(status, created_at)}
    if status.started_at:
        found["duration"] = (status.ended_at or now) - status.started_at
    left = remaining(status)
    return found if left is None else {**found, "left": left}


def changed_at(status: Status, created_at: float) -> float:
    """When a run last began or ended."""
    return status.ended_at or status.started_at or created_at


def measured(status: Status) -> Mapping[str, float]:
    """The results of a run; while there are none, where its curves stand."""
    return status.metrics or (status.latest if status.active else {})


def _counts(status: Status) -> dict[str, Value]:
    found: dict[str, Value] = {"attempt": float(status.attempt), "artifacts": float(len(status.artifacts))}
    if status.total > 0:
        found["progress"] = status.done / status.total
    if status.criteria:
        found["passed"] = sum(bool(one.passed) for one in status.criteria) / len(status.criteria)
    return found


def _metrics(status: Status) -> dict[str, Value]:
    """By their names; a last part that several share is that of the one that is shown first."""
    known = measured(status)
    found: dict[str, Value] = {}
    first = headline(known, [one.name for one in status.criteria])
    for name in ([first] if first else []) + list(known):
        found.setdefault(name.lower(), known[name])
        found.setdefault(name.rpartition(".")[2].lower(), known[name])
    return found
