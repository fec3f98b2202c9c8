"""Frames that were decoded once, kept as PNG in the workspace's cache, so that no video is read again for each."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from engine.files import write_atomic
from engine.framing import drawn
from engine.vision import source
from engine.vision.decode import Frame

MOST_BYTES = 2 << 30


class Kept:
    """A folder of frames, each under a name that says nothing; what was used longest ago makes room."""

    def __init__(self, folder: Path, *, readonly: bool, most: int = MOST_BYTES) -> None:
        self._folder, self._readonly, self._most = folder, readonly, most

    def read(self, path: Path, index: int) -> Frame | None:
        """A frame of a video as it is now; None where it has not been kept."""
        file = self._file(path, index)
        try:
            frame = source.picture(file) if file.is_file() else None
        except Exception:  # noqa: BLE001 (whatever a damaged file does: the video still has the frame)
            return None
        if frame is not None and not self._readonly:
            with suppress(OSError):
                os.utime(file)
        return frame

    def has(self, path: Path, index: int) -> bool:
        return self._file(path, index).is_file()

    def write(self, path: Path, index: int, frame: Frame) -> None:
        """Keep a frame; a disk that is full or closed keeps nobody from seeing it."""
        if self._readonly:
            return
        with suppress(OSError):
            write_atomic(self._file(path, index), drawn.png(drawn.image(frame, drawn.Look())))

    def tidy(self) -> None:
        """Make room."""
        if self._readonly or not self._folder.is_dir():
            return
        files = sorted(((file.stat(), file) for file in self._folder.glob("*.png")), key=lambda one: -one[0].st_mtime)
        total = 0
        for stat, file in files:
            total += stat.st_size
            if total > self._most:
                file.unlink(missing_ok=True)

    def _file(self, path: Path, index: int) -> Path:
        """Another name where the video is another one; a folder of pictures needs none of this."""
        stat = path.stat()
        about = f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\0{index}"
        return self._folder / f"{hashlib.sha256(about.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.png"
