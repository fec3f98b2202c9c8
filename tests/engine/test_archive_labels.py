"""The archive, tags and notes."""

from __future__ import annotations

import os
import shutil

import pytest

from engine import archive, labels
from engine.errors import AskError, RunError, WorkspaceError
from engine.files import write_json
from engine.locks import hold
from engine.run import Run, create, find, listing
from engine.workspace import Workspace


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """A run that has failed."""
    made = create(workspace, "toy", "", record={"tags": ["first"]})
    write_json(made.status_file, {"state": "failed", "attempt": 1})
    return made


def test_an_archived_run_is_out_of_sight_and_still_found_by_its_id(workspace: Workspace, run: Run) -> None:
    moved = archive.archive(workspace, run)
    assert listing(workspace) == []
    assert listing(workspace, archived=True) == [moved] == [find(workspace, run.id)]
    assert moved.status().state == "failed"


def test_an_archived_run_comes_back(workspace: Workspace, run: Run) -> None:
    assert archive.restore(workspace, archive.archive(workspace, run)) == run
    assert listing(workspace) == [run]


def test_what_is_in_its_place_already_is_not_moved(workspace: Workspace, run: Run) -> None:
    with pytest.raises(RunError, match=f"{run.id} is not archived$"):
        archive.restore(workspace, run)
    with pytest.raises(RunError, match="is archived already"):
        archive.archive(workspace, archive.archive(workspace, run))


def test_an_active_run_is_not_archived(workspace: Workspace, run: Run) -> None:
    write_json(run.status_file, {"state": "pending"})
    with pytest.raises(RunError, match="is pending") as raised:
        archive.archive(workspace, run)
    assert "footplate stop" in raised.value.hint


def test_a_run_that_is_being_resumed_is_not_archived(workspace: Workspace, run: Run) -> None:
    lock = hold(run.lock)
    with pytest.raises(RunError, match="is running"):
        archive.archive(workspace, run)
    os.close(lock or -1)
    assert listing(workspace) == [run]


def test_nothing_in_the_archive_is_overwritten(workspace: Workspace, run: Run) -> None:
    shutil.copytree(run.folder, workspace.archive / run.id)
    with pytest.raises(WorkspaceError, match="not empty"):
        archive.archive(workspace, run)
    assert listing(workspace) == [run]


def test_tags_come_from_the_spec_until_somebody_changes_them(run: Run) -> None:
    assert labels.read(run) == labels.Labels(("first",), "")
    assert labels.change(run, add=["best", "first"], note="look here").tags == ("first", "best")
    assert labels.change(run, remove=["first"]) == labels.read(run) == labels.Labels(("best",), "look here")


@pytest.mark.parametrize("tag", ["", "two words", "a,b", "line\n"])
def test_a_tag_is_one_word(run: Run, tag: str) -> None:
    with pytest.raises(AskError, match="cannot be a tag"):
        labels.change(run, add=[tag])
    assert labels.read(run).tags == ("first",)


@pytest.mark.parametrize("damage", ["", "{", '{"tags": 5, "note": null}', '{"tags": "ab"}', '{"tags": [1, {}]}', "[]"])
def test_damaged_labels_are_shown_as_none_and_can_be_written_anew(run: Run, damage: str) -> None:
    (run.folder / "labels.json").write_text(damage)
    (run.folder / "run.json").write_text(damage)
    assert labels.read(run) == labels.Labels()
    assert labels.change(run, add=["again"]).tags == ("again",)
