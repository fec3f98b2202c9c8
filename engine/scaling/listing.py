"""Which videos there are: those of a folder here, or of a prefix in a bucket."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

from engine.errors import DataError
from vmops.bucket import Bucket, Entry

NEITHER = frozenset({
    ".txt", ".md", ".csv", ".json", ".jsonl", ".yaml", ".yml", ".srt", ".vtt", ".log", ".parquet", ".zip", ".gz",
    ".part",
})  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A video.

    Attributes:
        video_id: its name below the folder or prefix, without extension.
        name: the same with extension.
        size_bytes: as listed.
        stamp: changes when the file does; two equal ones mean the same bytes.
        content: the hash of its bytes, where the listing tells it.
        path: of its file, where it is here.
        entry: what the bucket says of it, where it is there.
    """

    video_id: str
    name: str
    size_bytes: int
    stamp: str
    content: str = ""
    path: Path | None = None
    entry: Entry | None = None


@dataclass(frozen=True)
class Listing:
    """The videos in the order of their ids, and what lies beside them that is none."""

    items: list[Item]
    others: int


def folder(place: Path) -> Listing:
    """All videos in a folder and below it.

    Raises:
        DataError: it is no folder, holds no video, or two of one id.
    """
    if not place.is_dir():
        raise DataError(f"{place}: there is no such folder", hint="videos: names a folder, or gs://BUCKET/PREFIX")
    found = [_of_file(place, Path(at) / name) for at, _, names in os.walk(place) for name in names]
    return _checked(str(place), [item for item in found if item], len(found))


def prefix(bucket: Bucket) -> Listing:
    """All videos of a bucket below the prefix with which it was opened."""
    found = [_of_entry(entry) for entry in bucket.entries()]
    return _checked(bucket.url, [item for item in found if item], len(found))


def _of_file(place: Path, path: Path) -> Item | None:
    name = path.relative_to(place).as_posix()
    if not _is_video(name):
        return None
    try:
        facts = path.stat()
    except OSError:  # a link to nothing: the failure is said of the video, not of the folder
        return Item(_id(name), name, 0, "none", "", path)
    # What is no file (a pipe, a device) is listed as well: somebody has put it there for a video.
    stamp = f"{facts.st_size}:{facts.st_mtime_ns}" if stat.S_ISREG(facts.st_mode) else "no file"
    return Item(_id(name), name, facts.st_size, stamp, "", path)


def _of_entry(entry: Entry) -> Item | None:
    if not _is_video(entry.name):
        return None
    # Without a hash, as in a folder that serves as a bucket, the decoder makes one.
    content = f"crc32c:{entry.crc32c}:{entry.size_bytes}" if entry.crc32c else ""
    stamp = f"{entry.size_bytes}:{entry.generation}:{entry.updated_at}"
    return Item(_id(entry.name), entry.name, entry.size_bytes, stamp, content, None, entry)


def _is_video(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") for part in path.parts)
    return not name.endswith("/") and not hidden and path.suffix.lower() not in NEITHER


def _id(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(path.stem))


def _checked(place: str, items: list[Item], seen: int) -> Listing:
    if not items:
        raise DataError(f"{place}: no videos in it", hint="put them there, or name another folder or prefix in videos:")
    items = sorted(items, key=lambda item: (item.video_id, item.name))
    for one, other in pairwise(items):
        if one.video_id == other.video_id:
            raise DataError(
                f"{place}: {one.name} and {other.name} would both be video_id {one.video_id!r}", hint="keep one of them"
            )
    return Listing(items, seen - len(items))
