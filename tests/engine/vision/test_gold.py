"""The gold table: what is read, what is left out, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import DataError, SpecError
from engine.vision import gold
from engine.vision.gold import Gold

HEADER = "video_id,frame_index,scene,pov,distance\n"
ROWS = "a,0,s,near,x\na,5,s,far,x\nb,1,t,,x\nb,2,t,odd,x\nb,3,t,near,x\n"
LABELS = ("near", "far", "odd")


def table(tmp_path: Path, rows: str = ROWS) -> Gold:
    path = tmp_path / "gold.csv"
    path.write_text(HEADER + rows)
    return gold.read(path)


def class_of(label: str) -> str | None:
    return {"near": "close", "far": "remote"}.get(label)


def test_labels_become_classes_and_the_rest_is_counted(tmp_path: Path) -> None:
    found = gold.labelled(table(tmp_path), "pov", LABELS, ["close", "remote"], class_of)
    assert (found.rows, found.labels) == ([0, 1, 4], [0, 1, 0])
    assert (found.blank, found.dropped) == (1, {"odd": 1})
    assert found.summary() == "pov: 3 gold frames: 2 close, 1 remote; left out: 1 odd (no class), 1 blank"


def test_an_empty_gold_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gold\.csv: no gold frames"):
        table(tmp_path, "")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,-1,s,near,x\n", "line 2: frame_index is '-1'"),
        ("a,1.5,s,near,x\n", "line 2: frame_index is '1.5'"),
        (",1,s,near,x\n", "line 2: video_id is empty"),
        ("a,1,s,near,x\na,1,s,far,x\n", "frame 1 of a is there 2 times"),
    ],
)
def test_a_row_that_names_no_single_frame_is_refused(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        table(tmp_path, row)


def test_a_label_that_the_codebook_lacks_is_named_with_its_frame(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="b, frame 2: pov is 'odd'"):
        gold.labelled(table(tmp_path), "pov", ("near", "far"), ["close", "remote"], class_of)


def test_one_class_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="all 2 frames are 'close' for 'pov': one class only"):
        gold.labelled(table(tmp_path, "a,0,s,near,x\na,1,s,near,x\n"), "pov", LABELS, ["close", "remote"], class_of)


def test_variables_are_those_asked_for_or_all_with_a_column(tmp_path: Path) -> None:
    found = table(tmp_path)
    assert gold.variables(found, (), ["pov", "light", "distance"]) == ["pov", "distance"]
    assert gold.variables(found, ("distance",), ["pov", "distance"]) == ["distance"]


def test_all_wrong_variables_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as raised:
        gold.variables(table(tmp_path), ("distanse", "light"), ["pov", "distance", "light"])
    assert [fault.partition(": ")[2][:30] for fault in raised.value.faults] == [
        "no variable 'distanse' in work",
        f"{tmp_path}/gold.csv has no column"[:30],
    ]
    assert "did you mean 'distance'?" in raised.value.faults[0]


def test_coders_are_read_on_gold_frames_alone(tmp_path: Path) -> None:
    rows = [
        {"annotator": "ann", "video_id": "a", "frame_index": "0", "pov": "near"},
        {"annotator": "ann", "video_id": "z", "frame_index": "0", "pov": "near"},
        {"annotator": "bob", "video_id": "a", "frame_index": "0", "pov": "far"},
        {"annotator": "bob", "video_id": "a", "frame_index": "5", "pov": "odd"},
    ]
    found = gold.by_coder(rows, "pov", [("a", 0), ("a", 5)], ["close", "remote"], class_of)
    assert found == {"ann": {"a:0": 0}, "bob": {"a:0": 1}}
