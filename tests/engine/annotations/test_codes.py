"""Codes for agreement: unseen, blank and can't tell are three things; frames are read with checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.annotations import frames
from engine.annotations.codes import BLANK_LABEL, codes
from engine.annotations.decision import BLANK, CANT_TELL, Decision, Unit
from engine.errors import DataError
from engine.workspace import Workspace

LABELS = ("personal", "social", "public")


def code(coder: str, frame: int, value: str, variable: str = "distance") -> Decision:
    return Decision(coder, Unit(f"v{frame // 10}", frame), variable, value, 1.0)


DECISIONS = [
    code("ben", 11, "social"),
    code("ana", 5, "personal"),
    code("ana", 11, BLANK),
    code("ben", 5, CANT_TELL),
    code("ana", 12, "public"),
    code("ana", 5, "observed", "perspective"),
]


def test_rows_are_coders_and_cells_are_label_blank_or_unseen() -> None:
    found = codes(DECISIONS, "distance", LABELS)
    assert (found.coders, found.videos) == (["ana", "ben"], ["v0", "v1", "v1"])
    assert found.units == [Unit("v0", 5), Unit("v1", 11), Unit("v1", 12)]
    assert found.rows == [["personal", "", "public"], [CANT_TELL, "social", None]]
    assert (found.blanks, found.cant_tell) == ({"ana": 1, "ben": 0}, {"ana": 0, "ben": 1})


def test_a_blank_may_be_read_as_a_label_and_cant_tell_never_is() -> None:
    found = codes(DECISIONS, "distance", LABELS, blank="label")
    assert found.labels == [*LABELS, BLANK_LABEL]
    assert found.rows == [["personal", BLANK_LABEL, "public"], [CANT_TELL, "social", None]]


def test_a_value_that_is_no_label_is_named_with_its_frame() -> None:
    with pytest.raises(DataError, match="distance of v0, frame 5, by ana: 'near'"):
        codes([code("ana", 5, "near")], "distance", LABELS)


def test_nothing_was_coded() -> None:
    found = codes([], "distance", LABELS)
    assert (found.coders, found.units, found.rows) == ([], [], [])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("video_id\nv1\n", "no column 'frame_index'"),
        ("video_id,frame_index\nv1,1\nv1,x\n", "row 3: frame_index is 'x'"),
        ("video_id,frame_index\nv1,1.0\n", "row 2: frame_index is '1.0'"),
        ("video_id,frame_index\n,1\n", "row 2: video_id is empty"),
        ("video_id,frame_index\nv1,1\nv1,01\n", "row 3: frame 1 of v1 is there twice"),
        ("video_id,frame_index\nv1,1,2\n", "line 2: 3 cells"),
    ],
)
def test_a_line_of_frames_that_is_none_is_named(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "frames.csv").write_text(text)
    with pytest.raises(DataError, match=fault):
        frames.units(Workspace(tmp_path))


def test_frames_keep_what_else_is_known_of_them(tmp_path: Path) -> None:
    (tmp_path / "frames.csv").write_text("video_id,frame_index,scene\nv1,30,beach\n")
    assert frames.units(Workspace(tmp_path)) == [Unit("v1", 30)]
    assert frames.rows(tmp_path / "frames.csv")[Unit("v1", 30)]["scene"] == "beach"


def test_without_frames_it_says_what_makes_them_and_without_a_round_nothing_is_asked_first(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file") as caught:
        frames.units(Workspace(tmp_path))
    assert "footplate run frames" in caught.value.hint
    assert frames.active(Workspace(tmp_path)) == []
