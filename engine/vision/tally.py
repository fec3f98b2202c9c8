"""What is known of each video: its file, its hash, and how many of its frames decode. No torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.files import sha256
from engine.vision import decode, source


@dataclass(frozen=True)
class Video:
    """A video as it was when it was counted."""

    file: str
    size_bytes: int
    modified_ns: int
    sha256: str
    frames: int


def listing(folder: Path) -> tuple[list[str], list[str]]:
    """The ids of all videos and pictures in a folder, and what stands beside them that is neither of these.

    Raises:
        DataError: there is no such folder, or it is empty.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder", hint="videos of workspace.yaml names where they are")
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    others = [path.name for path in entries if path.is_file() and path.suffix.lower() in NEITHER]
    names = {path.stem if path.is_file() else path.name for path in entries if path.name not in others}
    if not names:
        raise DataError(f"{folder}: no videos in it", hint="put them there; a video's name is its video_id")
    return sorted(names), others


NEITHER = frozenset({".txt", ".md", ".csv", ".json", ".yaml", ".yml", ".srt", ".vtt"})


def unchanged(path: Path, known: Mapping[str, Any] | None) -> bool:
    """Whether a file is, by its size and time, the one that was counted."""
    if not known or path.is_dir():
        return False
    facts = path.stat()
    return (path.name, facts.st_size, facts.st_mtime_ns) == tuple(
        known.get(key) for key in ("file", "size_bytes", "modified_ns")
    )


def counted(path: Path) -> Video:
    """A video with its frames counted, which reads all of it.

    Raises:
        DataError: it cannot be decoded.
    """
    facts = path.stat()
    frames = numbers(path)
    if not frames:
        raise DataError(f"{path}: no frame of it decodes", hint="fetch it again, or take it out of the folder")
    return Video(path.name, facts.st_size, facts.st_mtime_ns, content(path), len(frames))


def content(path: Path) -> str:
    """The hash of a file; of a folder of pictures that of all their names and hashes."""
    if not path.is_dir():
        return sha256(path)
    listed = [(entry.name, sha256(entry)) for entry in sorted(path.iterdir()) if entry.is_file()]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def numbers(path: Path) -> range | list[int]:
    """The numbers of its frames: all from 0 on, but for a folder of pictures those that the names tell."""
    if path.is_dir():
        return sorted(
            int(entry.stem)
            for entry in path.iterdir()
            if entry.suffix.lower() in source.PICTURES and entry.stem.isdecimal()
        )
    if path.suffix.lower() in source.PICTURES:
        source.picture(path)
        return range(1)
    return range(decode.count(path))


def sampled(path: Path, video: Video, wanted: int) -> list[int]:
    """The numbers of up to `wanted` frames, evenly spread."""
    places = decode.uniform(video.frames, wanted)
    if not path.is_dir():
        return places
    known = numbers(path)
    return [known[place] for place in places]


def plain(video: Video) -> dict[str, Any]:
    """For JSON."""
    return asdict(video)
