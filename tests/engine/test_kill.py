"""What a run survives: its launcher, its terminal, its own processes, a full disk."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine import launch
from engine.run import Run, listing, request_stop
from engine.workspace import Workspace
from tests.lab import QUICK, ROOT, ended, gone, made, says, shell, toy, until, working

STEPS = 40
WORDS = ("run", "toy", f"steps={STEPS}", "seconds_per_step=0.02")


def engine(workspace: Workspace, *words: str) -> list[str]:
    return [sys.executable, "-m", "engine", "-w", str(workspace.root), *words]


def killed(process: subprocess.Popen[bytes]) -> None:
    process.kill()


def group_killed(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)


def the_run(workspace: Workspace) -> Run:
    """The one run, when its job has done a step."""
    run = until(lambda: listing(workspace)[:1], "a run is there")[0]
    working(run)
    return run


def assert_went_on(workspace: Workspace, run: Run) -> None:
    """It came to its end, all of it was logged, and any command tells how it ended."""
    assert run.status().active
    assert ended(run).state == "done"
    log = run.log.read_text()
    assert [log.count(f"step {step}.0: x =") for step in range(1, STEPS + 1)] == [1] * STEPS
    assert log.rstrip().endswith("== write")
    shown = json.loads(shell("-w", str(workspace.root), "show", run.id, "--json").out)
    assert (shown["state"], shown["exit_code"], len(shown["artifacts"])) == ("done", 0, 2)


@pytest.mark.parametrize("end", [killed, group_killed])
def test_a_run_outlives_its_launcher(workspace: Workspace, end: Callable[[subprocess.Popen[bytes]], None]) -> None:
    with subprocess.Popen(engine(workspace, *WORDS), cwd=ROOT, process_group=0, stderr=subprocess.DEVNULL) as launcher:
        run = the_run(workspace)
        end(launcher)
    assert_went_on(workspace, run)


def test_a_run_outlives_its_terminal(workspace: Workspace) -> None:
    """The other end of a pseudo-terminal is closed, as by a broken connection: the kernel hangs up on all in it."""
    ours, theirs = os.openpty()

    def take_terminal() -> None:
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    launcher = subprocess.Popen(
        engine(workspace, *WORDS), cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=take_terminal,
    )  # fmt: skip
    os.close(theirs)
    run = the_run(workspace)
    os.close(ours)
    assert launcher.wait() in (-signal.SIGHUP, 1)  # 1: it had something to say just then, and no terminal took it
    assert_went_on(workspace, run)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """A tmux server of this test's own."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")

    def call(*words: str) -> None:
        subprocess.run(["tmux", "-S", str(tmp_path / "socket"), "-f", os.devnull, *words], check=True, cwd=ROOT)

    yield call
    with suppress(subprocess.CalledProcessError):
        call("kill-server")


def test_a_run_outlives_its_tmux_pane(workspace: Workspace, tmux: Callable[..., None]) -> None:
    tmux("new-session", "-d", "-s", "lab", *engine(workspace, *WORDS))
    run = the_run(workspace)
    tmux("kill-pane", "-t", "lab")
    assert_went_on(workspace, run)


def test_a_job_dies_with_its_supervisor(workspace: Workspace) -> None:
    run = toy(workspace, "steps=1000", "seconds_per_step=0.02")
    status = working(run)
    os.kill(status.pid or 0, signal.SIGKILL)
    until(lambda: gone(status.job_pid), "the job's process ends")
    assert run.status().state == "lost"
    assert "footplate resume" in run.status().hint


def test_a_waiting_run_that_is_killed_leaves_nothing_in_the_way(workspace: Workspace, slots: Path) -> None:
    first = toy(workspace, "steps=1000", "seconds_per_step=0.02")
    working(first)
    second, third = toy(workspace, *QUICK), toy(workspace, *QUICK)
    until(lambda: "1 ahead" in third.status().waiting_for, "the third knows of the second")
    os.kill(second.status().pid or 0, signal.SIGKILL)
    until(lambda: "ahead" not in third.status().waiting_for, "the third knows that the second is gone")
    assert second.status().state == "lost"
    request_stop(first)
    assert ended(third).state == "done"
    assert list(slots.glob("ticket-*")) == []


@pytest.fixture
def hammered(workspace: Workspace) -> Iterator[list[str]]:
    """Somebody who reads every status and every whole line all the time; what was wrong with them."""
    wrong: list[str] = []
    enough = threading.Event()

    def read() -> None:
        while not enough.wait(0.002):
            for run in listing(workspace):
                for path in (run.status_file, run.folder / "run.json", run.folder / "environment.json"):
                    with suppress(FileNotFoundError):
                        try:
                            json.loads(path.read_bytes())
                        except ValueError as error:
                            wrong.append(f"{path.name}: {error}")

    reader = threading.Thread(target=read)
    reader.start()
    yield wrong
    enough.set()
    reader.join()


