"""What a watchdog has told the cloud, read and put into words."""

from __future__ import annotations

import json

import pytest

from vmops import watched
from vmops.watched import Watched

NOW = 1_790_000_000.0


def test_who_uses_the_machine_and_when_it_would_stop_are_told() -> None:
    busy = watched.of_text(json.dumps({"at": NOW, "busy": ["run 1", "1 ssh login"], "ends_at": NOW + 7200}))
    said = "\n".join(watched.lines(busy, NOW))
    assert "in use: run 1, 1 ssh login" in said and "its limit: stops in 2 h, at" in said
    idle = "\n".join(watched.lines(Watched(NOW, idle_since=NOW - 60, stops_at=NOW + 1740), NOW))
    assert "idle since" in idle and "stops itself in 29 min, at" in idle


def test_a_notice_of_preemption_and_whoever_was_asked_come_first() -> None:
    [first, *_] = watched.lines(Watched(NOW, preempted_at=NOW, asked=("/home/a/runs/20260101-x",)), NOW)
    assert first.startswith("! notice at") and "asked for a checkpoint: 20260101-x" in first


def test_a_watchdog_that_fell_silent_and_one_that_never_was_are_told_apart() -> None:
    assert "said nothing since" in watched.lines(Watched(NOW - 600), NOW)[0]
    assert "no watchdog has said anything" in watched.lines(None, NOW)[0]
    assert not any("nothing since" in line for line in watched.lines(Watched(NOW - 60), NOW))


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"at": "x"}', '{"at": null}'])
def test_what_is_no_word_of_a_watchdog_is_none(text: str) -> None:
    assert watched.of_text(text) is None


def test_a_machine_cannot_move_the_cursor_of_who_looks() -> None:
    seen = watched.of_text(json.dumps({"at": NOW, "busy": ["run \x1b[2J\nx"], "stops_at": "soon", "ends_at": 1e300}))
    assert seen is not None and seen.busy == ("run [2Jx",)
    assert (seen.stops_at, seen.ends_at) == (None, None)
