"""What the Bucket screen asks of the process that speaks with buckets: a level page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import machines
from engine.filter import Value
from engine.workspace import Workspace, home
from tui.services.gate import Gate
from tui.services.machines import desks

PAGE = 1000
Say = Callable[[str], None]


@dataclass(frozen=True)
class Stored:
    """An object."""

    name: str
    size_bytes: int
    generation: int
    updated_at: float = 0.0

    @property
    def fields(self) -> dict[str, Value]:
        """What a filter can ask for by name."""
        return {"name": self.name, "size": float(self.size_bytes), "generation": float(self.generation)}


@dataclass(frozen=True)
class Listed:
    """A part of one level of a bucket; `after` leads to the next part, and is empty at the end."""

    url: str
    prefix: str
    folders: tuple[str, ...]
    objects: tuple[Stored, ...]
    after: str = ""
    simulated: bool = False


def own(workspace: Workspace) -> str:
    """The bucket of the workspace; empty where it has none."""
    return workspace.settings.bucket or ""


def page(gate: Gate, url: str, prefix: str, after: str) -> Listed:
    """A part of what lies directly below a prefix."""
    found = ask(gate, "bucket_list", url, prefix=prefix, after=after, limit=PAGE)
    objects = tuple(_stored(one) for one in found["objects"])
    return Listed(url, prefix, tuple(found["folders"]), objects, found["after"], found["simulated"])


def ask(gate: Gate, do: str, url: str, say: Say | None = None, **words: Any) -> Mapping[str, Any]:
    """What the process that speaks with buckets answers.

    Raises:
        FootplateError: nobody could, or what was asked is wrong.
    """
    with machines.explained():
        desk = desks.at(gate, settled=False)[0]
        found: Mapping[str, Any] = desk.ask(do, **({"say": say} if say else {}), url=whole(gate, url), **words)
    return found


def whole(gate: Gate, url: str) -> str:
    """An address that means the same to every process: folders are relative to the workspace."""
    return url if "://" in url else str(gate.workspace.root / home(Path(url)))


def _stored(raw: Mapping[str, Any]) -> Stored:
    return Stored(raw["name"], int(raw["size"]), int(raw["generation"]), float(raw.get("updated_at") or 0.0))
