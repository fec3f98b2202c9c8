"""footplate code: a frame is labelled without the screen, into the same log."""

from __future__ import annotations

import json

from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.conftest import Cli


def _frames(workspace: Workspace) -> None:
    workspace.frames.write_text("video_id,frame_index\nkitchen,3\nkitchen,9\n")


def _standing(workspace: Workspace) -> dict[str, str]:
    with Log.open(workspace.labels, readonly=True) as log:
        return {one.variable: one.value for one in log.newest(coder="ana")}


def test_labels_are_saved_and_taken_back_as_one_act(workspace: Workspace, cli: Cli) -> None:
    _frames(workspace)
    said = cli("code", "ana", "kitchen", "3", "perspective=other", "distance=can't tell", "--json")
    assert [one["value"] for one in json.loads(said.out)["saved"]] == ["can't tell", "other"]
    assert _standing(workspace) == {"perspective": "other", "distance": "can't tell"}
    assert "distance" in cli("code", "ana", "--undo").out
    assert _standing(workspace) == {}
    again = cli("code", "ana", "--undo")
    assert again.code == 2 and "nothing left to take back" in again.err


def test_a_flag_and_a_note_need_no_label(workspace: Workspace, cli: Cli) -> None:
    _frames(workspace)
    assert "flagged, note: dark" in cli("code", "ana", "kitchen", "3", "--flag", "--note", "dark").out
    assert "not flagged, note: dark" in cli("code", "ana", "kitchen", "3", "--no-flag").out
    saved = json.loads(cli("code", "ana", "kitchen", "3", "distance=", "--json").out)["saved"]
    assert saved[0] | {"at": 0} == {"coder": "ana", "video_id": "kitchen", "frame_index": 3, "variable": "distance",
                                    "value": "", "flagged": False, "note": "dark", "at": 0}  # fmt: skip


def test_what_is_wrong_is_named_and_nothing_is_saved(workspace: Workspace, cli: Cli) -> None:
    _frames(workspace)
    faults = {
        ("zoe", "kitchen", "3", "distance=social"): "coders does not name 'zoe'",
        ("ana", "kitchen", "3", "distanc=social"): "did you mean 'distance'",
        ("ana", "kitchen", "3", "distance=sozial"): "did you mean 'social'",
        ("ana", "kitchen", "3", "distance"): "expected VARIABLE=LABEL",
        ("ana", "kitchen", "4", "distance=social"): "no frame 4 of 'kitchen'",
        ("ana", "kitchen", "3"): "nothing is said",
        ("ana",): "which frame is meant",
    }
    for words, fault in faults.items():
        said = cli("code", *words)
        assert said.code == 2 and fault in said.err
    assert not workspace.labels.exists()
