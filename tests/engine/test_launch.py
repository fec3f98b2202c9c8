"""Runs that are started for real: to their end, in a queue, stopped, resumed, retried."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from engine import events, launch
from engine.errors import RunError
from engine.events import Failure, Gpu, Host, Note
from engine.files import read_json, write_json
from engine.locks import held, hold
from engine.run import Run, create, find, listing, request_stop
from engine.specs.finetune import Finetune
from engine.workspace import Workspace
from tests.lab import ENDLESS, QUICK, ROOT, ended, gone, made, says, toy, until, waiting, working


def variables(pid: int | None) -> dict[str, str]:
    """The environment of a process."""
    entries = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def test_a_run_tells_everything_about_itself(done: Run) -> None:
    status = done.status()
    assert (status.attempt, status.exit_code, status.device, status.error) == (1, 0, "cpu-0", "")
    assert {entry["name"]: entry["sha256"] for entry in status.artifacts} == made(done)
    assert set(made(done)) == {"path.csv", "result.json"}
    assert set(status.metrics) == {"final_loss"}
    assert status.started_at and status.ended_at and status.pid_started
    assert status.pid_started <= status.started_at <= status.ended_at
    log = done.log.read_text()
    assert "── attempt 1 ──" in log
    assert "step 3.0: x =" in log
    assert done.environment()["threads"] == 1
    assert done.environment()["packages"]["pydantic"]
    assert done.record()["overrides"] == list(QUICK)
    until(lambda: gone(status.pid), "its supervisor ends")
    assert not (done.folder / "work").exists()
    assert not done.reserve.exists()


def test_success_criteria_are_judged_at_the_end(workspace: Workspace) -> None:
    run = toy(workspace, *QUICK, "success.final_loss=> 0", "success.loss=< 0", "success.recall=!= 0")
    judged = {entry.name: entry.passed for entry in ended(run).criteria}
    assert judged == {"final_loss": True, "loss": False, "recall": None}


def test_a_failing_job_says_why_and_what_to_do(workspace: Workspace) -> None:
    status = ended(toy(workspace, *QUICK, "fail_at=2"))
    assert (status.state, status.exit_code) == ("failed", 1)
    assert (status.error, status.hint) == ("step 2 was told to fail", "fail_at: 0 lets it pass")
    assert status.latest["loss"] > 0
    assert status.criteria == ()


def test_what_a_job_needs_to_know_is_in_its_environment(workspace: Workspace) -> None:
    status = working(toy(workspace, *ENDLESS, "compute.threads=2"))
    seen = variables(status.job_pid)
    assert seen["CUDA_VISIBLE_DEVICES"] == ""
    assert {seen[f"{name}_NUM_THREADS"] for name in ("OMP", "MKL", "OPENBLAS")} == {"2"}
    assert os.getsid(status.pid or 0) == status.pid != os.getsid(0)


def test_three_runs_on_one_device_go_one_after_the_other_and_say_what_they_wait_for(
    workspace: Workspace, slots: Path
) -> None:
    slots.mkdir()
    device = hold(slots / "cpu-0")
    queue = []
    for n in range(3):
        queue.append(toy(workspace, *QUICK, f"seed={n}"))
        said = waiting(queue[-1]).waiting_for
        ahead = [run.id for run in queue[:-1]]
        assert said == "cpu 0 (in use by another process)" + (f", {n} ahead: {', '.join(ahead)}" if n else "")
    assert [run.status().state for run in queue] == ["pending"] * 3
    os.close(device or -1)
    first, second, third = (ended(run) for run in queue)
    assert {first.state, second.state, third.state} == {"done"}
    assert first.ended_at < second.started_at  # type: ignore[operator]
    assert second.ended_at < third.started_at  # type: ignore[operator]
    assert [path.name for path in slots.iterdir() if path.name.startswith("ticket")] == []


def test_a_waiting_run_says_who_has_the_device(workspace: Workspace) -> None:
    first = toy(workspace, *ENDLESS)
    working(first)
    second = toy(workspace, *QUICK)
    assert waiting(second).waiting_for == f"cpu 0 (in use by {first.id})"
    request_stop(first)
    assert ended(second).state == "done"


def test_runs_on_several_gpus_go_side_by_side_each_with_its_own(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests" / "fakes" / "gpus"))  # two GPUs, and one that is lost
    pair = [toy(workspace, *ENDLESS, "compute.device=cuda") for _ in range(2)]
    assert [working(run).device for run in pair] == ["cuda-0", "cuda-1"]
    assert [variables(run.status().job_pid)["CUDA_VISIBLE_DEVICES"] for run in pair] == ["0", "1"]
    third = toy(workspace, *QUICK, "compute.device=cuda:1")
    assert waiting(third).waiting_for == f"cuda 1 (in use by {pair[1].id})"
    auto = toy(workspace, *QUICK)  # a job that has no use for a GPU leaves it to others
    assert (ended(auto).state, auto.status().device) == ("done", "cpu-0")
    until(lambda: says(pair[1], "Gpu"), "its GPU is sampled")
    request_stop(pair[1])
    assert (ended(third).state, third.status().device) == ("done", "cuda-1")
    assert [gpu["name"] for gpu in third.environment()["gpus"]] == ["Tesla T4"] * 2
    seen = [event for event in events.read(pair[1].events)[0] if isinstance(event, Gpu | Host)]
    assert {event.index for event in seen if isinstance(event, Gpu)} == {1}
    assert all(0 < event.memory_used < event.machine_total for event in seen if isinstance(event, Host))


def test_a_device_that_is_not_there_fails_the_run_with_those_that_are(workspace: Workspace) -> None:
    status = ended(toy(workspace, *QUICK, "compute.device=cuda:7"))
    assert (status.state, status.exit_code) == ("failed", 1)
    assert status.error == "no device 'cuda:7' on this machine"
    assert "cpu-0" in status.hint


def test_a_run_stops_at_a_checkpoint_and_goes_on_from_there(workspace: Workspace) -> None:
    run = toy(workspace, "steps=25", "seconds_per_step=0.02")
    working(run)
    request_stop(run)
    status = ended(run)
    assert (status.state, status.exit_code, status.error) == ("stopped", 3, "")
    assert status.hint == f"footplate resume {run.id} goes on"
    launch.resume(workspace, run)
    status = ended(run)
    assert (status.state, status.attempt) == ("done", 2)
    notes = [event.text for event in events.read(run.events)[0] if isinstance(event, Note)]
    assert notes[0].startswith("going on after step")
    undisturbed = toy(workspace, "steps=25", "seconds_per_step=0")
    ended(undisturbed)
    assert made(run) == made(undisturbed)
    log = run.log.read_text()
    assert all(log.count(f"step {step}.0:") == 1 for step in range(1, 26))


def test_stop_now_does_not_wait_for_a_checkpoint(workspace: Workspace) -> None:
    run = toy(workspace, "steps=9", "seconds_per_step=1000", "log_lines_per_step=0")
    until(lambda: says(run, "Phase"), "the job is in its first step")
    request_stop(run)
    until(lambda: run.stop.exists(), "it has been asked")
    request_stop(run, now=True)
    status = ended(run)
    assert (status.state, status.exit_code, status.signal) == ("stopped", 3, "SIGKILL")
    assert gone(status.job_pid)


def test_a_run_can_be_stopped_while_it_waits_and_lives_until_then(workspace: Workspace, slots: Path) -> None:
    slots.mkdir()
    device = hold(slots / "cpu-0")
    run = toy(workspace, *QUICK)
    first = waiting(run).heartbeat_at
    until(lambda: run.status().heartbeat_at > first, "another heartbeat comes")
    request_stop(run)
    status = ended(run)
    assert (status.state, status.exit_code, status.waiting_for) == ("stopped", 3, "")
    assert list(slots.glob("ticket-*")) == []
    os.close(device or -1)
    launch.resume(workspace, run)
    assert ended(run).state == "done"


def test_an_empty_file_named_stop_is_enough(workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    working(run)
    run.stop.touch()
    status = ended(run)
    assert (status.state, status.error) == ("stopped", "")


def test_a_polite_signal_to_the_job_stops_a_run_like_a_request(workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    os.kill(working(run).job_pid or 0, signal.SIGTERM)
    status = ended(run)
    assert (status.state, status.exit_code) == ("stopped", 3)


def test_a_signal_while_the_job_still_loads_is_no_failure(workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    job = until(lambda: run.status().job_pid, "the job's process is there")
    os.kill(run.status().pid or 0, signal.SIGTERM)
    assert ended(run).state == "stopped"
    assert gone(job)


def test_a_job_that_a_signal_ends_has_failed_and_says_by_which(workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    os.kill(working(run).job_pid or 0, signal.SIGSEGV)
    status = ended(run)
    assert (status.state, status.signal, status.exit_code) == ("failed", "SIGSEGV", 139)
    assert "ended by SIGSEGV" in status.error
    assert "footplate resume" in status.hint


def test_what_is_done_or_active_or_archived_is_not_resumed(workspace: Workspace) -> None:
    run = create(workspace, "toy", "", record={})
    with pytest.raises(RunError, match="is pending"):
        launch.resume(workspace, run)
    write_json(run.status_file, {"state": "done", "attempt": 1})
    with pytest.raises(RunError, match="is done, there is nothing to go on with") as raised:
        launch.resume(workspace, run)
    assert raised.value.hint == f"footplate retry {run.id} does it again"
    write_json(run.status_file, {"state": "failed", "attempt": 1})
    workspace.archive.mkdir()
    run.folder.rename(workspace.archive / run.id)
    with pytest.raises(RunError, match="is archived") as raised:
        launch.resume(workspace, find(workspace, run.id))
    assert raised.value.hint == f"footplate archive --undo {run.id} first"


def test_two_resumes_at_once_make_one_attempt(workspace: Workspace) -> None:
    run = toy(workspace, "steps=20", "seconds_per_step=0.02", "fail_at=3")
    ended(run)
    run.spec.write_text(run.spec_text().replace("fail_at: 3", "fail_at: 0"))
    both = threading.Barrier(2)
    answers: list[str] = []

    def resume() -> None:
        both.wait()
        try:
            answers.append(launch.resume(workspace, run).id)
        except RunError as error:
            answers.append(error.message)

    pair = [threading.Thread(target=resume) for _ in range(2)]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    assert run.id in answers
    status = ended(run)
    assert (status.state, status.attempt) == ("done", 2)
    until(lambda: not held(run.lock), "the other one has left")
    assert replace(run.status(), heartbeat_at=0) == replace(status, heartbeat_at=0)


def test_a_supervisor_that_comes_too_late_leaves_a_done_run_alone(workspace: Workspace) -> None:
    run = create(workspace, "toy", "", record={})
    write_json(run.status_file, {"state": "done", "attempt": 1})
    with pytest.raises(RunError, match="could not be started") as raised:
        launch.start(workspace, run)
    assert raised.value.hint == f"{run.log} tells why"
    assert f"{run.id} is done already" in run.log.read_text()
    assert read_json(run.status_file) == {"state": "done", "attempt": 1}


def test_a_retry_is_a_new_run_with_a_parent(workspace: Workspace, done: Run) -> None:
    again = launch.retry(workspace, done)
    assert ended(again).state == "done"
    assert again.parents() == [done.id]
    assert again.spec_text() == done.spec_text()
    assert made(again) == made(done)


@pytest.mark.parametrize("again", [launch.resume, launch.retry])
def test_a_run_whose_launcher_was_killed_too_early_is_not_run_with_the_defaults(
    workspace: Workspace, again: object
) -> None:
    run = Run(workspace.runs / "20260203-101522-toy-0000")
    run.folder.mkdir()
    assert run.status().state == "lost"
    with pytest.raises(RunError, match=r"has no spec\.yaml"):
        again(workspace, run)  # type: ignore[operator]


def test_a_run_whose_launcher_was_killed_before_it_started_can_be_resumed(workspace: Workspace) -> None:
    run = old(create(workspace, "toy", "steps: 2\nseconds_per_step: 0\n", record={}))
    assert run.status().state == "lost"
    launch.resume(workspace, run)
    assert (ended(run).state, run.status().attempt) == ("done", 1)


def old(run: Run) -> Run:
    """The same run, made long ago."""
    return Run(run.folder.rename(run.folder.with_name(f"20260203-101522-{run.id[16:]}")))


def test_a_spec_that_somebody_broke_fails_the_run_with_its_faults(workspace: Workspace) -> None:
    run = create(workspace, "toy", "steps: many\n", record={})
    launch.start(workspace, run)
    status = ended(run)
    assert (status.state, status.exit_code) == ("failed", 2)
    assert status.error == "spec.yaml:1: steps: expected a whole number above 0, got 'many'"


def test_a_damaged_status_does_not_keep_a_run_from_being_resumed(workspace: Workspace) -> None:
    run = old(create(workspace, "toy", "steps: 2\nseconds_per_step: 0\n", record={"title": "two"}))
    run.events.write_bytes(events.to_line(events.Metric("accuracy", 0.5)))
    run.status_file.write_text('{"state": "failed", "attempt": "x", "criteria": 3')
    assert run.status().state == "lost"
    launch.resume(workspace, run)
    status = ended(run)
    assert (status.state, status.title, len(status.artifacts)) == ("done", "two", 2)
    assert set(status.metrics) == {"accuracy", "final_loss"}


def test_code_that_does_not_even_start_is_told_by_the_launcher(workspace: Workspace, frozen: Path) -> None:
    run = create(workspace, "toy", "", record={"code": {"sha256": "f" * 64}})
    broken = frozen / ("f" * 16) / "engine"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise SystemExit('broken')")
    with pytest.raises(RunError, match="could not be started") as raised:
        launch.start(workspace, run)
    assert raised.value.hint == f"{run.log} tells why"
    assert "broken" in run.log.read_text()


def delete(run: Run) -> None:
    """Remove a run's folder, into which its supervisor may be writing at this very moment."""

    def gone_now() -> bool:
        shutil.rmtree(run.folder, ignore_errors=True)
        return not run.folder.exists()

    until(gone_now, "its folder is gone")


