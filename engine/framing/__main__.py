"""`python -m engine.framing VIDEOS CACHE`: answers questions about frames, a line of JSON each, until nobody asks.

A process of its own: what it loads, and what a damaged video does to it, is nothing to who asks.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image

from engine.errors import FootplateError
from engine.files import write_atomic
from engine.framing import drawn
from engine.framing.ahead import Ahead
from engine.framing.drawn import Look
from engine.framing.kept import Kept
from engine.vision.glance import glance

AT_ONCE = 4  # questions: the frame in view is drawn anew while the next one is still being read
Question = dict[str, Any]


class Desk:
    """What answers."""

    def __init__(self, ahead: Ahead) -> None:
        self._ahead = ahead
        self._writing = threading.Lock()

    def answer_all(self) -> None:
        """Answer until nobody asks any more."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for line in sys.stdin:
                question = json.loads(line)
                if question["do"] == "come":
                    self._tell(question)  # in its turn, and soon
                else:
                    threads.submit(self._tell, question)
            os._exit(0)  # whoever asked has gone; what is still being read is wanted by nobody

    def _tell(self, question: Question) -> None:
        line = json.dumps({"id": question["id"], **self._answer(question)}) + "\n"
        with self._writing:
            sys.stdout.write(line)
            sys.stdout.flush()

    def _answer(self, question: Question) -> dict[str, Any]:
        try:
            return {"answer": DO[question["do"]](self, question)}
        except FootplateError as error:
            return {"error": error.message, "hint": error.hint}
        except Exception as error:  # noqa: BLE001 (a damaged video may meet any fault; it is told to who asked)
            return {"error": f"{type(error).__name__}: {error}", "hint": ""}

    # --- answers -------------------------------------------------------------------------------------------------

    def _image(self, question: Question) -> Image.Image:
        video_id, index = question["of"]
        return drawn.image(self._ahead.frame((video_id, index)), Look(*question["look"]))

    def come(self, question: Question) -> None:
        """Which frames are wanted next."""
        self._ahead.come([(video_id, index) for video_id, index in question["keys"]])

    def pixels(self, question: Question) -> dict[str, Any]:
        """A frame as rows of RGB, as large as fits."""
        small = drawn.fitted(self._image(question), question["width"], question["height"], enlarge=True)
        return {"width": small.width, "data": _text(small.tobytes())}

    def graphic(self, question: Question) -> dict[str, Any]:
        """A frame at its own size, or smaller where there is less room for it, as PNG or Sixel."""
        whole = self._image(question)
        if question["width"]:
            whole = drawn.fitted(whole, question["width"], question["height"], enlarge=False)
        make = drawn.sixel if question["kind"] == "sixel" else drawn.png
        return {"width": whole.width, "height": whole.height, "data": _text(make(whole))}

    def save(self, question: Question) -> None:
        """A frame as a PNG file."""
        write_atomic(Path(question["path"]), drawn.png(self._image(question)))

    def glance(self, question: Question) -> dict[str, Any]:
        """The first frame of any video by its path, as rows of RGB, and in words what its header says."""
        facts, frame = glance(Path(question["path"]))
        small = drawn.fitted(drawn.image(frame, Look()), question["width"], question["height"], enlarge=True)
        return {"width": small.width, "height": small.height, "data": _text(small.tobytes()), "words": facts.words()}


DO: dict[str, Callable[[Desk, Question], Any]] = {
    "come": Desk.come, "pixels": Desk.pixels, "graphic": Desk.graphic, "save": Desk.save,
    "glance": Desk.glance,
}  # fmt: skip


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def main(argv: list[str] | None = None) -> int:
    """Answer on standard output what is asked on standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parser = argparse.ArgumentParser("python -m engine.framing")
    parser.add_argument("videos", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--readonly", action="store_true", help="keep nothing in the cache")
    asked = parser.parse_args(argv)
    kept = Kept(asked.cache, readonly=asked.readonly)
    kept.tidy()
    ahead = Ahead(asked.videos, kept)
    ahead.start()
    Desk(ahead).answer_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
