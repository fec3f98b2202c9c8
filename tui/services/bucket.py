"""What the Bucket screen asks: a level of a bucket page by page, the head of an object; and what is done to objects."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import machines
from engine.errors import AskError
from engine.filter import Value
from engine.workspace import Workspace, home
from tui.services.gate import Gate
from tui.services.machines import desks

PAGE = 1000
HEAD_BYTES = 16384
SAVED = "saved"
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


@dataclass(frozen=True)
class Head:
    """The beginning of an object; no text where it is none."""

    name: str
    text: str | None
    size_bytes: int


def own(workspace: Workspace) -> str:
    """The bucket of the workspace; empty where it has none."""
    return workspace.settings.bucket or ""


def page(gate: Gate, url: str, prefix: str, after: str) -> Listed:
    """A part of what lies directly below a prefix."""
    found = _ask(gate, "bucket_list", url, prefix=prefix, after=after, limit=PAGE)
    objects = tuple(_stored(one) for one in found["objects"])
    return Listed(url, prefix, tuple(found["folders"]), objects, found["after"], found["simulated"])


def head(gate: Gate, url: str, name: str) -> Head:
    """How an object begins."""
    found = _ask(gate, "bucket_head", url, name=name, size=HEAD_BYTES)
    return Head(name, found["text"], int(found["size"]))


def download(gate: Gate, url: str, name: str, say: Say) -> str:
    """An object as a file of the workspace."""
    target = gate.workspace.root / SAVED / name.rpartition("/")[2]

    def do() -> str:
        if target.exists():
            raise AskError(f"{target} is there already", hint="move it away, or name another with footplate bucket get")
        target.parent.mkdir(exist_ok=True)
        _ask(gate, "bucket_get", url, say, name=name, path=str(target))
        return f"{name} is {target}"

    return gate.change(_verb("get", f"{url.rstrip('/')}/{name}", str(target)), do)


def upload(gate: Gate, url: str, prefix: str, path: str, say: Say) -> str:
    """A file of this machine as a new object; one that is there already is left as it is."""
    source = home(Path(path))
    name = f"{prefix}{source.name}"

    def do() -> str:
        if not source.is_file():
            raise AskError(f"{source} is no file", hint="name a file of this machine")
        _ask(gate, "bucket_put", url, say, path=str(source.resolve()), name=name)
        return f"{source} is {name} now"

    return gate.change(_verb("put", str(source), f"{url.rstrip('/')}/{name}"), do)


def delete(gate: Gate, url: str, stored: Stored) -> str:
    """Delete an object, where it is still the one that was seen."""

    def do() -> str:
        _ask(gate, "bucket_delete", url, name=stored.name, generation=stored.generation)
        return f"{stored.name} is deleted"

    return gate.change(_verb("rm", f"{url.rstrip('/')}/{stored.name}"), do)


def _ask(gate: Gate, do: str, url: str, say: Say | None = None, **words: Any) -> Mapping[str, Any]:
    where = url if "://" in url else str(gate.workspace.root / home(Path(url)))
    with machines.explained():
        desk = desks.at(gate, settled=False)[0]
        found: Mapping[str, Any] = desk.ask(do, **({"say": say} if say else {}), url=where, **words)
    return found


def _stored(raw: Mapping[str, Any]) -> Stored:
    return Stored(raw["name"], int(raw["size"]), int(raw["generation"]), float(raw.get("updated_at") or 0.0))


def _verb(*words: str) -> str:
    return shlex.join(["footplate", "bucket", *words])
