"""Small real things for tests of vision: generated videos, frames, plans on small networks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from engine.vision import loocv
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.decode import Frame
from engine.vision.plan import Compute, Places, Plan, Training

CLASSES = ("dark", "stripes", "noise")
TRAINING = Training(
    lr=1e-3, optimizer="adam", weight_decay=0, epochs=3, batch=4, patience=3, weighted=True, frozen_norm=False
)


def grey(level: int, height: int = 48, width: int = 64) -> Frame:
    """A frame whose level tells which one it is."""
    return np.full((height, width, 3), level, np.uint8)


def video(path: Path, frames: Sequence[Frame], times_ms: Sequence[int] | None = None) -> Path:
    """A video with frames that refer to later ones, so that its order in the file is not that of presentation."""
    height, width, _ = frames[0].shape
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25, options={"bf": "2", "qscale": "1"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = (times_ms or range(0, 40 * len(frames), 40))[number], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def frames(count: int, size: int) -> Frame:
    """(N, S, S, 3) of three kinds that a network can tell apart, none like the other."""
    random = np.random.default_rng(0)
    made = random.integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    made[0::3] //= 4
    made[1::3, ::4] = 255
    return made


def plan(folder: Path, model: str, train_from: str, *, count: int = 9, size: int = 64, **changes: Any) -> Plan:
    """A plan whose start is made: every frame a fold, three classes in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = frames(count, size)
    np.save(folder / "frames.npy", pixels)
    made = Plan(
        variable="kind",
        classes=CLASSES,
        model=model,
        train_from=train_from,
        weights_sha256="",
        frames_sha256=hashlib.sha256(pixels.data).hexdigest(),
        keys=tuple(f"video:{n}" for n in range(count)),
        rows=tuple(range(count)),
        labels=tuple(n % 3 for n in range(count)),
        rule="frame",
        groups=tuple(f"video:{n}" for n in range(count)),
        folds=tuple((n,) for n in range(count)),
        preprocessing=Preprocessing(size, "squash", (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)),
        augmentation=Augmentation(),
        training=TRAINING,
        compute=Compute("cpu", "fp32", 1, {}),
        seed=3,
        cached=True,
        places=Places(str(folder / "work"), str(folder / "cache"), str(folder / "frames.npy"), ""),
    )
    made = replace(made, **changes)
    made.save()
    loocv.start(made)
    return made
