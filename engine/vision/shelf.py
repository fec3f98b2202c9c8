"""Resized frames of many videos, a file a video, kept in the cache: decoded once, by whatever run comes first.

No torch. A file is named by what is in it: the video's bytes, which frames, and how they are resized. A video that was
replaced therefore has other files, and nothing stale is ever read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import DataError
from engine.files import read_json, replacing, sha256, write_json
from engine.stats.choose import Hashes
from engine.stats.metrics import Floats
from engine.vision import data, decode, source
from engine.vision.data import Preprocessing
from engine.vision.decode import Frame
from engine.vision.phash import phash
from engine.vision.source import Key

OPEN = 256  # files that are mapped into memory at a time


@dataclass(frozen=True)
class Failure:
    """Frames of a video that could not be had, and why."""

    video_id: str
    frames: int
    reason: str


@dataclass(frozen=True)
class Shelf:
    """Frames by number.

    Attributes:
        keys: (N,) which frame each is.
        times: (N,) seconds; nan for pictures.
        hashes: (N,) perceptual.
        places: (N,) the file, and the row in it.
    """

    keys: Sequence[Key]
    times: Floats
    hashes: Hashes
    places: Sequence[tuple[Path, int]]

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, number: int) -> Frame:
        path, row = self.places[number]
        frame: Frame = _mapped(path)[row]
        return frame

    def part(self, keys: Sequence[Key]) -> Shelf:
        """Some of the frames, in the order of the keys."""
        place = {key: n for n, key in enumerate(self.keys)}
        rows = [place[key] for key in keys]
        return Shelf(list(keys), self.times[rows], self.hashes[rows], [self.places[n] for n in rows])

    def digest(self) -> str:
        """A hash of which frames these are, pixels and all."""
        names = [(*key, path.name, row) for key, (path, row) in zip(self.keys, self.places, strict=True)]
        return hashlib.sha256(json.dumps(names).encode()).hexdigest()


def fill(
    cache: Path, folder: Path, keys: Sequence[Key], how: Preprocessing, said: Callable[[int], None]
) -> tuple[Shelf, list[Failure]]:
    """All frames that can be had, and what could not; `said` hears how many are done, after each video."""
    found: dict[Key, tuple[Path, int, float, int]] = {}
    failures: list[Failure] = []
    done = 0
    for video_id, indices in by_video(keys).items():
        try:
            path, facts = _video(cache, source.locate(folder, video_id), indices, how)
        except (DataError, OSError) as error:
            failures.append(Failure(video_id, len(indices), str(getattr(error, "message", error))))
        else:
            found |= {(video_id, index): (path, *rest) for index, rest in facts.rows().items()}
            if facts.reason:
                failures.append(Failure(video_id, len(indices) - len(facts.indices), facts.reason))
        done += len(indices)
        said(done)
    kept = [key for key in keys if key in found]
    times = np.array([found[key][2] for key in kept], np.float64)
    hashes = np.array([found[key][3] for key in kept], np.uint64)
    return Shelf(kept, times, hashes, [found[key][:2] for key in kept]), failures


def by_video(keys: Sequence[Key]) -> dict[str, list[int]]:
    """The frame numbers of each video, ascending; videos in their order."""
    found: dict[str, list[int]] = {}
    for video_id, index in keys:
        found.setdefault(video_id, []).append(index)
    return {video_id: sorted(set(indices)) for video_id, indices in found.items()}


@dataclass(frozen=True)
class _Facts:
    """What is beside a file of frames: of each row the frame's number, time and hash; and why some are missing."""

    indices: Sequence[int]
    times: Sequence[float | None]
    hashes: Sequence[str]
    reason: str

    def rows(self) -> Mapping[int, tuple[int, float, int]]:
        return {
            index: (row, float("nan") if time is None else time, int(hashed, 16))
            for row, (index, time, hashed) in enumerate(zip(self.indices, self.times, self.hashes, strict=True))
        }


def _video(cache: Path, video: Path, indices: Sequence[int], how: Preprocessing) -> tuple[Path, _Facts]:
    """The file of a video's frames and what is beside it, made where it is not there."""
    path = cache / f"{_name(video, indices, how)}.npy"
    known = read_json(path.with_suffix(".json"))
    if not known or not path.exists():
        known = _made(path, video, indices, how)
    return path, _Facts(known["indices"], known["times"], known["hashes"], known["reason"])


def _made(path: Path, video: Path, indices: Sequence[int], how: Preprocessing) -> dict[str, Any]:
    frames, facts, reason = list[Frame](), list[tuple[int, float | None, str]](), ""
    try:
        for index, time_s, frame in _timed(video, indices):
            frames.append(data.resized(frame, how))
            facts.append((index, time_s, f"{phash(frame):016x}"))
    except DataError as error:
        reason = error.message
        if not frames:
            raise
    with replacing(path) as beside, beside.open("wb") as file:
        np.save(file, np.stack(frames))
    columns = [list(column) for column in zip(*facts, strict=True)]
    found = {"indices": columns[0], "times": columns[1], "hashes": columns[2], "reason": reason}
    write_json(path.with_suffix(".json"), found)  # last: it says that the other one is whole
    return found


def _timed(video: Path, indices: Sequence[int]) -> Iterator[tuple[int, float | None, Frame]]:
    if video.is_dir() or video.suffix.lower() in source.PICTURES:
        yield from ((index, None, frame) for index, frame in source.frames(video, indices))
    else:
        yield from decode.pick(video, indices)


def _name(video: Path, indices: Sequence[int], how: Preprocessing) -> str:
    what = [_content(video), list(indices), asdict(how)]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:40]


def _content(video: Path) -> object:
    """The hash of a video's bytes; of a folder of pictures that of each."""
    if video.is_dir():
        return [(path.name, sha256(path)) for path in sorted(video.iterdir()) if path.is_file()]
    return sha256(video)


@lru_cache(OPEN)
def _mapped(path: Path) -> Frame:
    frames: Frame = np.load(path, mmap_mode="r")
    return frames
