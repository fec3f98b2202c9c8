"""How a spec names a file."""

from __future__ import annotations

import email
from pathlib import Path

import pytest

from engine import references
from engine.errors import DataError, RunError
from engine.run import Run, create
from engine.workspace import Workspace


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """A run with an artifact."""
    made = create(workspace, "toy", "", record={})
    (made.artifacts / "weights.pt").touch()
    return made


def test_a_path_is_relative_to_the_workspace(workspace: Workspace, tmp_path: Path) -> None:
    assert references.resolve(workspace, "configs/toy.yaml") == workspace.configs / "toy.yaml"
    assert references.resolve(workspace, str(tmp_path)) == tmp_path


def test_a_run_names_its_artifacts(workspace: Workspace, run: Run) -> None:
    for name in (run.id, run.id[-4:], "latest"):
        assert references.resolve(workspace, f"run:{name}/weights.pt") == run.artifacts / "weights.pt"


def test_a_package_names_its_files(workspace: Workspace) -> None:
    assert references.resolve(workspace, "package:email/message.py").parent == Path(email.__file__).parent


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("weights/none.pt", r"weights/none\.pt: there is no .*/weights/none\.pt"),
        ("~nobody-of-this-name/x", "there is no"),
        ("run:latest/none.pt", "there is no"),
        ("run:latest/../run.json", "leads out of the run's artifacts"),
        ("package:no_such_package/x", "no package 'no_such_package' is installed"),
        ("package:email/none.py", "there is no"),
        ("package:../x", "is not a package's name"),
        ("package:__main__/x", "no package '__main__'"),
        ("x\0y", "there is no"),
    ],
)
def test_what_is_not_there_is_a_clear_error(workspace: Workspace, run: Run, reference: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        references.resolve(workspace, reference)


def test_a_missing_file_is_answered_with_what_lies_beside_it(workspace: Workspace) -> None:
    with pytest.raises(DataError) as raised:
        references.resolve(workspace, "configs/tyo.yaml")
    assert "toy.yaml" in raised.value.hint


@pytest.mark.parametrize("name", ["ffff", "../x", ""])
def test_a_run_that_does_not_exist_is_what_was_asked_wrong(workspace: Workspace, run: Run, name: str) -> None:
    for ask in (references.resolve, references.pinned):
        with pytest.raises(RunError):
            ask(workspace, f"run:{name}/weights.pt")


def test_the_latest_is_the_one_that_is_meant_now(workspace: Workspace, run: Run) -> None:
    values = {"model": {"weights": {"perspective": "run:latest/weights.pt"}}, "tags": ["x", 3], "gold": "gold.csv"}
    pinned = references.pinned(workspace, values)
    assert pinned["model"] == {"weights": {"perspective": f"run:{run.id}/weights.pt"}}
    assert (pinned["tags"], pinned["gold"]) == (["x", 3], "gold.csv")
    assert references.parents(pinned) == [run.id]


def test_each_parent_is_named_once() -> None:
    values = {"a": "run:x/1", "b": ["run:y/2", "run:x/3"], "c": ("run:z",), "d": 4}
    assert references.parents(values) == ["x", "y", "z"]
