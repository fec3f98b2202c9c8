"""The frames of a study: `frames.csv`, read with checks that name the line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine import tables
from engine.annotations.decision import Unit, whole
from engine.errors import DataError
from engine.workspace import Workspace

KEY = ("video_id", "frame_index")


def units(workspace: Workspace) -> list[Unit]:
    """All frames to be labelled, in the order of the file.

    Raises:
        DataError: the file is missing, or a line of it is not a frame or is there twice.
    """
    if not workspace.frames.exists():
        raise DataError(f"{workspace.frames}: no such file", hint="footplate run frames lists the videos' frames there")
    return read(workspace.frames)


def active(workspace: Workspace) -> list[Unit]:
    """The frames that the last round asks for, the highest score first; none where there was no round."""
    return read(workspace.queue) if workspace.queue.exists() else []


def read(path: Path) -> list[Unit]:
    """The frames of a table with the columns video_id and frame_index; columns beside those are let be."""
    return list(rows(path))


def rows(path: Path) -> dict[Unit, Mapping[str, str]]:
    """The frames of a table and what else it holds of each."""
    found: dict[Unit, Mapping[str, str]] = {}
    for line, row in enumerate(tables.read(path, KEY), start=2):
        unit = unit_of(row["video_id"], row["frame_index"])
        if isinstance(unit, str):
            raise DataError(f"{path}, row {line}: {unit}")
        if unit in found:
            raise DataError(f"{path}, row {line}: frame {unit.frame_index} of {unit.video_id} is there twice")
        found[unit] = row
    return found


def unit_of(video_id: str, frame_index: str) -> Unit | str:
    """The frame that two cells name, or what is wrong with them."""
    video_id, frame_index = video_id.strip(), frame_index.strip()
    if not video_id:
        return "video_id is empty"
    if not (frame_index.isascii() and frame_index.isdigit() and whole(number := int(frame_index))):
        return f"frame_index is {frame_index!r}, expected a whole number from 0 on"
    return Unit(video_id, number)
