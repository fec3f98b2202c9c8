"""Which code a run is made with."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from engine import code, launch
from engine.errors import WorkspaceError
from engine.locks import hold
from engine.workspace import Workspace
from tests import outside
from tests.lab import QUICK, ROOT, ended, toy, waiting


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the code that a test may edit."""
    copy = tmp_path / "tree"
    for name in code.PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(code, "HERE", copy)
    return copy


@pytest.fixture
def bare(tmp_path: Path) -> Workspace:
    """A workspace without any frozen code."""
    return Workspace(tmp_path / "bare")


def edit(tree: Path) -> None:
    """The toy job as somebody left it half way through a change."""
    (tree / "engine" / "jobs" / "toy.py").write_text("raise ImportError('half edited')\n")


def test_an_edit_does_not_reach_a_run_that_waits(workspace: Workspace, tree: Path, slots: Path) -> None:
    slots.mkdir()
    device = hold(slots / "cpu-0")
    run = toy(workspace, *QUICK)
    waiting(run)
    edit(tree)
    os.close(device or -1)
    assert ended(run).state == "done"


def test_a_resume_uses_the_frozen_code_and_a_retry_todays(workspace: Workspace, tree: Path) -> None:
    run = toy(workspace, "steps=3", "seconds_per_step=0", "fail_at=2")
    assert ended(run).error == "step 2 was told to fail"
    edit(tree)
    launch.resume(workspace, run)
    assert ended(run).error == "step 2 was told to fail"
    again = launch.retry(workspace, run)
    assert ended(again).error == "half edited"
    assert again.record()["code"]["sha256"] != run.record()["code"]["sha256"]


def test_the_same_code_is_kept_once(bare: Workspace, tree: Path) -> None:
    first = code.freeze(bare)
    assert code.freeze(bare) == first
    folder = code.frozen(bare, {"code": first.record})
    assert folder is not None
    assert [path.name for path in (bare.runs / ".code").iterdir()] == [folder.name]
    copies = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.py")}
    assert copies == {path.relative_to(tree): path.read_bytes() for path in tree.rglob("*.py")}
    edit(tree)
    assert code.freeze(bare).record["sha256"] != first.record["sha256"]


def test_many_launchers_at_once_freeze_it_once(bare: Workspace, tree: Path) -> None:
    launchers = [threading.Thread(target=code.freeze, args=(bare,)) for _ in range(6)]
    for launcher in launchers:
        launcher.start()
    for launcher in launchers:
        launcher.join()
    assert len(list((bare.runs / ".code").iterdir())) == 1


def test_others_may_read_it(bare: Workspace, tree: Path) -> None:
    folder = code.frozen(bare, {"code": code.freeze(bare).record})
    assert folder is not None
    assert folder.stat().st_mode == (tree / "engine").stat().st_mode


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(
    bare: Workspace, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        code.freeze(bare)
    assert list((bare.runs / ".code").iterdir()) == []


@pytest.mark.parametrize(
    "record", [{}, {"code": None}, {"code": {"sha256": "../../x"}}, {"code": {"sha256": "0" * 64}}]
)
def test_code_that_somebody_removed_is_none(bare: Workspace, tree: Path, record: dict[str, object]) -> None:
    code.freeze(bare)
    assert code.frozen(bare, record) is None


def test_the_commit_and_what_differs_from_it_are_recorded(bare: Workspace, tree: Path) -> None:
    assert "commit" not in code.freeze(bare).record

    def git(*words: str) -> str:
        command = ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@b", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    clean = code.freeze(bare).record
    assert (clean["commit"], clean["diff_sha256"]) == (git("rev-parse", "HEAD"), "")
    edit(tree)
    (tree / "vmops" / "new.py").write_text("NEW = 1\n")
    (tree / "engine" / "notes.txt").write_text("not code")
    changed = code.freeze(bare)
    assert changed.record["commit"] == clean["commit"]
    assert changed.record["diff_sha256"] == hashlib.sha256(changed.patch).hexdigest()
    assert b"+NEW = 1" in changed.patch and b"notes" not in changed.patch
    assert code.uncommitted() == ["engine/jobs/toy.py", "vmops/new.py"]
    assert git("status", "--porcelain", "-uall").split() == [
        "M", "engine/jobs/toy.py", "??", "engine/notes.txt", "??", "vmops/new.py"
    ], "the index of the checkout is as it was"  # fmt: skip


@outside.needs("git")
def test_a_run_keeps_the_difference_and_tells_its_code(workspace: Workspace, tree: Path) -> None:
    how = ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*how, *words], check=True)
    clean = toy(workspace, *QUICK)
    (tree / "engine" / "new.py").write_text("NEW = 1\n")
    changed = toy(workspace, *QUICK)
    assert not (clean.folder / code.PATCH).exists()
    kept = (changed.folder / code.PATCH).read_bytes()
    assert changed.record()["code"]["diff_sha256"] == hashlib.sha256(kept).hexdigest()
    assert code.words(code.told(clean)) == f"commit {clean.record()['code']['commit'][:12]}"
    assert code.words(code.told(changed)).endswith("with uncommitted changes, which are in code.patch")


def test_code_inside_somebody_elses_checkout_names_no_commit(bare: Workspace, tree: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tree.parent)], check=True)
    assert "commit" not in code.freeze(bare).record
