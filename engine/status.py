"""How a run is going: the content of `status.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from engine.criteria import Judged
from engine.events import finite

ACTIVE = ("pending", "running")
STATES = (*ACTIVE, "done", "failed", "stopped", "preempted", "lost")


@dataclass(frozen=True)
class Status:
    """How a run is going, as its supervisor wrote it last; `lost` alone is a reader's conclusion."""

    state: str = "pending"
    attempt: int = 0
    title: str = ""
    phase: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    detail: str = ""
    waiting_for: str = ""
    device: str = ""
    host: str = ""
    boot_id: str = ""
    pid: int | None = None
    pid_started: float | None = None
    job_pid: int | None = None
    started_at: float | None = None
    phase_started_at: float | None = None
    ended_at: float | None = None
    heartbeat_at: float = 0.0
    exit_code: int | None = None
    signal: str = ""
    error: str = ""
    hint: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)  # results
    latest: Mapping[str, float] = field(default_factory=dict)  # the newest point of each curve
    criteria: tuple[Judged, ...] = ()
    flags: tuple[str, ...] = ()
    artifacts: tuple[Mapping[str, Any], ...] = ()

    @property
    def active(self) -> bool:
        return self.state in ACTIVE


def from_json(raw: Mapping[str, Any]) -> Status:
    """A status as it stands in JSON; keys of other versions are passed over."""
    known = {f.name: raw[f.name] for f in fields(Status) if f.name in raw}
    known["criteria"] = tuple(Judged(**entry) for entry in raw.get("criteria", ()))
    for key in ("metrics", "latest"):
        known[key] = {name: float(value) for name, value in raw.get(key, {}).items()}
    known["flags"], known["artifacts"] = tuple(raw.get("flags", ())), tuple(raw.get("artifacts", ()))
    return Status(**known)


def to_json(status: Status) -> dict[str, Any]:
    """A status as it stands in its file."""
    record = asdict(status)
    for key in ("metrics", "latest"):
        record[key] = {name: finite(value) for name, value in record[key].items()}
    for entry in record["criteria"]:
        entry["value"] = finite(entry["value"])
    return record
