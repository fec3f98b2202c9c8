"""What the cloud knows: a JSON file a resource, written whole at each change, so that a killed cloud goes on."""

from __future__ import annotations

import copy
import json
import os
import threading
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Key = tuple[str, str, str]  # collection, scope (a zone, a region or "global"), name


class Records:
    """Resources by collection, scope and name; fields that begin with `_` are the cloud's own and shown to nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.changed = threading.Condition(threading.RLock())
        self._all: dict[Key, Json] = {}
        for path in sorted(folder.glob("*/*/*.json")):
            collection, scope, _ = path.relative_to(folder).parts
            self._all[collection, scope, path.stem] = json.loads(path.read_bytes())

    def get(self, collection: str, scope: str, name: str) -> Json | None:
        """A copy of one, or None."""
        with self.changed:
            return copy.deepcopy(self._all.get((collection, scope, name)))

    def all(self, collection: str, scope: str = "") -> list[Json]:
        """Copies of all, in one scope or in every one, by name."""
        with self.changed:
            keys = sorted(key for key in self._all if key[0] == collection and scope in ("", key[1]))
            return [copy.deepcopy(self._all[key]) for key in keys]

    def put(self, collection: str, scope: str, name: str, body: Json) -> None:
        """Keep one, in place of what had its name."""
        with self.changed:
            self._all[collection, scope, name] = copy.deepcopy(body)
            self._write((collection, scope, name))
            self.changed.notify_all()

    def update(self, collection: str, scope: str, name: str, **fields: Any) -> Json:
        """Change some fields of one; None takes a field away. What it is then; KeyError where there is none."""
        with self.changed:
            body = {**self._all[collection, scope, name], **copy.deepcopy(fields)}
            self._all[collection, scope, name] = {key: value for key, value in body.items() if value is not None}
            self._write((collection, scope, name))
            self.changed.notify_all()
            return copy.deepcopy(self._all[collection, scope, name])

    def drop(self, collection: str, scope: str, name: str) -> None:
        """Forget one, if it is there."""
        with self.changed:
            self._all.pop((collection, scope, name), None)
            self._path((collection, scope, name)).unlink(missing_ok=True)
            self.changed.notify_all()

    def _write(self, key: Key) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        beside.write_text(json.dumps(self._all[key], indent=1))
        os.replace(beside, path)  # a killed process is meant here, not a power cut: nothing is flushed to the disk

    def _path(self, key: Key) -> Path:
        return self.folder / key[0] / key[1] / f"{key[2]}.json"


def shown(value: Any) -> Any:
    """A resource as the world sees it."""
    if isinstance(value, dict):
        return {key: shown(inner) for key, inner in value.items() if not key.startswith("_")}
    return [shown(inner) for inner in value] if isinstance(value, list) else value
