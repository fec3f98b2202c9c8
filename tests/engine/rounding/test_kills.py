"""A round that is killed at any moment ends as if it had never been, and does nothing twice."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from engine import events, launch, rounds
from engine.errors import Stopped
from engine.events import Metric
from engine.record import Recorder
from engine.run import Run, create
from engine.workspace import Workspace
from tests.engine.rounding import shapes
from tests.engine.rounding.shapes import Done, do, hashes
from tests.lab import ended, until

WORDS = ("train.epochs=4",)


def said(run: Run) -> int:
    """How many lines its events have."""
    return run.events.read_bytes().count(b"\n")


def killed(lab: Workspace, run: Run, when: Callable[[], bool]) -> bool:
    """Do the round in a process of its own, and end that by SIGKILL at a moment; whether it came to that."""
    child = os.fork()
    if child == 0:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            code = 1
            try:
                do(lab, *WORDS, run=run)
                code = 0
            finally:
                os._exit(code)
    over: list[int] = []

    def ends() -> bool:
        pid, status = os.waitpid(child, os.WNOHANG)
        over.extend([status] if pid else [])
        return bool(over) or when()

    until(ends, "the moment comes or the round is over")
    if over:
        assert over == [0]
        return False
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def assert_whole(lab: Workspace, run: Run, expected: dict[str, str], ends: int) -> None:
    done = Done(lab, run)
    assert hashes(done.round.folder) == expected and not done.round.faults
    assert lab.queue.read_bytes() == (done.round.folder / "queue.csv").read_bytes()
    assert not list(lab.rounds.rglob("*.part"))
    epochs = Counter((event.name, event.step) for event in done.said(Metric) if event.step is not None)
    # An epoch that was saved is not done again; at each end at most one was saved and not said any more.
    assert set(epochs.values()) == {1} and 4 * 4 - 2 * ends <= len(epochs) <= 4 * 4


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 6))])
def test_kills_at_random_moments_change_no_byte(lab: Workspace, tmp_path: Path, seed: int) -> None:
    undisturbed = tmp_path / "undisturbed"
    shapes.copied(lab, undisturbed)
    calm = do(Workspace(undisturbed), *WORDS)
    lines, chance = said(calm.run), random.Random(seed)
    run, ends = create(lab, "round", shapes.SPEC, record={}), 0
    for moment in sorted(chance.sample(range(1, lines), 5)):
        ends += killed(lab, run, lambda moment=moment: said(run) >= moment)
    while killed(lab, run, lambda: False):
        pass
    assert ends >= 3
    assert_whole(lab, run, hashes(calm.round.folder), ends)


def test_a_stop_at_every_checkpoint_changes_no_byte(
    lab: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = tmp_path / "undisturbed"
    shapes.copied(lab, undisturbed)
    calm = do(Workspace(undisturbed), *WORDS, "variables=[light]")
    run, stops, calls = create(lab, "round", shapes.SPEC, record={}), 0, Counter[str]()

    def checkpoint(_: Recorder) -> None:
        calls["now"] += 1
        if calls["now"] > calls["before"]:
            calls["before"] += 2
            raise Stopped("stopped")

    monkeypatch.setattr(Recorder, "checkpoint", checkpoint)
    while True:
        calls["now"] = 0
        try:
            do(lab, *WORDS, "variables=[light]", run=run)
        except Stopped:
            stops += 1
        else:
            break
    assert stops >= 4
    assert hashes(Done(lab, run).round.folder) == hashes(calm.round.folder)


@pytest.mark.parametrize("what", ["labels", pytest.param("frames", marks=pytest.mark.slow)])
def test_what_changes_while_a_round_is_dead_counts_for_the_next_one(lab: Workspace, tmp_path: Path, what: str) -> None:
    undisturbed = tmp_path / "undisturbed"
    shapes.copied(lab, undisturbed)
    calm = do(Workspace(undisturbed), *WORDS)
    run = create(lab, "round", shapes.SPEC, record={})
    assert killed(lab, run, lambda: (lab.runs / run.id / "work" / "fits").exists())
    if what == "labels":
        shapes.label(lab, [shapes.Unit("v0", 1), shapes.Unit("v1", 3)], at=shapes.NOW)
    else:
        shapes.listed(lab, [f"v{n}" for n in range(4)])
    assert not killed(lab, run, lambda: False)
    assert hashes(Done(lab, run).round.folder) == hashes(calm.round.folder)


@pytest.mark.slow
def test_a_run_of_its_own_is_killed_and_resumed(lab: Workspace) -> None:
    """The whole way: launched, killed with its supervisor, resumed by the command."""
    text = shapes.SPEC
    calm = launch.submit(lab, "round", text, "a test", ["train.epochs=3", "variables=[light]"])
    assert ended(calm).state == "done"
    expected = hashes(rounds.folder(lab, 0))
    shapes.forget(lab)
    run = launch.submit(lab, "round", text, "a test", ["train.epochs=3", "variables=[light]"])
    until(lambda: any(isinstance(event, Metric) for event in events.read(run.events)[0]), "it has done an epoch")
    status = run.status()
    for pid in (status.pid, status.job_pid):
        os.kill(pid or 0, signal.SIGKILL)
    until(lambda: run.status().state == "lost", "it is lost")
    launch.resume(lab, run)
    assert ended(run).state == "done" and hashes(rounds.folder(lab, 0)) == expected
