"""What a run has made on its machine comes here whole, or what was here stays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DataError
from engine.remote import fetching
from engine.remote.there import There
from engine.run import Run, create
from engine.workspace import Workspace
from tests import outside, sshd
from tests.lab import QUICK, ended, toy
from vmops.errors import Conflict, Cut
from vmops.ssh import Host

FAR = There(Host("gpu-1", "127.0.0.1"), "footplate/workspaces/study", "20260203-101522-toy-0000")
Pull = Callable[..., None]


@pytest.fixture
def run(workspace: Workspace) -> Run:
    made = create(workspace, "toy", "steps: 3\n", record={})
    (made.folder / "work").mkdir()
    (made.folder / "work" / "weights.pt").write_text("step 1")
    (made.folder / "work" / "optimizer.pt").write_text("step 1")
    return made


def work_of(run: Run) -> dict[str, str]:
    return {path.name: path.read_text() for path in (run.folder / "work").iterdir()}


def pulled(patch: pytest.MonkeyPatch, pull: Pull) -> None:
    patch.setattr(fetching.sync, "pull", pull)


def test_checkpoints_that_are_cut_off_on_their_way_leave_those_that_are_here(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(host: Host, source: str, target: Path, say: object, **options: Any) -> None:
        (target / "new").write_text("step 2")
        (target / "new").replace(target / "weights.pt")
        raise Cut("gpu-1: cut off")

    pulled(monkeypatch, cut)
    with pytest.raises(Cut):
        fetching.work(FAR, run, print)
    assert work_of(run) == {"weights.pt": "step 1", "optimizer.pt": "step 1"}


def test_one_killed_while_it_put_checkpoints_in_place_leaves_whole_ones(run: Run) -> None:
    (run.folder / "work").rename(run.folder / fetching.OLD)
    fetching.settle(run)
    assert work_of(run) == {"weights.pt": "step 1", "optimizer.pt": "step 1"}
    assert not (run.folder / fetching.OLD).exists()


@outside.needs("ssh", "sshd", "ssh-keygen", "rsync")
def test_checkpoints_here_become_those_of_the_machine(run: Run) -> None:
    with sshd.running() as machine:
        machine.trusted()
        far = There(machine.host, "study", run.id)
        there = machine.home / far.folder / "work"
        there.mkdir(parents=True)
        (there / "weights.pt").write_text("step 20")
        fetching.work(far, run, print)
        assert work_of(run) == {"weights.pt": "step 20"}
        assert {path.name for path in run.folder.glob("work*")} == {"work"}


def test_an_artifact_that_is_not_what_was_told_is_fetched_again_before_the_run_fails(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = toy(workspace, *QUICK)
    ended(run)
    whole, tries = (run.artifacts / "result.json").read_bytes(), []
    (run.artifacts / "result.json").write_bytes(b"half")

    def pull(host: Host, source: str, target: Path, say: object, *, hashes: dict[str, str]) -> None:
        tries.append(hashes)
        if len(tries) == 1:
            raise Conflict("gpu-1: result.json is not what its hash says")
        (target / "result.json").write_bytes(whole)

    pulled(monkeypatch, pull)
    fetching.artifacts(FAR, run, print, strict=True)
    assert len(tries) == 2
    assert tries[0]["result.json"] == hashlib.sha256(whole).hexdigest()


def test_artifacts_that_never_are_what_was_told_fail_in_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def pull(*_: object, **__: object) -> None:
        raise Conflict("gpu-1: result.json is not what its hash says")

    pulled(monkeypatch, pull)
    monkeypatch.setattr(fetching, "announced", lambda run: {"result.json": "0" * 64})
    with pytest.raises(DataError, match=r"result\.json: not what the run said"):
        fetching.artifacts(FAR, run, print, strict=True)