def test_a_run_that_is_deleted_while_it_runs_ends_and_stays_deleted(workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    status = working(run)
    delete(run)
    until(lambda: gone(status.pid) and gone(status.job_pid), "its processes end")
    assert listing(workspace) == []


def test_a_run_that_is_deleted_while_it_waits_ends_and_stays_deleted(workspace: Workspace, slots: Path) -> None:
    slots.mkdir()
    device = hold(slots / "cpu-0")
    run = toy(workspace, *QUICK)
    status = waiting(run)
    delete(run)
    until(lambda: gone(status.pid), "its supervisor ends")
    os.close(device or -1)
    assert listing(workspace) == []
    assert list(slots.glob("ticket-*")) == []


def test_a_job_that_raises_something_unforeseen_says_it(workspace: Workspace) -> None:
    run = create(workspace, "toy", "", record={})
    write_json(run.folder / "work" / "path.json", {"path": ["one"]})
    launch.start(workspace, run)
    status = ended(run)
    assert (status.state, status.error) == ("failed", "could not convert string to float: 'one'")
    assert "Traceback" in run.log.read_text()
    last = events.read(run.events)[0][-1]
    assert isinstance(last, Failure)
    assert last.error == "ValueError"


def test_a_run_refers_to_another_by_its_full_id(workspace: Workspace) -> None:
    run = create(workspace, "toy", "", record={})
    spec, parents = launch._pinned(workspace, Finetune(title="run:nobody", gold="run:latest/path.csv"))
    assert isinstance(spec, Finetune)
    assert (spec.gold, spec.title) == (f"run:{run.id}/path.csv", "run:nobody")
    assert parents == [run.id]


def test_where_nobody_knows_our_name_our_number_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert launch._user() == str(os.getuid())


def test_whoever_leaves_while_a_run_starts_stops_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(launch, "_wait", leave)
    with pytest.raises(KeyboardInterrupt):
        toy(workspace, *ENDLESS)
    (run,) = listing(workspace)
    assert ended(run).state == "stopped"
    assert read_json(run.folder / "run.json")["id"] == run.id
