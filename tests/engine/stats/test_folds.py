"""What is left out together."""

from __future__ import annotations

import pytest

from engine.errors import DataError, SpecError
from engine.stats import folds

ROWS = [
    {"video_id": "a", "frame_index": "0", "scene": "s"},
    {"video_id": "a", "frame_index": "5", "scene": "s"},
    {"video_id": "b", "frame_index": "0", "scene": "s"},
    {"video_id": "c", "frame_index": "0", "scene": "t"},
]


def test_auto_leaves_videos_out_where_one_has_several_frames() -> None:
    assert folds.left_out(ROWS, "auto") == ("video", ["a", "a", "b", "c"])
    assert folds.left_out(ROWS[1:], "auto") == ("frame", ["a:5", "b:0", "c:0"])


def test_any_column_can_be_left_out_by() -> None:
    assert folds.members(folds.left_out(ROWS, "scene")[1]) == {"s": [0, 1, 2], "t": [3]}


def test_an_unknown_column_is_refused_with_those_there_are() -> None:
    with pytest.raises(SpecError, match="no column 'scenes'") as raised:
        folds.left_out(ROWS, "scenes")
    assert raised.value.hint == "auto, frame, video, or one of its columns: video_id, scene"


def test_one_group_alone_leaves_nothing_to_learn_from() -> None:
    with pytest.raises(DataError, match="all 3 gold frames are of one scene, 's'"):
        folds.left_out(ROWS[:3], "scene")


def test_a_blank_group_is_named_with_its_frame() -> None:
    with pytest.raises(DataError, match="a, frame 5: the gold table's 'scene' is empty"):
        folds.left_out([ROWS[0], {**ROWS[1], "scene": " "}], "scene")
