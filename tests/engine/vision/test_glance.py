"""A glance at a video: its facts, its first frame, and words where there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import DataError
from engine.vision.glance import glance
from tests.engine.vision import small


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return small.video(tmp_path / "v.mp4", [small.grey(40 + 10 * number) for number in range(10)])


def test_a_glance_tells_size_length_and_speed_and_shows_the_first_frame(video: Path) -> None:
    facts, frame = glance(video)
    assert (facts.width, facts.height, facts.fps, facts.sound) == (64, 48, 25, False)
    assert facts.seconds == pytest.approx(0.4, abs=0.05)
    assert frame.shape == (48, 64, 3) and abs(int(frame.mean()) - 40) < 8
    assert facts.words().startswith("64×48 · 0.4 s · 25 fps · mpeg4")


def test_the_first_frame_is_seen_where_the_middle_of_a_file_is_missing(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (30, 48, 64, 3), np.uint8)
    video = small.video(tmp_path / "v.mp4", [*noise])
    data, kept = video.read_bytes(), 6_000
    assert len(data) > 4 * kept
    video.write_bytes(data[:kept] + bytes(len(data) - 2 * kept) + data[-kept:])
    facts, frame = glance(video)
    assert frame.shape == (48, 64, 3) and facts.seconds == pytest.approx(1.2, abs=0.05)


def test_what_is_no_video_is_told_in_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0" * 500)
    with pytest.raises(DataError, match=r"broken.mp4: cannot be decoded"):
        glance(broken)


def test_the_command_look_tells_a_videos_facts(video: Path) -> None:
    words = [sys.executable, "-m", "engine", "look", str(video), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(done.stdout)["fps"] == 25
