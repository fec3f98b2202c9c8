"""Sweeps: children under one parent, which finds them again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from engine import launch
from engine.errors import DataError
from engine.files import read_json
from engine.run import Run, find, listing
from engine.teaching import lending, sweeping
from engine.workspace import Workspace
from tests import lab as labs
from tests.engine.teaching.asked import TINY, attempt, begun, spec
from tests.engine.teaching.conftest import Here
from tests.jobs import do, notes
from tests.lab import made, until

SWEEP = '{"ce": {"epochs": 1}, "kd": {"epochs": 1, "temperature": [2, 4]}}'


def test_lists_make_every_combination_and_the_stages_before_them_are_common() -> None:
    stages = (
        """{"ce": {"epochs": 1}, "kd": {"epochs": 1, "temperature": [2, 4]}, "dkd": {"epochs": 1, "beta": [1, 8]}}"""
    )
    asked = spec("distill", *TINY, f"stages={stages}", "softlabels=soft")
    assert sweeping.combinations(asked) == [
        {"kd.temperature": 2, "dkd.beta": 1}, {"kd.temperature": 2, "dkd.beta": 8},
        {"kd.temperature": 4, "dkd.beta": 1}, {"kd.temperature": 4, "dkd.beta": 8},
    ]  # fmt: skip
    common = sweeping.common(asked)
    assert common is not None and list(common.stages) == ["ce"] and common.softlabels == ""


def test_a_sweep_has_a_child_for_each_combination_and_does_what_is_common_once(taught: Workspace, here: Here) -> None:
    parent = do(taught, "distill", *TINY, f"stages={SWEEP}", "softlabels=soft")
    found = read_json(parent.artifacts / "sweep.json")
    assert [one["numbers"] for one in found["runs"]] == [{"kd.temperature": 2}, {"kd.temperature": 4}]
    base = found["common"]
    assert [run.id for run in here.begun] == [base, *(one["run"] for one in found["runs"])]
    assert all(run.parents()[0] == parent.id for run in here.begun)
    assert [run.status().title for run in here.begun[1:]] == ["2 (kd.temperature)", "4 (kd.temperature)"]
    history = read_json(here.begun[1].artifacts / "kd" / "history.json")
    assert history["first_epoch"] == 2  # the common stage had one
    scores = [one["validation"]["accuracy"] for one in found["runs"]]
    assert found["chosen"] == found["runs"][scores.index(max(scores))]["run"]
    assert ("1 other students have the same accuracy" in notes(parent)) == (scores[0] == scores[1])
    assert {"best.pt", "best.json", "sweep.csv"} <= set(made(parent))


def test_a_sweep_that_fell_finds_its_children_again(
    taught: Workspace, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(taught, "distill", *TINY, f"stages={SWEEP}", "softlabels=soft")
    child = here.child

    def second_is_never_born(*words: object) -> Run:
        if len(here.begun) == 2:
            raise KeyboardInterrupt
        return child(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(lending.launch, "child", second_is_never_born)
    with pytest.raises(KeyboardInterrupt):
        attempt(taught, run)
    monkeypatch.setattr(lending.launch, "child", child)
    attempt(taught, run)
    assert len(here.begun) == 3
    ids = [one["run"] for one in read_json(run.artifacts / "sweep.json")["runs"]]
    assert ids == [one.id for one in here.begun[1:]]


def test_a_child_that_failed_is_told_in_the_table_and_fails_the_sweep(
    taught: Workspace, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = here.child

    def second_fails(workspace: Workspace, name: str, spec: object, parent: Run) -> Run:
        if len(here.begun) == 2:
            (taught.root / "images" / "val" / "000.png").write_text("no picture")
        return child(workspace, name, spec, parent)

    monkeypatch.setattr(lending.launch, "child", second_fails)
    with pytest.raises(DataError, match="1 of 2 students failed"):
        do(taught, "distill", *TINY, f"stages={SWEEP}", "softlabels=soft")
    parent = next(run for run in listing(taught) if (run.artifacts / "sweep.json").exists())
    states = [one["state"] for one in read_json(parent.artifacts / "sweep.json")["runs"]]
    assert states == ["done", "failed"]


LENDER = """
    import os, signal, sys
    from pathlib import Path
    from types import SimpleNamespace
    from engine import launch
    from engine.teaching.lending import lent
    from engine.workspace import Workspace
    with lent(SimpleNamespace(work=Path(sys.argv[1]) / "work")):
        print(launch.submit(Workspace(Path(sys.argv[1])), "toy", "steps: 10000", "a test").id, flush=True)
        sys.stdin.read()
"""


def test_a_child_stops_when_the_one_that_lent_it_the_device_is_killed(workspace: Workspace) -> None:
    words = [sys.executable, "-c", textwrap.dedent(LENDER), str(workspace.root)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as lender:
        assert lender.stdout is not None
        child = find(workspace, lender.stdout.readline().strip())
        labs.working(child)
        lender.kill()
    assert labs.ended(child).state == "stopped"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_real_sweep_lends_its_device_and_survives_a_kill(taught: Workspace) -> None:
    stages = '{"kd": {"epochs": 1, "temperature": [2, 4]}}'
    text = launch.dump(spec("distill", *TINY, f"stages={stages}", "softlabels=soft"))
    run = launch.submit(taught, "distill", text, "a test")
    until(lambda: len([one for one in listing(taught) if run.id in one.parents()]) == 1, "a child is there")
    os.kill(labs.working(run).job_pid or 0, signal.SIGKILL)
    assert labs.ended(run).state == "failed"
    launch.resume(taught, run)
    status = run.status()
    while status.active:
        time.sleep(0.2)
        status = run.status()
    assert status.state == "done", run.log.read_text()
    assert len([one for one in listing(taught) if run.id in one.parents()]) == 2
