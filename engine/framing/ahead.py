"""Frames in memory before somebody asks for them; a video is read once for all of its frames that will be wanted."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from pathlib import Path

from engine.errors import DataError
from engine.framing.kept import Kept
from engine.vision import source
from engine.vision.decode import Frame
from engine.vision.source import Key

AHEAD = 8
MOST_BYTES = 256 << 20


class Ahead:
    """What is in memory: the frames asked for last, and those that come next in the order that was told."""

    def __init__(self, folder: Path, kept: Kept, *, most: int = MOST_BYTES) -> None:
        self._folder, self._kept, self._most = folder, kept, most
        self._frames: OrderedDict[Key, Frame | DataError] = OrderedDict()
        self._coming: Sequence[Key] = ()
        self._faulty: set[Key] = set()  # what could not be read, and is not tried again before somebody asks for it
        self._reading: set[Key] = set()  # what is being read from a video just now
        self._changed = threading.Condition()

    def start(self) -> None:
        """Read ahead from now on, in a thread that ends with the process."""
        threading.Thread(target=self._go, daemon=True).start()

    def come(self, keys: Sequence[Key]) -> None:
        """These are wanted next, the first one first."""
        with self._changed:
            self._coming = keys
            self._changed.notify_all()

    def frame(self, key: Key) -> Frame:
        """The frame, at once where it was foreseen.

        Raises:
            DataError: the video or the frame is missing or broken.
        """
        found = self._at_hand(key)
        if isinstance(found, DataError):  # read some time ago; by now somebody may have mended it
            self._forget(key)
            found = None
        while found is None:
            self._read([key], {key})
            found = self._at_hand(key)
        if isinstance(found, DataError):
            self._forget(key)
            raise found
        return found

    def _forget(self, key: Key) -> None:
        with self._changed:
            self._frames.pop(key, None)

    def _at_hand(self, key: Key) -> Frame | DataError | None:
        """What is in memory, or comes into it by what is being read just now."""
        with self._changed:
            self._changed.wait_for(lambda: key in self._frames or key not in self._reading)
            return self._frames.get(key)

    # --- reading -------------------------------------------------------------------------------------------------

    def _go(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._missing)
                key = self._missing()[0]
                mine = [
                    one
                    for one in self._coming
                    if one[0] == key[0] and one not in self._frames and one not in self._faulty
                ]
                self._reading = {*mine}
            try:
                self._read(mine, {*self._coming[:AHEAD]})
            finally:
                with self._changed:
                    self._reading = set()
                    self._changed.notify_all()

    def _missing(self) -> list[Key]:
        """Which of the next frames are not there, and have room."""
        soon = self._coming[:AHEAD]
        sizes = [_size(self._frames[key]) for key in soon if key in self._frames]
        if sizes and sum(sizes) + max(sizes) > self._most:
            return []
        return [key for key in soon if key not in self._frames and key not in self._faulty]

    def _read(self, keys: Sequence[Key], soon: Collection[Key]) -> None:
        """Frames of one video; those that are kept on the disk only where they come soon."""
        try:
            path = source.locate(self._folder, keys[0][0])
            rest = [key for key in keys if not self._recall(path, key, key in soon)]
            kept = path.is_file() and path.suffix.lower() not in source.PICTURES
            for index, frame in source.frames(path, [index for _, index in rest]):
                self._keep((keys[0][0], index), frame)
                if kept:
                    self._kept.write(path, index, frame)
        except DataError as error:
            self._failed(keys, error)
        except Exception as error:  # noqa: BLE001 (a damaged file may meet any fault; it must not end the thread)
            self._failed(keys, DataError(f"{keys[0][0]}: cannot be read: {type(error).__name__}: {error}"))

    def _recall(self, path: Path, key: Key, wanted: bool) -> bool:
        """Whether it need not be read from the video; in memory afterwards, where it is wanted there."""
        if not self._kept.has(path, key[1]):
            return False
        if wanted:
            frame = self._kept.read(path, key[1])
            if frame is None:
                return False
            self._keep(key, frame)
        return True

    def _keep(self, key: Key, frame: Frame) -> None:
        with self._changed:
            self._frames[key] = frame
            self._frames.move_to_end(key)
            self._reading.discard(key)
            self._make_room(key)
            self._changed.notify_all()

    def _make_room(self, newest: Key) -> None:
        """What comes late goes first, then what was asked for longest ago."""
        soon = self._coming[:AHEAD]
        spare = sorted(self._frames, key=lambda key: key in soon)  # stable: the oldest first
        for key in spare:
            if self._bytes() <= self._most or key == newest:
                return
            del self._frames[key]

    def _bytes(self) -> int:
        return sum(map(_size, self._frames.values()))

    def _failed(self, keys: Sequence[Key], error: DataError) -> None:
        """Those that were not reached are told the fault when somebody asks for them."""
        with self._changed:
            for key in keys:
                if self._frames.setdefault(key, error) is error:
                    self._faulty.add(key)
            self._reading.clear()
            self._changed.notify_all()


def _size(found: Frame | DataError) -> int:
    return 0 if isinstance(found, DataError) else found.nbytes
