"""A machine that cannot be used is a clear state with words and a hint, and never an endless wait."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine import launch
from engine.errors import AskError, RunError
from engine.remote.wish import Wish
from tests import lab, outside
from tests.engine.remote.conftest import NAME, Box, closed
from tests.engine.remote.test_remote import assert_is_a_copy
from tests.lab import ended, made, toy

pytestmark = [outside.needs("sshd", "rsync"), pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTPLATE_GIVE_UP_S", "3")


def test_an_unknown_host_key_is_refused_with_advice(box: Box) -> None:
    (box.sshd.folder / "known").write_text("")
    status = ended(box.submit(*lab.QUICK))
    assert (status.state, status.attempt) == ("failed", 0)
    assert "host key" in status.error
    assert "footplate vm trust lab-box" in status.hint
    assert not (box.sshd.home / "footplate").exists()


def test_a_key_that_is_not_let_in_is_a_clear_failure(box: Box) -> None:
    (box.sshd.folder / "authorized_keys").write_text("")
    status = ended(box.submit(*lab.QUICK))
    assert status.state == "failed"
    assert "it does not let us in" in status.error


def test_a_machine_that_is_down_is_tried_for_a_while_and_the_run_can_be_resumed(box: Box) -> None:
    box.sshd.stop()
    run = box.submit(*lab.QUICK)
    status = ended(run)
    assert status.state == "failed"
    assert "refuses connections" in status.error
    assert f"footplate resume {run.id}" in status.hint
    box.sshd.start()
    launch.resume(box.workspace, run)
    assert ended(run).state == "done"
    closed(run)
    assert run.status().error == ""
    assert_is_a_copy(box, run)


def test_a_request_to_stop_ends_the_wait_for_a_machine(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.run import request_stop

    monkeypatch.setenv("FOOTPLATE_GIVE_UP_S", "600")
    box.sshd.stop()
    run = box.submit(*lab.QUICK)
    lab.until(lambda: "refuses connections" in run.status().link, "it says why it waits")
    assert run.status().state == "pending"
    request_stop(run)
    assert ended(run).state == "stopped"
    assert "before it had begun" in run.status().error


def test_a_place_that_cannot_be_written_there_is_a_clear_failure(box: Box) -> None:
    (box.sshd.home / "footplate").write_text("somebody's file")
    status = ended(box.submit(*lab.QUICK))
    assert status.state == "failed"
    assert "lab-box" in status.error


def test_what_the_spec_names_and_is_not_here_fails_before_the_machine_is_asked(box: Box) -> None:
    first = toy(box.workspace, *lab.QUICK)
    ended(first)
    (first.artifacts / "result.json").unlink()
    status = ended(box.submit(*lab.QUICK, f"after=run:{first.id}/result.json"))
    assert status.state == "failed"
    assert "there is no" in status.error
    assert not (box.sshd.home / "footplate").exists()


def test_a_run_from_another_run_finds_its_artifact_there(box: Box) -> None:
    first = toy(box.workspace, *lab.QUICK)
    ended(first)
    run = box.submit(*lab.QUICK, f"after=run:{first.id}/result.json")
    assert ended(run).state == "done"
    assert run.parents() == [first.id]


def test_retry_does_it_again_on_the_same_machine(box: Box) -> None:
    run = box.submit(*lab.QUICK)
    assert ended(run).state == "done"
    again = launch.retry(box.workspace, run)
    assert ended(again).state == "done"
    assert again.status().machine == NAME
    assert again.parents() == [run.id]
    assert made(again) == made(run)


def test_a_local_run_goes_on_on_a_machine_from_its_checkpoint(box: Box) -> None:
    from engine.run import request_stop

    run = toy(box.workspace, "steps=60", "seconds_per_step=0.05")
    lab.working(run)
    request_stop(run)
    assert ended(run).state == "stopped"
    launch.resume(box.workspace, run, Wish(NAME, uncommitted=True))
    assert ended(run).state == "done"
    closed(run)
    assert (run.status().attempt, run.status().machine) == (2, NAME)
    assert [run.log.read_text().count(f"step {step}.0: x =") for step in range(1, 61)] == [1] * 60
    assert_is_a_copy(box, run)


def test_nobody_stops_a_machine_that_is_nobodys(box: Box) -> None:
    with pytest.raises(AskError, match="nobody's to start or stop"):
        box.submit(*lab.QUICK, then="stop")


def test_a_run_that_is_done_is_not_resumed_elsewhere(box: Box) -> None:
    run = box.submit(*lab.QUICK)
    assert ended(run).state == "done"
    with pytest.raises(RunError, match="nothing to go on with"):
        launch.resume(box.workspace, run, Wish(NAME))


def test_the_command_tells_the_link_and_answers_in_json(box: Box) -> None:
    words = ("-w", str(box.workspace.root), "run", "toy", *lab.QUICK, "--on", NAME, "--uncommitted")
    said = lab.shell(*words)
    assert said.code == 0, said.err
    for line in (f"{NAME}: connecting", f"{NAME}: setting up", "made result.json: where the walk ended", "done after"):
        assert line in said.err
    shown = json.loads(lab.shell("-w", str(box.workspace.root), "show", "latest", "--json").out)
    assert (shown["state"], shown["machine"], shown["link"]) == ("done", NAME, "")
    assert said.code == 0
    listed = lab.shell("-w", str(box.workspace.root), "runs", "--filter", f"machine:{NAME}").out
    assert shown["id"] in listed
    refused = lab.shell("-w", str(box.workspace.root), "run", "toy", "--then", "stop")
    assert (refused.code, "of which machine?" in refused.err) == (2, True)


def test_code_that_no_commit_holds_goes_nowhere_unless_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    from engine import code

    if not shutil.which("git"):
        pytest.skip("git is not here")
    for name in ("engine", "vmops"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("one = 1\n")
    monkeypatch.setattr(code, "HERE", tmp_path)
    assert code.uncommitted() == []  # no checkout, so nobody can tell
    how = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*how, "init", "-q"], check=True)
    assert code.uncommitted() == ["engine/a.py", "vmops/a.py"]
    subprocess.run([*how, "add", "-A"], check=True)
    subprocess.run([*how, "commit", "-qm", "one"], check=True)
    assert code.uncommitted() == []
    (tmp_path / "engine" / "a.py").write_text("one = 2\n")
    assert code.uncommitted() == ["engine/a.py"]
