"""Status: into JSON and back, words, rate."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import words
from engine.criteria import Judged
from engine.progress import rate, remaining
from engine.status import STATES, Status, from_json, to_json

texts = st.text(st.characters(exclude_categories=["Cs"]))
metrics = st.dictionaries(texts, st.floats())
artifact = st.fixed_dictionaries(
    {"name": texts, "about": texts, "size_bytes": st.integers(0), "sha256": st.text("0123456789abcdef")}
)
statuses = st.builds(
    Status,
    state=st.sampled_from(STATES),
    attempt=st.integers(0),
    done=st.integers(0),
    total=st.integers(0),
    detail=texts,
    pid=st.none() | st.integers(1),
    pid_started=st.none() | st.floats(0, 1e10),
    exit_code=st.none() | st.integers(0, 255),
    heartbeat_at=st.floats(0, 1e10),
    metrics=metrics,
    latest=metrics,
    criteria=st.lists(
        st.builds(Judged, texts, texts, st.none() | st.floats(), st.none() | st.booleans()), max_size=3
    ).map(tuple),
    flags=st.lists(texts, max_size=3).map(tuple),
    findings=st.dictionaries(texts, texts, max_size=3),
    artifacts=st.lists(artifact, max_size=3).map(tuple),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(statuses)
def test_a_status_comes_back_from_its_json(status: Status) -> None:
    text = json.dumps(to_json(status), allow_nan=False)
    assert repr(from_json(json.loads(text))) == repr(status)  # where nan is equal to nan


@given(st.dictionaries(st.sampled_from([*Status.__dataclass_fields__, "colour"]), json_values))
def test_a_damaged_status_can_still_be_shown(raw: dict[str, object]) -> None:
    status = from_json(raw)
    json.dumps(to_json(status), allow_nan=False)
    assert isinstance(
        words.progress(status) + "".join(words.results(status.metrics).values()) + words.criteria(status), str
    )
    rate(status)


def test_only_what_is_damaged_is_lost() -> None:
    good = {"name": "a.csv", "about": "rows", "size_bytes": 1, "sha256": "00"}
    raw = {
        "state": "done",
        "done": "many",
        "metrics": {"loss": "nan", "recall": 0.5, "name": "x", "list": []},
        "criteria": [7, {"name": "loss"}, {"name": "recall", "wanted": "> 0", "value": 0.5, "passed": True}],
        "artifacts": [{"name": "half"}, good],
        "flags": ["overfit: yes", 3],
        "findings": {"labels": "3 far", "pace": None},
    }
    status = from_json(raw)
    assert (status.state, status.done, status.flags) == ("done", 0, ("overfit: yes",))
    assert status.findings == {"labels": "3 far"}
    assert set(status.metrics) == {"loss", "recall"}
    assert math.isnan(status.metrics["loss"])
    assert status.criteria == (Judged("recall", "> 0", 0.5, True),)
    assert status.artifacts == (good,)


RUNNING = Status(state="running", done=20, total=50, unit="folds", phase_started_at=100.0, heartbeat_at=110.0)


def test_the_rate_is_that_of_the_whole_phase() -> None:
    assert rate(RUNNING) == 2.0
    assert remaining(RUNNING) == 15.0


def test_what_was_there_before_a_resume_does_not_count_as_speed() -> None:
    resumed = replace(RUNNING, done_before=10)
    assert rate(resumed) == 1.0
    assert remaining(resumed) == 30.0


@pytest.mark.parametrize(
    "unknown",
    [
        replace(RUNNING, state="pending"),
        replace(RUNNING, done=0),
        replace(RUNNING, phase_started_at=None),
        replace(RUNNING, heartbeat_at=90.0),  # a clock that was set back
    ],
)
def test_nobody_knows_a_rate_before_the_first_unit(unknown: Status) -> None:
    assert rate(unknown) is None
    assert remaining(unknown) is None


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (RUNNING, "20/50 folds 40% 15s left"),
        (replace(RUNNING, unit=""), "20/50 40% 15s left"),
        (replace(RUNNING, total=0), "20 folds"),
        (replace(RUNNING, done=0), ""),
        (replace(RUNNING, state="done"), ""),
    ],
)
def test_progress_in_words(status: Status, said: str) -> None:
    assert words.progress(status) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0s"), (42.4, "42s"), (60, "1m"), (3599, "59m"), (7200, "2h"), (200_000, "2d")],
)
def test_how_long_ago_in_words(seconds: float, said: str) -> None:
    assert words.ago(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(9.44, "9.4s"), (42, "42s"), (187, "3m 07s"), (7500, "2h 05m"), (561_600, "6d 12h")],
)
def test_how_long_in_words(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (4300, "4.2 KiB"),
        (94_266_982, "89.9 MiB"),
        (3 << 30, "3.0 GiB"),
        (2 << 40, "2.0 TiB"),
    ],
)
def test_sizes_in_words(count: int, said: str) -> None:
    assert words.size(count) == said


def test_a_result_that_a_criterion_asks_for_is_told_first() -> None:
    metrics = {"note": 1.0, "accuracy_before": 0.5, "accuracy": 0.75, "recall": 0.25}
    assert words.headline(metrics) == "accuracy"
    assert words.headline(metrics, ["recall"]) == "recall"
    assert words.headline({"other": 1.0}) == "other"
    assert words.headline({}) == ""


def test_what_was_found_and_how_much_was_done_say_more_than_how_fast() -> None:
    speed = {"videos_per_s": 3.0, "busy_decode": 0.9, "videos": 8.0, "videos_failed": 1.0}
    assert words.headline({**speed, "pov.mean_confidence": 0.7}) == "pov.mean_confidence"
    assert words.headline({**speed, "color_entropy": 4.0}) == "videos"


def test_before_and_after_are_told_together_and_nothing_else_is_lost() -> None:
    told = words.results({"accuracy_before": 0.5, "accuracy": 0.75, "alone_before": 1.5})
    assert told == {"accuracy": "0.500 → 0.750", "alone_before": "1.500"}


def test_criteria_are_counted() -> None:
    judged = (Judged("a", "> 0", 1.0, True), Judged("b", "> 0", None, None), Judged("c", "> 0", -1.0, False))
    assert words.criteria(Status(criteria=judged)) == "1/3"
    assert words.criteria(Status()) == ""
