"""Put into the workspace here what a job has put into that of its machine, from the artifacts that are here."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from engine import rounds as published
from engine.errors import DataError
from engine.files import read_json, sha256, write_atomic
from engine.remote.there import There
from engine.run import Run
from engine.workspace import Workspace
from vmops import sync

FIXED = (published.TEST_SET, published.STOP_SET)


def frames(workspace: Workspace, run: Run, there: There) -> None:
    """The list of frames, and the register of videos; DataError where the list has been changed here meanwhile."""
    register = workspace.frames.with_suffix(".json")
    for name, place in (("frames.csv", workspace.frames), ("videos.json", register)):
        made = run.artifacts / name
        if place.exists() and sha256(place) != sha256(made) and place.stat().st_mtime > run.created_at:
            raise DataError(f"{place}: changed while {run.id} ran", hint=f"what the run listed is {made}")
        write_atomic(place, made.read_bytes())


def rounds(workspace: Workspace, run: Run, there: There) -> None:
    """A round, as its job publishes it; DataError where another one of this number has come first."""
    from engine.rounding import publishing  # beside heavy modules, but light itself

    record = _record(run, there)
    built = run.folder / ".round"
    shutil.rmtree(built, ignore_errors=True)
    fixed: dict[str, Path] = {}
    for path in sorted(path for path in run.artifacts.rglob("*") if path.is_file()):
        name = str(path.relative_to(run.artifacts))
        if name in FIXED:
            fixed[name] = path
        else:
            (built / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, built / name)
    try:
        publishing.publish(workspace, int(record["round"]), built, record, fixed)
    finally:
        shutil.rmtree(built, ignore_errors=True)


def _record(run: Run, there: There) -> dict[str, Any]:
    """What the round said of itself when it appeared there."""
    asked = read_json(run.artifacts / published.METRICS)
    number = asked.get("round")
    if not isinstance(number, int):
        raise DataError(f"{run.artifacts / published.METRICS}: names no round", hint="footplate retry does it again")
    copy = run.folder / f".{published.RECORD}"
    sync.pull(there.host, f"{there.workspace}/rounds/round_{number:02}/{published.RECORD}", copy)
    try:
        return read_json(copy)
    finally:
        copy.unlink(missing_ok=True)
