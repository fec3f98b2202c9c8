"""Frames for the screen, from the process that decodes them; the next ones are at hand before they are needed."""

from __future__ import annotations

import base64
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from engine.annotations.decision import Unit
from tui.services.looker import Gone, Looker

MODULE = "engine.framing"
KEPT = 16
DEADLINE_S = 900.0  # a frame late in a long video, of which all that stands before it is read


@dataclass(frozen=True)
class Look:
    """How a frame is looked at: how bright, how close, and around which point (in parts of the frame)."""

    gamma: float = 1.0
    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True)
class Wish:
    """A frame as somebody wants to see it: in pixels of half blocks, or as a graphic of a kind."""

    unit: Unit
    width: int
    height: int
    look: Look = Look()
    kind: str = "half"


@dataclass(frozen=True)
class Drawn:
    """Rows of RGB, or the bytes of a PNG or a Sixel."""

    width: int
    height: int
    data: bytes


class Frames:
    """Asks in threads of its own; what is asked for twice is drawn once."""

    def __init__(self, videos: Path, cache: Path, *, readonly: bool) -> None:
        words = [str(videos), str(cache), *(["--readonly"] if readonly else [])]
        self._looker = Looker(MODULE, *words, deadline_s=DEADLINE_S)
        self._threads = ThreadPoolExecutor(3, thread_name_prefix="frames")
        self._found: OrderedDict[Wish, Future[Drawn]] = OrderedDict()
        self._lock = threading.Lock()

    def come(self, units: Sequence[Unit]) -> None:
        """These are wanted next."""
        self._threads.submit(self._looker.ask, "come", keys=[[*unit] for unit in units])

    def want(self, wish: Wish) -> Future[Drawn]:
        """A frame, now or soon."""
        with self._lock:
            known = self._found.get(wish)
            if known is None or (known.done() and known.exception() is not None):
                known = self._found[wish] = self._threads.submit(self._draw, wish)
            self._found.move_to_end(wish)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
            return known

    def save(self, unit: Unit, look: Look, path: Path) -> None:
        """Write it as a PNG."""
        self._looker.ask("save", of=[*unit], look=astuple(look), path=str(path))

    def close(self) -> None:
        """End the process; what was asked of it is not answered."""
        self._looker.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _draw(self, wish: Wish) -> Drawn:
        try:
            return self._asked(wish)
        except Gone:  # a video may have cost it its memory; another one is started for what is asked now
            return self._asked(wish)

    def _asked(self, wish: Wish) -> Drawn:
        asked: dict[str, Any] = {
            "of": [*wish.unit],
            "width": wish.width,
            "height": wish.height,
            "look": astuple(wish.look),
        }
        if wish.kind == "half":
            found = self._looker.ask("pixels", **asked)
            data = base64.b64decode(found["data"])
            return Drawn(found["width"], len(data) // (3 * max(1, found["width"])), data)
        if wish.kind == "kitty":
            asked |= {"width": 0, "height": 0}  # its own size: the terminal makes it smaller
        found = self._looker.ask("graphic", **asked, kind=wish.kind)
        return Drawn(found["width"], found["height"], base64.b64decode(found["data"]))
