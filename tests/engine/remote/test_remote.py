"""Runs on another machine, reached through a real sshd."""

from __future__ import annotations

from engine.files import sha256
from engine.run import Run
from tests import lab, outside
from tests.engine.remote.conftest import Box, closed
from tests.lab import ended, made, toy

pytestmark = outside.needs("sshd", "rsync")


def assert_is_a_copy(box: Box, run: Run) -> None:
    """What is here is what is there, byte by byte."""
    there = box.there(run)
    for name in ("log.txt", "events.jsonl", "log.times", "environment.json", "spec.yaml"):
        assert (run.folder / name).read_bytes() == (there.folder / name).read_bytes(), name
    assert made(run) == made(there)
    ours, theirs = run.status(), there.status()
    assert (ours.state, ours.exit_code, ours.attempt) == (theirs.state, theirs.exit_code, theirs.attempt)
    assert (ours.metrics, ours.artifacts) == (theirs.metrics, theirs.artifacts)


def test_a_run_on_a_machine_leaves_here_what_it_leaves_there(box: Box) -> None:
    run = box.submit(*lab.QUICK)
    assert ended(run).state == "done"
    closed(run)
    assert_is_a_copy(box, run)
    assert run.status().machine == "lab-box"
    local = toy(box.workspace, *lab.QUICK)
    assert ended(local).state == "done"
    assert made(local) == made(run)
    assert sha256(local.artifacts / "path.csv") == sha256(run.artifacts / "path.csv")
