"""Decoders that hang, die or have to wait, and videos that are broken."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from engine.errors import DataError
from engine.scaling import process
from engine.scaling.decoding import Chunk, Decoder, Done, Task
from engine.scaling.failures import PASSING, Broken
from engine.vision import decode
from engine.vision.consuming import View
from engine.vision.contrast import Clahe
from tests.engine.scaling import clips
from tests.engine.vision import small
from tests.lab import gone, until

WHOLE = View("bounded", 4000)


@contextmanager
def decoder(deadline_s: float = 60.0, slot_bytes: int = 1 << 20) -> Iterator[Decoder]:
    made = Decoder(deadline_s, slot_bytes)
    try:
        yield made
    finally:
        made.close()


def task(path: Path, frames: int = 4, *views: View) -> Task:
    return Task(path, "", frames, views or (WHOLE,))


def all_of(decoder: Decoder, asked: Task) -> tuple[list[tuple[int, float, np.ndarray]], Done]:
    """Frames, copied, and what is known at the end."""
    frames = []
    for what in decoder.decode(asked):
        if isinstance(what, Done):
            return frames, what
        frames += [(shown.index, shown.time_s, shown.pixels[0].copy()) for shown in what.frames]
        what.release()
    raise AssertionError("it ended without an end")


def reason(decoder: Decoder, path: Path) -> str:
    with pytest.raises(Broken) as broken:
        all_of(decoder, task(path))
    return broken.value.reason


def test_frames_are_those_of_the_sampler_in_many_slots(tmp_path: Path) -> None:
    path = small.video(tmp_path / "a.mp4", list(small.frames(20, 96)))
    with decoder(slot_bytes=60_000) as one:
        found, done = all_of(one, task(path, 9))
    wanted = list(decode.frames(path, 9))
    assert [index for index, _, _ in found] == [index for index, _, _ in wanted]
    assert all(np.array_equal(mine[2], theirs[2]) for mine, theirs in zip(found, wanted, strict=True))
    assert done.facts["frames_in_video"] == 20 and done.content.startswith("sha256:")


def test_a_pipe_that_nobody_writes_to_meets_the_deadline_and_the_next_video_is_decoded(
    videos: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "hang.mp4")
    with decoder(deadline_s=0.5) as one:
        first = one._process
        assert reason(one, tmp_path / "hang.mp4") == "deadline"
        assert one.replaced == 1 and one._process is not first
        assert first._child.poll() == -signal.SIGKILL
        one._deadline_s = 60.0
        assert len(all_of(one, task(videos / "clip0003.mp4"))[0]) == 4


def test_a_decoder_that_is_killed_costs_one_video(videos: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "hang.mp4")
    with decoder() as one:
        all_of(one, task(videos / "clip0003.mp4"))
        one.kill()
        assert reason(one, tmp_path / "hang.mp4") == "crashed"
        assert len(all_of(one, task(videos / "clip0003.mp4"))[0]) == 4


def test_waiting_for_the_consumer_is_no_fault_of_the_video(tmp_path: Path) -> None:
    path = small.video(tmp_path / "a.mp4", list(small.frames(12, 96)))
    with decoder(deadline_s=3.0, slot_bytes=30_000) as one:
        held, waited = list[Chunk](), False
        for what in one.decode(task(path, 12)):
            if isinstance(what, Done):
                break
            held.append(what)
            if len(held) == process.SLOTS or waited:
                if not waited:
                    time.sleep(3.5)  # longer than the deadline
                for chunk in held:
                    chunk.release()
                held, waited = [], True
        assert waited and one.replaced == 0


def test_a_chunk_of_a_dead_decoder_is_released_into_nothing(tmp_path: Path) -> None:
    path = small.video(tmp_path / "a.mp4", list(small.frames(12, 96)))
    with decoder(slot_bytes=30_000) as one:
        pieces = one.decode(task(path, 12))
        chunk = next(pieces)
        assert isinstance(chunk, Chunk)
        kept = chunk.frames[0].pixels[0].copy()
        one.kill()
        with pytest.raises(Broken):
            for _ in pieces:
                pass
        assert np.array_equal(chunk.frames[0].pixels[0], kept), "its memory lives as long as it is looked at"
        chunk.release()
        assert len(all_of(one, task(path, 12))[0]) == 12


@pytest.mark.parametrize(("name", "why"), clips.BROKEN.items())
def test_each_kind_of_broken_file_has_its_reason(videos: Path, name: str, why: str) -> None:
    with decoder() as one:
        assert reason(one, videos / f"{name}.mp4") == why
        assert one.replaced == 0


def test_a_file_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with decoder() as one:
        assert reason(one, tmp_path / "nowhere.mp4") == "gone"


def test_a_file_that_may_not_be_read_is_no_broken_video_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "video.mp4").mkdir()  # which nobody reads, not even root
    (tmp_path / "video.mp4" / "file").touch()
    with decoder() as one:
        assert reason(one, tmp_path / "video.mp4") == "no_access"
    assert "no_access" in PASSING


def test_a_decoder_dies_with_its_parent(videos: Path) -> None:
    child = os.fork()
    if child == 0:
        one = Decoder(60.0)
        all_of(one, task(videos / "clip0003.mp4"))
        (videos.parent / "pid").write_text(str(one._process._child.pid))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    pid = int((videos.parent / "pid").read_text())
    until(lambda: gone(pid), "the decoder is gone")


def test_processes_that_cannot_begin_end_the_run_and_not_every_video(
    videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CODE", "raise SystemExit(7)")
    with decoder() as one, pytest.raises(DataError, match="exit code 7"):
        all_of(one, task(videos / "clip0003.mp4"))


def test_several_views_of_one_decode(videos: Path) -> None:
    square, small_one = View("crop", 20), View("bounded", 10)
    with decoder() as one:
        chunk = next(one.decode(task(videos / "clip0003.mp4", 2, square, small_one, WHOLE)))
        assert isinstance(chunk, Chunk)
        shapes = [pixels.shape for pixels in chunk.frames[0].pixels]
        whole = chunk.frames[0].pixels[2]
        assert np.array_equal(chunk.frames[0].pixels[0], square(whole))
    assert shapes == [(20, 20, 3), (10, 10, 3), (48, 48, 3)]


def test_contrast_that_training_made_even_is_made_even_for_inference(videos: Path) -> None:
    even, plain = View("squash", 32, clahe=Clahe(clip=2.0, tiles=4)), View("squash", 32)
    with decoder() as one:
        chunk = next(one.decode(task(videos / "clip0003.mp4", 1, even, plain, WHOLE)))
        assert isinstance(chunk, Chunk)
        whole = chunk.frames[0].pixels[2]
        assert np.array_equal(chunk.frames[0].pixels[0], even(whole))
        assert not np.array_equal(chunk.frames[0].pixels[0], chunk.frames[0].pixels[1])
