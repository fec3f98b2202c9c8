"""Generated clips, broken ones among them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from tests.engine.vision import small

BROKEN = {"empty": "empty", "noise": "unreadable", "cut": "truncated", "sound": "no_video_stream"}


def folder(place: Path, count: int, *, broken: bool = True) -> Path:
    """Clips of 3 to 14 frames, each unlike the others, and one of each kind of broken ones."""
    place.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    for number in range(count):
        frames = random.integers(0, 256, (3 + number % 12, 32 + 16 * (number % 2), 48, 3), dtype=np.uint8)
        small.video(place / f"clip{number:04}.mp4", list(frames))
    if broken:
        (place / "empty.mp4").touch()
        (place / "noise.mp4").write_bytes(random.bytes(5000))
        (place / "cut.mp4").write_bytes((place / "clip0000.mp4").read_bytes()[:600])
        sound(place / "sound.mp4")
    return place


def sound(path: Path) -> None:
    """A file with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
