"""How a run is going: the content of `status.json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.criteria import Judged
from engine.records import NOT_FINITE, finite, fitting

ACTIVE = ("pending", "running")
STATES = (*ACTIVE, "done", "failed", "stopped", "preempted", "lost")
ARTIFACT = {"name", "about", "size_bytes", "sha256"}


@dataclass(frozen=True)
class Status:
    """How a run is going, as its supervisor wrote it last; `lost` alone is a reader's conclusion."""

    state: str = "pending"
    attempt: int = 0
    title: str = ""
    phase: str = ""
    done: int = 0
    total: int = 0
    done_before: int = 0  # how far a resumed phase was when it went on, which says nothing about its speed
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
    findings: Mapping[str, str] = field(default_factory=dict)  # sentences of the result
    artifacts: tuple[Mapping[str, Any], ...] = ()
    machine: str = ""  # its name, where the run is not of this one
    link: str = ""  # how its shepherd here and the machine stand; empty when there is nothing left to do
    link_since: float | None = None
    link_hint: str = ""  # what to do about that
    shepherd_host: str = ""

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def tended(self) -> bool:
        """Whether a process here should be about it: its supervisor, or where it is elsewhere its shepherd."""
        return bool(self.link) if self.machine else self.active


def from_json(raw: Mapping[str, Any]) -> Status:
    """A status as it stands in JSON; what is damaged or of another version is passed over."""
    judged = (fitting(Judged, {"value": None, "passed": None, **entry}) for entry in _entries(raw, "criteria"))
    return Status(
        **fitting(Status, raw),
        metrics=_numbers(raw.get("metrics")),
        latest=_numbers(raw.get("latest")),
        criteria=tuple(Judged(**entry) for entry in judged if len(entry) == 4),
        flags=tuple(flag for flag in _list(raw.get("flags")) if isinstance(flag, str)),
        findings=_texts(raw.get("findings")),
        artifacts=tuple(entry for entry in _entries(raw, "artifacts") if entry.keys() >= ARTIFACT),
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(raw: Mapping[str, Any], key: str) -> Iterator[dict[str, Any]]:
    return (entry for entry in _list(raw.get(key)) if isinstance(entry, dict))


def _numbers(value: Any) -> dict[str, float]:
    given = value.items() if isinstance(value, dict) else ()
    return {name: float(number) for name, number in given if type(number) in (int, float) or number in NOT_FINITE}


def _texts(value: Any) -> dict[str, str]:
    given = value.items() if isinstance(value, dict) else ()
    return {name: text for name, text in given if isinstance(text, str)}


def to_json(status: Status) -> dict[str, Any]:
    """A status as it stands in its file."""
    return {
        **vars(status),
        "metrics": {name: finite(value) for name, value in status.metrics.items()},
        "latest": {name: finite(value) for name, value in status.latest.items()},
        "criteria": [{**vars(entry), "value": finite(entry.value)} for entry in status.criteria],
    }
