"""The command line: what it answers, what it refuses and how, what it does when its reader leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine import launch
from engine.__main__ import VERBS
from engine.checks import everything
from engine.files import read_json, write_json
from engine.registry import JOBS
from engine.run import Run, create, listing, request_stop
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.lab import ENDLESS, QUICK, ROOT, ended, shell, toy, until, working


def ran(workspace: Workspace, **status: object) -> Run:
    """A run that has ended as its status says, without having run."""
    run = create(workspace, "toy", "steps: 1\n", record={"title": "by hand"})
    write_json(run.status_file, {"state": "done", "attempt": 1, **status})
    return run


# --- what is asked wrongly ------------------------------------------------------------------------------------------

WRONG = {
    "an unknown verb": (["fly"], "invalid choice: 'fly'"),
    "no verb": ([], "the following arguments are required: VERB"),
    "an unknown job": (["run", "tyo"], "no job 'tyo'\n  → did you mean 'toy'? jobs: "),
    "an unknown key": (["run", "toy", "step=3"], "step: unknown key; did you mean 'steps'?"),
    "a wrong type": (["run", "toy", "lr=many"], "lr: expected a number above 0, got 'many'"),
    "a file that is not there": (["run", "toy", "none.yaml"], "none.yaml: no such file or preset\n  → presets of toy"),
    "two files": (["run", "toy", "a.yaml", "b.yaml"], "expected one FILE, got a.yaml, b.yaml"),
    "an id that leaves its folder": (["show", "../../x"], "'../../x' is not a run's id"),
    "an id that nobody has": (["log", "20260203-101522-toy-0000"], "no run '20260203-101522-toy-0000'"),
    "the latest of none": (["show", "latest"], "no run 'latest'"),
    "an unknown state": (["runs", "--state", "finished"], "invalid choice: 'finished' (choose from 'pending'"),
    "a limit below nothing": (["runs", "--limit", "-1"], "expected a whole number, got '-1'"),
    "a filter with a bad pattern": (["runs", "--filter", "/(/"], "--filter: /(/: missing )"),
    "a check of an unknown job": (["check", "tyo", "x.yaml"], "no job 'tyo'"),
    "a check of no file": (["check", "toy", "none.yaml"], "none.yaml: no such file or preset"),
    "a check with faults": (["check", "toy", "toy", "steps=0"], "steps: expected a whole number above 0, got 0"),
    "a workspace that is there": (["init", "."], "no such thing"),
    "an inner word alone": (["exec"], "invalid choice: 'exec'"),
    "an inner word too few": (["work", "x"], "invalid choice: 'work'"),
}
del WRONG["a workspace that is there"]


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_what_is_asked_wrongly_is_refused_in_words(cli: Cli, workspace: Workspace, words: list[str], said: str) -> None:
    answer = cli(*words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert listing(workspace) == []


BAD_FILES = {
    "constructs objects": (b"title: !!python/object/apply:os.mkdir [gotcha]\n", "would construct an object"),
    "multiplies": (
        b"a: &a {x: 1}\n"
        + b"".join(b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 110)),
        "more than 10000 values",
    ),
    "says it twice": (b"steps: 1\nsteps: 2\n", "bad.yaml:2: steps: named twice"),
    "is not utf-8": (b"title: caf\xe9\n", "bad.yaml: cannot be read: 'utf-8' codec can't decode"),
    "is binary": (b"\x00\x01\x02", "not YAML: unacceptable character"),
    "has two faults": (b"steps: many\nlr: -1\n", "bad.yaml:2: lr: expected a number above 0, got -1"),
}


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize(("content", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused_in_words(cli: Cli, workspace: Workspace, verb: str, content: bytes, said: str) -> None:
    (workspace.configs / "bad.yaml").write_bytes(content)
    answer = cli(verb, "toy", "configs/bad.yaml")
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert listing(workspace) == []


def test_no_fault_shows_a_traceback(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"\xff")
    for words in (["run", "tyo"], ["run", "toy", str(tmp_path / "bad.yaml")], ["show", "../../x"], ["exec", "nowhere"]):
        answer = shell("-w", str(workspace.root), *words) if words[0] != "exec" else shell(*words)
        assert answer.code in (1, 2)
        assert answer.err.startswith("footplate: ")
        assert "Traceback" not in answer.err


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'{"state": 5, "tags": 5, "criteria": 5, "parents": 5}'])
def test_damaged_run_folders_can_be_listed_shown_labelled_and_stopped(
    cli: Cli, workspace: Workspace, damage: bytes
) -> None:
    run = ran(workspace)
    for name in ("status.json", "run.json", "labels.json", "environment.json"):
        (run.folder / name).write_bytes(damage)
    (run.folder / "log.txt").write_bytes(b"caf\xe9\n")
    for words in (
        ["runs"],
        ["runs", "--json"],
        ["show", run.id],
        ["show", run.id, "--json"],
        ["log", run.id, "--json"],
    ):
        assert cli(*words).code == 0
    assert cli("label", run.id, "--add", "odd").code == 0
    assert cli("stop", run.id).code in (0, 2)
    assert cli("retry", run.id, "--detach").code == 0
    assert len(listing(workspace)) == 2


def test_a_run_that_goes_while_it_is_listed_is_left_out(
    cli: Cli, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, goes = ran(workspace), ran(workspace)

    def both_then_one(*_: object, **__: object) -> list[Run]:
        shutil.rmtree(goes.folder, ignore_errors=True)
        return [stays, goes]

    monkeypatch.setattr("engine.commands.see.listing", both_then_one)
    assert [entry["id"] for entry in json.loads(cli("runs", "--json").out)] == [stays.id]


# --- what is asked rightly ------------------------------------------------------------------------------------------


def test_a_run_in_the_foreground_shows_what_it_says_and_ends_as_it_did(cli: Cli, workspace: Workspace) -> None:
    answer = cli("run", "toy", *QUICK, "title=quick")
    assert answer.code == 0
    for words in ("== descend", "made path.csv: one row a step", "done after", "FAILED: final_loss < 0.01 (is "):
        assert words in answer.err
    (run,) = listing(workspace)
    assert run.record()["source"] == str(workspace.configs / "toy.yaml")
    table = cli("runs").out.splitlines()
    assert table[0].split() == ["RUN", "STATE", "PROGRESS", "RESULT", "CRITERIA", "AGE", "TITLE"]
    assert table[1].split()[:2] == [run.id, "done"]
    assert table[1].endswith("quick")
    story = cli("show", "latest").out
    assert f"{run.id}  done  quick" in story
    assert str(run.artifacts / "path.csv") in story
    assert "step 3.0: x =" in cli("log", run.id).out
    assert json.loads(cli("log", run.id, "--json").out)["log"] == run.log.read_text()


def test_a_failed_run_ends_with_one_and_its_words(cli: Cli) -> None:
    answer = cli("run", "toy", *QUICK, "fail_at=1", "--json")
    shown = json.loads(answer.out)
    assert (answer.code, answer.err) == (1, "")
    assert (shown["state"], shown["exit_code"], shown["error"]) == ("failed", 1, "step 1 was told to fail")
    assert cli("resume", "latest").code == 1
    assert cli("show", "latest").out.count("step 1 was told to fail") == 1


def test_a_detached_run_is_answered_by_its_id_and_followed_by_others(cli: Cli, workspace: Workspace) -> None:
    run_id = json.loads(cli("run", "toy", "steps=30", "seconds_per_step=0.02", "--detach", "--json").out)["id"]
    followed = cli("log", "-f", run_id)
    assert followed.code == 0
    assert "step 30.0: x =" in followed.out
    shown = json.loads(cli("show", run_id, "--json").out)
    assert (shown["state"], shown["exit_code"]) == ("done", 0)
    assert {"pid", "progress", "metrics", "criteria", "artifacts", "parents", "tags", "code"} <= shown.keys()
    assert shown["progress"]["fraction"] is None
    assert set(shown["metrics"]) == {"loss", "gradient", "ratio", "final_loss"}
    again = json.loads(cli("retry", run_id, "--detach", "--json").out)["id"]
    ended(Run(workspace.runs / again))
    assert json.loads(cli("show", run_id, "--json").out)["children"] == [again]
    assert f"from {run_id}" in cli("show", again).out


def test_stop_asks_and_resume_goes_on_from_there(cli: Cli, workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    working(run)
    until(lambda: "%" in cli("runs").out, "its progress is listed")
    assert "descend" in cli("show", run.id).out
    assert cli("resume", run.id).code == 2
    assert cli("archive", run.id).code == 2
    assert f"{run.id} was asked to stop" in cli("stop", run.id).out
    ended(run)
    assert cli("stop", run.id).code == 2
    run.spec.write_text(run.spec_text().replace("steps: 100000", "steps: 1"))
    answer = cli("resume", run.id)
    assert answer.code == 0
    assert answer.err.count("== ") == 2  # those of this attempt, and not those of the first one
    assert "going on after step" in answer.err


def test_runs_are_chosen_by_state_job_and_number(cli: Cli, workspace: Workspace) -> None:
    done, failed = ran(workspace), ran(workspace, state="failed")

    def listed(*words: str) -> set[str]:
        return {entry["id"] for entry in json.loads(cli("runs", "--json", *words).out)}

    assert listed() == {done.id, failed.id}
    assert listed("--state", "failed") == {failed.id}
    assert listed("--job", "finetune") == set()
    assert len(listed("--limit", "1")) == 1
    assert cli("runs", "--archived").out == "no runs yet\n"
    assert cli("archive", done.id).out.startswith(f"{done.id} → ")
    assert listed("--archived") == {done.id}
    assert cli("archive", "latest", "--undo").out.startswith(f"{done.id} → ")
    assert listed("--archived") == set()


def test_runs_are_filtered_as_on_the_screen(cli: Cli, workspace: Workspace) -> None:
    now = time.time()
    good = ran(workspace, metrics={"v8.accuracy": 0.9}, started_at=now - 900, ended_at=now - 300, device="cuda:0")
    bad = ran(workspace, state="failed", metrics={"v8.accuracy": 0.4}, error="no column 'subject'", started_at=now - 9)

    def listed(filter: str) -> set[str]:  # noqa: A002
        said = cli("runs", "--json", "--filter", filter)
        assert not said.err, said.err
        return {entry["id"] for entry in json.loads(said.out)}

    for text in ("accuracy>0.8", "v8.accuracy>80%", "state=done", "duration=10m", "has:gpu", "age>4m", "!has:error"):
        assert listed(text) == {good.id}, text
    for text in ("column", "accuracy<0.5", "state:lost|failed", "age<1m", "duration<1m"):
        assert listed(text) == {bad.id}, text
    assert listed("toy") == {good.id, bad.id}
    assert cli("runs", "--filter", "nobody").out == "no run fits 'nobody'\n"
    assert "nothing stands behind accuracy>" in cli("runs", "--filter", "toy accuracy>").err
    assert "there is no field 'stat'" in cli("runs", "--filter", "stat:done").err


def test_a_result_that_is_no_number_can_be_listed(cli: Cli, workspace: Workspace) -> None:
    judged = {"name": "loss", "wanted": "< 1", "value": "nan", "passed": False}
    ran(workspace, metrics={"loss": "nan"}, criteria=[judged], flags=["diverged: yes"])
    assert "loss nan" in cli("runs").out
    assert json.loads(cli("runs", "--json").out)[0]["metrics"] == {"loss": "nan"}
    assert "FAILED       loss < 1 (is nan)" in cli("show", "latest").out


def test_labels_are_answered_as_they_are_now(cli: Cli, workspace: Workspace) -> None:
    run = ran(workspace)
    assert cli("label", run.id, "--add", "best", "paper", "--note", "figure 2").out == "best paper: figure 2\n"
    assert json.loads(cli("label", run.id, "--remove", "best", "--json").out) == {"tags": ["paper"], "note": "figure 2"}
    assert cli("label", run.id, "--remove", "paper", "--note", "").out == "no tags\n"


def test_jobs_and_check_tell_what_can_be_asked(cli: Cli, workspace: Workspace, tmp_path: Path) -> None:
    assert {entry["name"] for entry in json.loads(cli("jobs", "--json").out)} == set(JOBS)
    assert "toy" in cli("jobs").out
    assert "steps: 5\n" in cli("check", "toy", "toy", "steps=5").out
    assert json.loads(cli("check", "toy", "toy", "--json").out)["ok"] is True
    refused = cli("check", "toy", "toy", "step=5", "--json")
    assert refused.code == 2
    assert json.loads(refused.out)["faults"][0]["place"] == "step"
    assert f"cd {tmp_path / 'new'}" in cli("init", str(tmp_path / "new"), "--name", "A study").out
    assert cli("init", str(tmp_path / "new")).code == 2


def test_doctor_finds_the_workspace_and_says_how_to_mend_what_is_bad(
    cli: Cli, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/none.json")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests" / "fakes" / "torchless"))
    answer = cli("doctor", "--json")
    found = {entry["what"]: entry for entry in json.loads(answer.out)}
    assert answer.code == 1
    assert found["workspace"]["state"] == "ok"
    assert found["Google credentials"] == {
        "what": "Google credentials", "state": "bad", "said": "no /none.json",
        "fix": "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS",
    }  # fmt: skip
    assert found["torch"]["said"] == "does not import"
    assert all(entry["fix"] for entry in found.values() if entry["state"] == "bad")


def test_doctor_without_a_workspace_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests" / "fakes" / "torchless"))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    found = {finding.what: finding for finding in everything(tmp_path)}
    assert (found["workspace"].state, found["terminal"].state) == ("bad", "bad")


def test_every_verb_answers_in_json_and_has_a_help(cli: Cli) -> None:
    for verb in VERBS:
        answer = cli(verb.name, "--help")
        assert answer.code == 0
        assert "--json" in answer.out
        assert verb.help


def test_the_version_is_told() -> None:
    assert shell("--version").out.startswith("footplate ")


# --- readers that leave, ctrl-c, full and closed outputs ------------------------------------------------------------


def test_a_reader_that_leaves_is_no_error(workspace: Workspace) -> None:
    run = ran(workspace)
    run.log.write_text("a line\n" * 100_000)
    for words in (["log", run.id], ["runs"], ["show", run.id, "--json"]):
        command = [sys.executable, "-m", "engine", "-w", str(workspace.root), *words]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0


def test_a_run_goes_on_when_nobody_listens_any_more(workspace: Workspace) -> None:
    command = [sys.executable, "-m", "engine", "-w", str(workspace.root), "run", "toy", *ENDLESS]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        assert process.stderr
        process.stderr.readline()
        process.stderr.close()
        assert process.wait() == 0
    (run,) = listing(workspace)
    assert working(run).state == "running"


def test_a_full_or_closed_output_is_no_traceback(workspace: Workspace) -> None:
    ran(workspace)
    command = f"{sys.executable} -m engine -w {workspace.root} runs"
    for redirect, code in ((">/dev/full", 1), (">&-", 0), (">&- 2>&-", 0), (">/dev/full 2>&1", 1), ("2>/dev/full", 0)):
        done = subprocess.run(["sh", "-c", f"{command} {redirect}"], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == code, redirect
        assert b"Traceback" not in done.stderr
        assert redirect != ">/dev/full" or b"No space left on device" in done.stderr


def test_a_terminal_without_our_letters_gets_others(workspace: Workspace) -> None:
    run = ran(workspace, state="failed", error="ä → ö")
    said = shell("-w", str(workspace.root), "show", run.id, PYTHONIOENCODING="ascii")
    assert said.code == 0
    assert r"\xe4 \u2192 \xf6" in said.out


def test_the_first_ctrl_c_asks_and_the_second_insists(workspace: Workspace) -> None:
    words = ["run", "toy", "steps=9", "seconds_per_step=1000"]
    command = [sys.executable, "-m", "engine", "-w", str(workspace.root), *words]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        said = iter(process.stderr.readline, "")
        until(lambda: "== descend" in next(said), "the job is in its first step")
        process.send_signal(signal.SIGINT)
        assert "asked to stop at its next checkpoint; ctrl-c again ends it now" in next(said)
        process.send_signal(signal.SIGINT)
        assert "ends now" in next(said)
        assert "stopped after" in next(said)
        assert process.wait() == 3
    (run,) = listing(workspace)
    assert (run.status().state, run.status().signal) == ("stopped", "SIGKILL")


def test_a_run_that_is_deleted_while_followed_is_told(workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    working(run)
    command = [sys.executable, "-m", "engine", "-w", str(workspace.root), "log", "-f", run.id]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        shutil.rmtree(run.folder, ignore_errors=True)
        _, said = process.communicate()
    assert (process.returncode, said.partition("\n")[0]) in {
        (2, f"footplate: {run.id}: the run's folder is gone"),
        (0, ""),  # its supervisor wrote once more, and was gone itself when the log was looked at
    }


def test_following_a_run_that_waits_says_for_what(cli: Cli, workspace: Workspace) -> None:
    first = toy(workspace, *ENDLESS)
    working(first)
    second = launch.submit(workspace, "toy", "", "-", QUICK)
    threading.Thread(
        target=lambda: (until(lambda: second.status().waiting_for, "it waits"), request_stop(first))
    ).start()
    answer = cli("run", "toy", *QUICK)
    assert answer.code == 0
    assert "waits for cpu 0 (in use by" in answer.err
    assert read_json(first.stop)["reason"] == "asked"


def test_a_permission_that_is_missing_is_told_by_its_file(cli: Cli, workspace: Workspace, tmp_path: Path) -> None:
    run = ran(workspace)
    run.log.unlink()
    answer = cli("log", run.id)
    assert (answer.code, answer.err) == (1, f"footplate: {run.log}: No such file or directory\n")
    assert os.path.exists(run.folder)  # noqa: PTH110