def a_moment(run: Run, moments: random.Random) -> None:
    """Wait until an attempt has begun, has its job's process, or is some steps further, and then a little more."""
    attempt, steps = run.status().attempt, says(run, "Metric") + moments.randint(1, 4)
    stage = moments.choice(["loading", "steps", "steps"])
    if stage == "loading":
        until(lambda: run.status().job_pid or not run.status().active, f"attempt {attempt} has a process")
    else:
        until(lambda: says(run, "Metric") >= steps, f"attempt {attempt} does some steps")
    threading.Event().wait(moments.uniform(0, 0.05))


def kill_and_resume(workspace: Workspace, run: Run, pid: int | None) -> None:
    os.kill(pid or 0, signal.SIGKILL)
    if ended(run).state != "done":
        assert run.status().state in ("failed", "lost")
        launch.resume(workspace, run)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_artifacts(
    workspace: Workspace, hammered: list[str], seed: int
) -> None:
    undisturbed = toy(workspace, "steps=60", "seconds_per_step=0")
    assert ended(undisturbed).state == "done"
    run, moments = toy(workspace, "steps=60", "seconds_per_step=0.01"), random.Random(seed)
    for kill in range(9):
        a_moment(run, moments)
        status = until(lambda: run.status() if run.status().job_pid else None, "the job has a process")
        kill_and_resume(workspace, run, status.pid if kill % 2 else status.job_pid)
    until(lambda: b'"name":"write"' in run.events.read_bytes(), "it writes its artifacts")
    threading.Event().wait(moments.uniform(0, 0.1))
    kill_and_resume(workspace, run, run.status().pid if seed % 2 else run.status().job_pid)
    assert (ended(run).state, run.status().attempt >= 10) == ("done", True)
    assert made(run) == made(undisturbed)
    assert {entry["name"]: entry["sha256"] for entry in run.status().artifacts} == made(run)
    assert whole_lines(run)
    assert list(run.folder.rglob("*.part")) == []
    assert hammered == []


def whole_lines(run: Run) -> bool:
    """Whether every line of its events can be read."""
    return all(json.loads(line)["kind"] for line in run.events.read_bytes().splitlines())


INSIDE = """
import json, os, sys
from pathlib import Path
from engine import launch
from engine.errors import FootplateError
from engine.init import make
from engine.run import listing
from tests.lab import ended, gone, toy, until
workspace = make(Path(sys.argv[1]) / "study")

def room(size):
    return (workspace.root / "ballast").write_bytes(bytes(size))

def fill():
    with (workspace.root / "ballast").open("ab", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass

def tell(name, **facts):
    print(json.dumps({"name": name, **facts}), flush=True)

room(1 << 17)
run = toy(workspace, "steps=2000", "seconds_per_step=0", "log_lines_per_step=2000")
status = ended(run)
until(lambda: gone(status.pid), "its supervisor ends")
tell("while it ran", state=status.state, error=status.error, hint=status.hint, latest=len(status.latest))

fill()
for name, call in {"resume": lambda: launch.resume(workspace, run), "run": lambda: toy(workspace, "steps=2")}.items():
    try:
        call()
        tell(name, said="nothing")
    except FootplateError as error:
        tell(name, said=error.message, hint=error.hint, runs=len(listing(workspace)), state=run.status().state)

(workspace.root / "ballast").unlink()
run.log.write_bytes(b"")
run.spec.write_text(run.spec_text().replace("steps: 2000", "steps: 3").replace("per_step: 2000", "per_step: 1"))
(run.folder / "work" / "path.json").unlink(missing_ok=True)
launch.resume(workspace, run)
tell("after making room", state=ended(run).state)
"""


def test_a_full_disk_is_a_clear_failure_and_the_run_goes_on_when_there_is_room(tmp_path: Path) -> None:
    mounted = 'mount -t tmpfs -o size=8m none "$1" && shift && exec "$@"'
    inside = ["unshare", "-rm", "sh", "-c", mounted, "-", str(tmp_path)]
    if not shutil.which("unshare") or subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount anything (unshare -rm)")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
    command = [*inside, sys.executable, "-c", INSIDE, str(tmp_path)]
    said = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in said.stderr, said.stderr
    facts = {fact.pop("name"): fact for fact in map(json.loads, said.stdout.splitlines())}
    full = facts["while it ran"]
    assert (full["state"], full["latest"]) == ("failed", 3)
    assert full["error"].startswith("no space left on the disk of ")
    assert full["hint"] == "make room, then resume the run"
    for asked in ("resume", "run"):
        assert facts[asked]["said"].endswith("No space left on device")
        assert facts[asked]["hint"] == "make room on that disk"
        assert (facts[asked]["runs"], facts[asked]["state"]) == (1, "failed")
    assert facts["after making room"]["state"] == "done"
