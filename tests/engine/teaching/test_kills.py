"""Teachers and students that are killed at any moment end with the same weights."""

from __future__ import annotations

import random
import time

import pytest

from engine.errors import DataError, Stopped
from engine.workspace import Workspace
from tests.engine.teaching.asked import ALL, TEACHER, TINY, attempt, begun, until_killed
from tests.jobs import do
from tests.lab import made


def test_a_student_killed_in_each_stage_ends_with_the_weights_of_one_that_was_not(taught: Workspace) -> None:
    words = (*TINY, f"stages={ALL}", "softlabels=soft", "compute.checkpoint_steps=1", "train.ema=0.9")
    whole = do(taught, "distill", *words)
    run = begun(taught, "distill", *words)
    for sign in ("work/ce/state.pt", "work/kd/best.pt", "artifacts/kd/best.pt"):
        path = run.folder / sign
        assert until_killed(taught, run, path.exists), f"it was done before there was {sign}"
    assert not until_killed(taught, run, lambda: False)
    assert made(run) == made(whole)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_kills_at_random_moments_change_nothing(taught: Workspace) -> None:
    words = (*TINY, f"stages={ALL}", "softlabels=soft", "compute.checkpoint_steps=1", "train.ema=0.9")
    words = (*words, "train.augment.flip=true", "train.batch=4")
    start = time.monotonic()
    whole = do(taught, "distill", *words)
    took, moments, kills = time.monotonic() - start, random.Random(0), 0
    while kills < 20:  # runs that are through before their kill do not count
        run = begun(taught, "distill", *words)
        going = True
        while going:
            end = time.monotonic() + moments.uniform(0, 0.7 * took)
            going = until_killed(taught, run, lambda end=end: time.monotonic() > end)
            kills += going
        assert made(run) == made(whole)


def test_a_stop_leaves_at_the_next_step_and_what_comes_after_is_the_same(lab: Workspace) -> None:
    whole = do(lab, "teacher", *TEACHER)
    run = begun(lab, "teacher", *TEACHER)
    run.stop.touch()
    with pytest.raises(Stopped):
        attempt(lab, run)
    run.stop.unlink()
    attempt(lab, run)
    assert made(run) == made(whole)


def test_a_run_goes_on_with_the_manifest_it_began_with_or_not_at_all(lab: Workspace) -> None:
    run = begun(lab, "teacher", *TEACHER)
    until_killed(lab, run, lambda: (run.folder / "work" / "train" / "state.pt").exists())
    place = lab.root / "all.csv"
    place.write_text(place.read_text().replace("train/000.png,angry", "train/000.png,happy"))
    with pytest.raises(DataError, match="has changed since this run began"):
        attempt(lab, run)
