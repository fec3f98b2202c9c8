"""The workspace: made, found, read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import presets
from engine.errors import AskError, SpecError, WorkspaceError
from engine.init import make
from engine.registry import JOBS
from engine.workspace import FILE, Workspace, at, find
from tests.lab import ROOT, shell


@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example("a: b # c")
@example("\x7f\x80 $NAME \U0001f600 'x' \"y\"")
def test_any_name_comes_back_from_the_file(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    assert make(tmp_path_factory.mktemp("study") / "new", name=name).settings.name == name


def test_a_new_workspace_is_named_after_its_folder(workspace: Workspace) -> None:
    assert workspace.settings.name == workspace.root.name
    assert list(workspace.settings.variables) == ["perspective", "distance"]


def test_a_new_workspace_has_the_presets_of_every_job(workspace: Workspace) -> None:
    assert [path.name for path in presets.listing(workspace, "toy")] == ["toy.yaml"]
    for preset in workspace.configs.glob("*.yaml"):
        assert preset.name == "machines.yaml" or presets.job_of(preset) in JOBS


def test_a_workspace_is_never_overwritten(workspace: Workspace) -> None:
    before = workspace.file.read_bytes()
    with pytest.raises(WorkspaceError, match="exists already"):
        make(workspace.root)
    assert workspace.file.read_bytes() == before


def test_it_is_found_from_any_folder_inside(workspace: Workspace) -> None:
    inner = workspace.root / "videos" / "a"
    inner.mkdir(parents=True)
    assert find(inner) == find(workspace.root) == workspace


def test_outside_there_is_none_and_the_hint_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=f"no {FILE} in {tmp_path} or above it") as raised:
        find(tmp_path)
    assert "footplate init DIR" in raised.value.hint


def test_a_named_folder_must_hold_one_itself(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=f"no {FILE} in it"):
        at(workspace.configs)
    with pytest.raises(WorkspaceError, match=f"no {FILE} in it"):
        at(Path("~nobody-of-this-name"))


def test_faults_in_it_come_with_their_lines(workspace: Workspace) -> None:
    workspace.file.write_text("name: x\nframes_per_video: 0\ncoder: [a]\n")
    with pytest.raises(SpecError) as raised:
        _ = workspace.settings
    assert [fault.partition(f"{FILE}:")[2][:20] for fault in raised.value.faults] == [
        "2: frames_per_video:",
        "3: coder: unknown ke",
    ]


@pytest.mark.parametrize("content", [b"name: caf\xe9\n", None])
def test_one_that_cannot_be_read_is_a_clear_error(workspace: Workspace, content: bytes | None) -> None:
    workspace.file.unlink()
    if content:
        workspace.file.write_bytes(content)
    with pytest.raises(WorkspaceError, match=r"workspace\.yaml: cannot be read"):
        _ = workspace.settings


def test_a_preset_is_chosen_by_path_or_by_name(workspace: Workspace) -> None:
    named = workspace.configs / "toy-long.yaml"
    named.write_text("steps: 7\n")
    for name in (str(named), "configs/toy-long.yaml", "toy-long.yaml", "toy-long"):
        assert presets.choose(workspace, "toy", name) == ("steps: 7\n", str(named))
    assert presets.choose(workspace, "toy", None)[1] == str(workspace.configs / "toy.yaml")
    (workspace.configs / "toy.yaml").unlink()
    assert presets.choose(workspace, "toy", None) == ("", "defaults of toy")


def test_a_preset_that_is_not_there_is_answered_with_those_that_are(workspace: Workspace) -> None:
    with pytest.raises(AskError, match="toy-longer: no such file or preset") as raised:
        presets.choose(workspace, "toy", "toy-longer")
    assert raised.value.hint == "presets of toy: toy"


def test_a_preset_that_is_not_utf8_is_a_clear_error(workspace: Workspace) -> None:
    (workspace.configs / "toy.yaml").write_bytes(b"title: caf\xe9\n")
    with pytest.raises(AskError, match=r"toy\.yaml: cannot be read: 'utf-8' codec"):
        presets.choose(workspace, "toy", None)


READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def test_without_permission_to_write_every_verb_says_so(workspace: Workspace) -> None:
    """Root may write anywhere, except where a file system is mounted to be read only."""
    inside = ["unshare", "-rm", "sh", "-c", READ_ONLY, "-", str(workspace.root)]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount anything (unshare -rm)")
    for words in (["run", "toy"], ["init", str(workspace.root / "inner")]):
        command = [sys.executable, "-m", "engine", "-w", str(workspace.root), *words]
        said = subprocess.run([*inside, *command], capture_output=True, text=True, check=False, cwd=ROOT)
        assert said.returncode == 2
        assert "Traceback" not in said.stderr
        assert "no permission to write" in said.stderr or "Read-only file system" in said.stderr


def test_a_workspace_that_cannot_be_written_is_refused_before_anything_is_made(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # what a user who is not root would see
    with pytest.raises(WorkspaceError, match="no permission to write") as raised:
        workspace.must_be_writable()
    assert "chmod" in raised.value.hint


def test_commands_find_the_workspace_around_the_current_folder(workspace: Workspace, tmp_path: Path) -> None:
    assert shell("runs", cwd=workspace.configs).out == "no runs yet\n"
    outside = shell("runs", cwd=tmp_path)
    assert (outside.code, outside.out) == (2, "")
    assert "footplate init DIR" in outside.err
