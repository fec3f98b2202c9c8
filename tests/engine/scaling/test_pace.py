"""Which stage holds the others up."""

from __future__ import annotations

import pytest

from engine.scaling import pace
from engine.scaling.pace import Clock, Load


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that began ten seconds ago."""
    monkeypatch.setattr(pace.time, "monotonic", lambda: 100.0)
    made = Clock({"download": 4, "decode": 2, "forward": 1})
    monkeypatch.setattr(pace.time, "monotonic", lambda: 110.0)
    return made


@pytest.mark.parametrize(
    ("busy", "slow"),
    [((38.0, 5.0, 2.0), "download"), ((4.0, 19.6, 4.0), "decode"), ((4.0, 12.0, 9.7), "forward")],
)
def test_the_busiest_stage_is_the_bottleneck(clock: Clock, busy: tuple[float, float, float], slow: str) -> None:
    found = clock.overall(Load(30, 300, *busy))
    assert found.bottleneck == slow
    assert found.sentence(clock.stages).startswith(f"{slow} is the bottleneck")
    assert (found.videos_per_s, found.frames_per_s) == (3.0, 30.0)


def test_shares_are_those_of_all_workers_of_a_stage(clock: Clock) -> None:
    found = clock.overall(Load(1, 10, 4.0, 15.0, 9.0))
    assert found.shares == {"download": 0.1, "decode": 0.75, "forward": 0.9}


def test_what_helps_detectors_is_told_of_extract(clock: Clock) -> None:
    from engine.inferring.recipes import Extracting

    found = clock.since_last(Load(4, 40, 0.0, 0.1, 1.9), 0, 3)
    said = found.sentence({"decode": 1, "forward": 4}, Extracting.advice)
    assert "; 1 decoder, 4 forward passes on " in said
    assert said.startswith("forward is the bottleneck") and "compute.threads" in said and "precision" not in said


def test_a_folder_here_downloads_nothing_and_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Clock({"download": 0, "decode": 2, "forward": 1})
    assert "download" not in made.overall(Load(1, 10, 99.0, 0.1, 0.1)).shares


def test_each_pace_is_of_the_time_since_the_last_one(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock.since_last(Load(10, 100, 0, 0, 0), 1, 2).videos_per_s == 1.0
    monkeypatch.setattr(pace.time, "monotonic", lambda: 112.0)
    now = clock.since_last(Load(20, 200, 0, 0, 2.0), 3, 4)
    assert (now.videos_per_s, now.shares["forward"], now.fetched, now.decoded) == (5.0, 1.0, 3, 4)
