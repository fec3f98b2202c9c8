"""How a spec names a file: a path, `run:ID/NAME` (an artifact of another run) or `package:NAME/FILE`."""

from __future__ import annotations

import difflib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.files import read_json
from engine.run import find
from engine.workspace import Workspace, home

PLACES = "places.json"  # on a machine: where files are that lay outside of the workspace they were sent from
MOST = 8  # names of a folder that are told where one is missing
_RUN = re.compile(r"run:([^/\s]*)((?:/.*)?)", re.DOTALL)


def resolve(workspace: Workspace, reference: str) -> Path:
    """The file or folder of a reference.

    Raises:
        DataError: nothing is there.
        RunError: the run does not exist.
    """
    kind, _, rest = reference.partition(":")
    if kind == "run":
        return _there(_in_run(workspace, rest), reference)
    if kind == "package":
        return _there(_in_package(rest), reference)
    sent = read_json(workspace.root / PLACES).get(reference)
    return _there(workspace.root / (Path(sent) if isinstance(sent, str) else home(Path(reference))), reference)


def parents(values: Any) -> list[str]:
    """Ids of all runs that the values of a spec refer to, each once."""
    found = (_RUN.fullmatch(text) for text in _texts(values))
    return list(dict.fromkeys(form[1] for form in found if form))


def pinned(workspace: Workspace, values: Any) -> Any:
    """The values of a spec with each `run:latest/…` or `run:PART/…` naming the one run that this means now.

    Raises:
        RunError: there is no such run.
    """
    if isinstance(values, Mapping):
        return {key: pinned(workspace, value) for key, value in values.items()}
    if isinstance(values, list):
        return [pinned(workspace, value) for value in values]
    form = _RUN.fullmatch(values) if isinstance(values, str) else None
    return f"run:{find(workspace, form[1]).id}{form[2]}" if form else values


def _texts(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from _texts(value)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _texts(value)


def _in_run(workspace: Workspace, rest: str) -> Path:
    run_id, _, name = rest.partition("/")
    folder = find(workspace, run_id).artifacts
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"run:{rest} leads out of the run's artifacts")
    return path


def _in_package(rest: str) -> Path:
    name, _, file = rest.partition("/")
    if not re.fullmatch(r"\w+", name):
        raise DataError(f"package:{rest}: {name!r} is not a package's name", hint="package:NAME/path/of/file")
    found = importlib.util.find_spec(name) if name != "__main__" else None
    if found is None or not found.submodule_search_locations:
        raise DataError(f"no package {name!r} is installed", hint=f"pip install {name.replace('_', '-')}")
    return Path(next(iter(found.submodule_search_locations))) / file


def _names(folder: Path, wanted: str) -> str:
    """What lies in a folder, first what may have been meant."""
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    alike = difflib.get_close_matches(wanted, names, MOST, 0.4)
    told = [*alike, *(name for name in names if name not in alike)]
    more = f" and {len(told) - MOST} more" if len(told) > MOST else ""
    return f"{', '.join(told[:MOST]) or 'nothing'}{more}"


def _there(path: Path, reference: str) -> Path:
    if not path.exists():
        folder = next(parent for parent in path.parents if parent.exists())
        raise DataError(f"{reference}: there is no {path}", hint=f"{folder} holds: {_names(folder, path.name)}")
    return path
