"""A round becomes visible in one step; doing it twice, or after a kill, changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import rounds
from engine.errors import DataError
from engine.files import read_json, write_atomic, write_json
from engine.workspace import Workspace


def publish(
    workspace: Workspace, number: int, built: Path, record: Mapping[str, Any], fixed: Mapping[str, Path]
) -> bool:
    """Put a built round into rounds/, and its queue where coders find it; whether it was not there yet.

    The fixed sets come first, which harms nobody without their round; the folder with all its files appears by one
    rename; the queue comes last, and only while no later round has its own.

    Raises:
        DataError: another run has published a round of this number, or a fixed set is another one.
    """
    place = rounds.folder(workspace, number)
    new = not place.exists()
    if new:
        for name, source in fixed.items():
            _fix(workspace.rounds / name, source)
        _appear(place, built, record)
    elif read_json(place / rounds.RECORD).get("run") != record["run"]:
        other = read_json(place / rounds.RECORD).get("run", "another run")
        raise DataError(
            f"{place}: {other} has published round {number} meanwhile", hint="footplate run round makes the next one"
        )
    if rounds.read(workspace)[-1].number == number:
        write_atomic(workspace.queue, (place / rounds.QUEUE).read_bytes())
    return new


def _fix(path: Path, source: Path) -> None:
    if not path.exists():
        write_atomic(path, source.read_bytes())
    elif path.read_bytes() != source.read_bytes():
        raise DataError(f"{path}: another round has fixed it meanwhile", hint="footplate run round starts anew with it")


def _appear(place: Path, built: Path, record: Mapping[str, Any]) -> None:
    beside = place.with_name(f".{place.name}.{record['run']}.part")
    shutil.rmtree(beside, ignore_errors=True)
    for source in sorted(path for path in built.rglob("*") if path.is_file()):
        write_atomic(beside / source.relative_to(built), source.read_bytes())
    write_json(beside / rounds.RECORD, record)
    _flushed(beside)
    try:
        beside.rename(place)
    except OSError as error:
        raise DataError(f"{place}: {error.strerror}", hint="another run may have published it just now") from None
    _flushed(place.parent)


def _flushed(folder: Path) -> None:
    # Without this a power cut may leave a name without what it stands for.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
