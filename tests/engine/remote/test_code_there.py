"""The code of a run on a machine is that of its commit; what no commit holds goes only when that is asked for."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from engine import code, launch
from engine.errors import AskError
from engine.remote.wish import Wish
from tests import lab, outside
from tests.engine.remote.conftest import NAME, Box, closed
from tests.lab import ROOT, ended, toy

pytestmark = [outside.needs("sshd", "rsync", "git"), pytest.mark.timeout(600)]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The code in a checkout of its own, from which runs and their shepherds are started."""
    copy = tmp_path / "tree"
    for name in code.PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", str(copy), "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True)
    monkeypatch.setattr(code, "HERE", copy)
    return copy


def there(box: Box, digest: str) -> Path:
    """Where code is on the machine."""
    return box.sshd.home / "footplate" / "code" / digest[:16]


def test_a_run_there_is_made_with_its_commit_and_says_so(box: Box, tree: Path) -> None:
    here, run = toy(box.workspace, *lab.QUICK), box.submit(*lab.QUICK, uncommitted=False)
    assert ended(run).state == "done"
    closed(run)
    made = run.record()["code"]
    assert made == here.record()["code"]
    assert made["commit"] and made["diff_sha256"] == ""
    assert code.told(run)["sent"] == f"{NAME}: commit {made['commit'][:12]}"
    assert (there(box, made["sha256"]) / "engine" / "jobs" / "toy.py").exists()
    shown = lab.shell("-w", str(box.workspace.root), "show", run.id).out
    assert f"code: commit {made['commit'][:12]}" in shown


def test_what_no_commit_holds_goes_only_with_uncommitted_and_is_kept_as_a_patch(box: Box, tree: Path) -> None:
    (tree / "engine" / "new.py").write_text("NEW = 1\n")
    with pytest.raises(AskError, match=r"no commit holds engine/new\.py"):
        box.submit(*lab.QUICK, uncommitted=False)
    run = box.submit(*lab.QUICK)
    assert ended(run).state == "done"
    made = run.record()["code"]
    assert made["diff_sha256"] == hashlib.sha256((run.folder / code.PATCH).read_bytes()).hexdigest()
    assert (there(box, made["sha256"]) / "engine" / "new.py").read_text() == "NEW = 1\n"
    assert code.told(run)["sent"].endswith("with uncommitted changes")


def test_a_run_of_uncommitted_code_does_not_move_to_a_machine_unasked(box: Box, tree: Path) -> None:
    (tree / "engine" / "new.py").write_text("NEW = 1\n")
    run = toy(box.workspace, "steps=3", "seconds_per_step=0", "fail_at=2")
    assert ended(run).state == "failed"
    with pytest.raises(AskError, match="no commit holds the code of"):
        launch.resume(box.workspace, run, Wish(NAME))
    assert ended(run).state == "failed"


def test_where_footplate_is_a_package_its_frozen_files_go_and_the_run_says_so(box: Box, tree: Path) -> None:
    shutil.rmtree(tree / ".git")
    run = box.submit(*lab.QUICK, uncommitted=False)
    assert ended(run).state == "done"
    made = run.record()["code"]
    assert "commit" not in made
    assert code.told(run)["sent"] == f"{NAME}: files, by their hash {made['sha256'][:16]}"
