"""What the screens remember of a workspace from one time to the next: a small file in the person's own folder."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from engine import home
from engine.files import write_atomic
from engine.workspace import Workspace

FORMAT = 1
FORGET_S = 180 * 86400.0
_ONE_AT_A_TIME = threading.Lock()  # of this process; others write beside under other names
MOST = 1 << 20  # bytes; a file that is longer was not written here


@dataclass(frozen=True)
class Session:
    """Where somebody was and how it looked there; `kept` has the state of each screen by its name."""

    place: str = ""
    opened: str = ""
    theme: str = ""
    looked_at: float = 0.0  # when the list of events was last looked at, in seconds since 1970; 0 for never
    kept: Mapping[str, dict[str, Any]] = field(default_factory=dict)


def path(workspace: Workspace) -> Path:
    """The file of a workspace."""
    return home.of_workspace(workspace.root)


def read(file: Path) -> tuple[Session, str]:
    """What was remembered, and what is wrong with the file; a damaged one counts as empty."""
    try:
        with file.open("rb") as source:
            data = source.read(MOST + 1)
    except FileNotFoundError:
        return Session(), ""
    except OSError as error:
        return Session(), f"{home.short(file)}: cannot be read: {error.strerror}"
    try:
        return _session(json.loads(data) if len(data) <= MOST else None), ""
    except (ValueError, TypeError, RecursionError):
        return Session(), f"{home.short(file)}: damaged"


def _session(raw: Any) -> Session:
    """A session as it stands in JSON; TypeError where it is none."""
    if not isinstance(raw, dict) or not isinstance(raw.get("kept"), dict):
        raise TypeError(raw)
    place, opened, theme = (str(raw.get(name, "")) for name in ("place", "opened", "theme"))
    kept = {name: state for name, state in raw["kept"].items() if isinstance(state, dict)}
    return Session(place, opened, theme, float(raw.get("looked_at", 0.0)), kept)


def put_aside(file: Path) -> str:
    """Give a damaged file another name, for whoever wants to look into it; the words for it."""
    aside = file.with_suffix(".damaged")
    with suppress(OSError):
        os.replace(file, aside)
    return f"it is now {home.short(aside)}; Footplate begins anew"


def write(file: Path, session: Session) -> None:
    """Write it whole. Of two screens on one workspace the later has its way; neither forgets what was looked at."""
    with _ONE_AT_A_TIME:
        before, _ = read(file)
        newest = replace(session, looked_at=max(before.looked_at, session.looked_at))
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomic(file, json.dumps({"format": FORMAT, **asdict(newest)}))
        _forget(file.parent)


def _forget(folder: Path) -> None:
    """Remove what nobody came back to for long, as demos leave it behind."""
    for old in folder.glob("*.json"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > FORGET_S:
                old.unlink()
