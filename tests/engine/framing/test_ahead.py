"""Frames before they are needed: each video is read once, memory is bounded, what is broken is told to who asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.errors import DataError
from engine.framing.ahead import Ahead
from engine.framing.kept import Kept
from engine.vision import source
from engine.vision.decode import Frame
from tests.engine.vision import small
from tests.lab import until

VIDEOS, FRAMES = 4, 6


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    for number in range(VIDEOS):
        grey = [np.full((48, 64, 3), 20 + number * 50 + index * 6, np.uint8) for index in range(FRAMES)]
        small.video(folder / f"v{number}.mp4", grey)
    return folder


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[int]]]:
    """Which videos were read, for which frames."""
    known, said = source.frames, []

    def frames(path: Path, indices: list[int]) -> Iterator[tuple[int, Frame]]:
        if indices:
            said.append((path.stem, sorted(indices)))
        yield from known(path, indices)

    monkeypatch.setattr(source, "frames", frames)
    return said


def the(folder: Path, name: str, index: int) -> Frame:
    return next(frame for _, frame in source.frames(folder / f"{name}.mp4", [index]))


def kept(tmp_path: Path, *, readonly: bool = False, most: int = 1 << 30) -> Kept:
    return Kept(tmp_path / "cache", readonly=readonly, most=most)


def test_a_video_is_read_once_for_all_of_its_frames(videos: Path, tmp_path: Path, reads: list) -> None:
    keys = [(f"v{number}", index) for index in range(FRAMES) for number in range(VIDEOS)]
    ahead = Ahead(videos, kept(tmp_path))
    ahead.start()
    ahead.come(keys)
    until(lambda: len(list((tmp_path / "cache").glob("*.png"))) == len(keys), "all are kept")
    for place, (name, index) in enumerate(keys):
        ahead.come(keys[place:])
        assert np.array_equal(ahead.frame((name, index)), the(videos, name, index))
    mine = [one for one in reads if len(one[1]) > 1]
    assert sorted(mine) == [(f"v{number}", list(range(FRAMES))) for number in range(VIDEOS)]


def test_a_frame_that_nobody_foresaw_is_read_as_well(videos: Path, tmp_path: Path) -> None:
    ahead = Ahead(videos, kept(tmp_path))
    assert np.array_equal(ahead.frame(("v2", 3)), the(videos, "v2", 3))


def test_what_was_kept_is_read_instead_of_the_video_until_that_is_another(
    videos: Path, tmp_path: Path, reads: list
) -> None:
    Ahead(videos, kept(tmp_path)).frame(("v1", 2))
    assert np.array_equal(Ahead(videos, kept(tmp_path)).frame(("v1", 2)), the(videos, "v1", 2))
    assert [one for one in reads if one[0] == "v1"][1:] == [("v1", [2])]  # what the test itself has read
    small.video(videos / "v1.mp4", [small.grey(99)] * FRAMES)
    assert abs(int(Ahead(videos, kept(tmp_path)).frame(("v1", 2))[9, 9, 0]) - 99) < 4


def test_memory_is_bounded_and_what_comes_next_stays(videos: Path, tmp_path: Path) -> None:
    size = 48 * 64 * 3
    ahead = Ahead(videos, kept(tmp_path), most=3 * size)
    ahead.start()
    keys = [(f"v{number}", index) for index in range(2) for number in range(VIDEOS)]
    ahead.come(keys)
    for place, key in enumerate(keys):
        ahead.come(keys[place:])
        ahead.frame(key)
        assert ahead._bytes() <= 4 * size
    until(lambda: not ahead._reading, "it rests")


def test_what_is_missing_or_broken_is_told_and_may_be_mended(videos: Path, tmp_path: Path) -> None:
    (videos / "v3.mp4").write_bytes(b"no video")
    ahead = Ahead(videos, kept(tmp_path))
    ahead.start()
    ahead.come([("v3", 0), ("gone", 1), ("v0", 99), ("v0", 1)])
    for key, words in {("v3", 0): "cannot be decoded", ("gone", 1): "no gone", ("v0", 99): "no frame 99"}.items():
        with pytest.raises(DataError, match=words):
            ahead.frame(key)
    assert ahead.frame(("v0", 1)).shape == (48, 64, 3)
    small.video(videos / "v3.mp4", [small.grey(50)] * 2)
    assert abs(int(ahead.frame(("v3", 0))[9, 9, 0]) - 50) < 4


def test_nothing_is_written_where_nothing_may_be(videos: Path, tmp_path: Path) -> None:
    Ahead(videos, kept(tmp_path, readonly=True)).frame(("v0", 0))
    assert not (tmp_path / "cache").exists()


def test_a_damaged_copy_is_passed_over(videos: Path, tmp_path: Path) -> None:
    Ahead(videos, kept(tmp_path)).frame(("v0", 0))
    for file in (tmp_path / "cache").glob("*.png"):
        file.write_bytes(file.read_bytes()[:40])
    assert np.array_equal(Ahead(videos, kept(tmp_path)).frame(("v0", 0)), the(videos, "v0", 0))


def test_the_oldest_copies_make_room(videos: Path, tmp_path: Path) -> None:
    for index in range(FRAMES):
        Ahead(videos, kept(tmp_path)).frame(("v0", index))
    sizes = [file.stat().st_size for file in (tmp_path / "cache").glob("*.png")]
    kept(tmp_path, most=sum(sizes) // 2).tidy()
    assert 0 < len(list((tmp_path / "cache").glob("*.png"))) < FRAMES
