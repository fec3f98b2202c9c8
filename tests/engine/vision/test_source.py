"""From gold rows to pixels: videos, pictures, folders of pictures, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import DataError
from engine.vision import source
from tests.engine.vision import small


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A video, a picture, and a folder of pictures."""
    made = tmp_path / "videos"
    (made / "album").mkdir(parents=True)
    small.video(made / "clip.mp4", [small.grey(level) for level in (20, 100, 180)])
    Image.fromarray(small.grey(60)).save(made / "photo.png")
    Image.fromarray(small.grey(90)).save(made / "album" / "0042.png")
    return made


def load(folder: Path, *keys: source.Key) -> list[float]:
    return [float(frame.mean()) for frame in source.load(folder, keys, lambda frame: frame, lambda done: None)]


def test_frames_come_in_the_order_in_which_they_were_asked_for(folder: Path) -> None:
    found = load(folder, ("clip", 2), ("photo", 0), ("clip", 0), ("album", 42))
    assert found == pytest.approx([180, 60, 20, 90], abs=3)


def test_only_what_use_makes_of_a_frame_is_kept(folder: Path) -> None:
    said: list[int] = []
    found = source.load(folder, [("clip", 0), ("clip", 1)], lambda frame: frame[:1, :1], said.append)
    assert [frame.shape for frame in found] == [(1, 1, 3), (1, 1, 3)]
    assert said == [1, 2]


def test_what_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(DataError, match=r"there is no nowhere\.\*"):
        load(folder, ("nowhere", 0))
    with pytest.raises(DataError, match=r"album: there is no picture of frame 7"):
        load(folder, ("album", 7))
    with pytest.raises(DataError, match=r"photo\.png: there is no frame 3: a picture has only frame 0"):
        load(folder, ("photo", 3))


def test_two_files_of_one_name_are_not_guessed_between(folder: Path) -> None:
    (folder / "clip.mov").write_bytes(b"")
    with pytest.raises(DataError, match=r"clip is ambiguous: clip\.mov, clip\.mp4"):
        load(folder, ("clip", 0))


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "album/../../secret"])
def test_a_video_id_cannot_lead_out_of_its_folder(name: str, folder: Path) -> None:
    (folder.parent / "secret.mp4").write_bytes(b"")
    with pytest.raises(DataError, match="leads out of"):
        load(folder, (name, 0))


@pytest.mark.parametrize("keep", [0, 40, 200])
def test_a_corrupt_picture_is_named(keep: int, folder: Path) -> None:
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(folder / "bad.jpg")
    (folder / "bad.jpg").write_bytes((folder / "bad.jpg").read_bytes()[:keep])
    with pytest.raises(DataError, match=r"bad\.jpg: cannot be read as a picture"):
        load(folder, ("bad", 0))


def test_pictures_without_three_channels_become_rgb(folder: Path) -> None:
    Image.new("LA", (5, 4), (77, 128)).save(folder / "grey.png")
    (frame,) = source.load(folder, [("grey", 0)], lambda frame: frame, lambda done: None)
    assert frame.shape == (4, 5, 3) and set(frame.ravel().tolist()) == {77}
