"""What `footplate vm settings` tells of configs/machines.yaml, and how that file comes to be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

from engine.commands.verb import Asked, answer, workspace
from engine.errors import AskError


def settings(asked: Asked) -> int:
    """What configs/machines.yaml says; --write makes it."""
    from engine import init, machines
    from vmops.settings import to_json

    there = workspace(asked)
    path = machines.file(there)
    if asked.write:
        if path.exists():
            raise AskError(f"{path} is there already", hint="edit it: its comments explain every key")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(init.HERE / machines.FILE, path)
    known = to_json(machines.settings(there))
    words = "\n".join(line for key, value in known.items() for line in _setting(key, value))
    return answer(asked, {"file": str(path), "settings": known}, f"{path}\n{words}")


def _setting(key: str, value: Any) -> Iterator[str]:
    """A line; where it holds things by their names, as kinds, a line for each."""
    if not (isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values())):
        yield f"{key}: {json.dumps(value)}"
        return
    yield f"{key}:"
    for name, one in value.items():
        told = (f"{part}={json.dumps(held)}" for part, held in one.items() if part != "name" and held not in ("", None))
        yield f"  {name}: {' '.join(told)}"
