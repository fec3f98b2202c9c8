"""What there is to know of a run besides how it goes: what was asked, by whom, where, and with which code."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import code, labels
from engine.run import Run, find
from engine.words import size
from engine.workspace import Workspace


@dataclass(frozen=True)
class About:
    """Texts to read: the spec as it was asked, and the rest as groups of keys."""

    spec: str
    rest: str


def about(workspace: Workspace, run_id: str) -> About:
    """Read both."""
    run = find(workspace, run_id)
    groups = {"run": _run(run), "code": code.told(run), **_environment(run.environment())}
    return About(run.spec_text(), "\n".join(_lines(groups)))


def _run(run: Run) -> dict[str, Any]:
    record, given = run.record(), labels.read(run)
    created = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.created_at))
    asked = {key: record[key] for key in ("user", "host", "source", "overrides") if record.get(key)}
    labelled = {"tags": " ".join(given.tags), "note": given.note}
    return {"id": run.id, "job": run.job, "created": created, "folder": str(run.folder), **asked, **labelled}


def _environment(raw: Mapping[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in raw.items() if key != "packages"}
    if "memory_bytes" in rest:
        rest["memory"] = size(rest.pop("memory_bytes"))
    return {"environment": rest or "not known before it runs", "packages": raw.get("packages", {})}


def _lines(values: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Keys and values, a line each, as YAML would have them."""
    for key, value in values.items():
        if value in ("", None, {}):
            continue
        if isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _lines(value, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{key}:{'' if value else ' none'}"
            for item in value:
                words = ", ".join(f"{k} {v}" for k, v in item.items()) if isinstance(item, Mapping) else str(item)
                yield f"{indent}  - {words}"
        else:
            yield f"{indent}{key}: {value}"
        if not indent:
            yield ""
