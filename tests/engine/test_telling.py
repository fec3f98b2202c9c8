"""What is worth telling of runs: once, in time, and not what was so before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.commands.watch import Eyes, _news
from engine.criteria import Judged
from engine.events import Gpu, Host, Progress, to_line
from engine.pulse import pulse
from engine.run import create
from engine.status import Status
from engine.teller import PACES, STALLED_S, UNKNOWN_S, Teller
from engine.telling import NAMED, Seen, payload, summary
from engine.workspace import Workspace
from tests.lab import ENDLESS, QUICK, ended, says, shell, toy, until

BEGAN = 1000.0


def seen(run_id: str = "a", state: str = "running", **given: Any) -> Seen:
    """A run that began before anybody looked, alive at the second that `heartbeat_at` says."""
    own = {name: given.pop(name) for name in ("heard_at", "gpu_percent") if name in given}
    status = Status(**{"state": state, "attempt": 1, "started_at": 500.0, "heartbeat_at": BEGAN, **given})
    return Seen(run_id, "toy", f"run {run_id}", 400.0, status, **{"heard_at": BEGAN, **own})


def told(teller: Teller, *runs: Seen, at: float = BEGAN) -> list[str]:
    return [f"{telling.run_id} {telling.kind}" for telling in teller.look(runs, at).new]


ENDS = [
    ("done", "finished"),
    ("failed", "failed"),
    ("lost", "lost"),
    ("preempted", "preempted"),
    ("stopped", "stopped"),
]


@pytest.mark.parametrize(("state", "kind"), ENDS)
def test_an_end_is_told_once(state: str, kind: str) -> None:
    teller = Teller(BEGAN)
    assert told(teller, seen()) == []
    assert told(teller, seen(state=state, ended_at=BEGAN + 1)) == [f"a {kind}"]
    assert told(teller, seen(state=state, ended_at=BEGAN + 1)) == []


def test_what_was_so_before_anybody_looked_is_old_and_never_told() -> None:
    teller = Teller(BEGAN)
    news = teller.look([seen("a", "failed", ended_at=900.0), seen("b", latest={"loss": float("nan")})], BEGAN)
    assert [telling.kind for telling in news.old] == ["failed", "nan"] and not news.new
    assert told(teller, seen("c", "done", ended_at=900.0)) == []  # brought back from the archive


def test_a_run_that_began_and_ended_between_two_looks_is_told() -> None:
    teller = Teller(BEGAN)
    assert told(teller) == []
    assert told(teller, seen("a", "done", started_at=BEGAN + 1, ended_at=BEGAN + 2)) == ["a finished"]


def test_a_resumed_run_may_fail_twice() -> None:
    teller = Teller(BEGAN)
    told(teller, seen())
    assert told(teller, seen(state="failed", ended_at=BEGAN + 1)) == ["a failed"]
    assert told(teller, seen(attempt=2)) == []
    assert told(teller, seen(state="failed", attempt=2, ended_at=BEGAN + 9)) == ["a failed"]


def test_a_lost_run_that_was_seen_alive_is_told_however_old_its_last_heartbeat() -> None:
    teller = Teller(BEGAN)
    told(teller, seen(heartbeat_at=BEGAN - 25))
    assert told(teller, seen(state="lost", heartbeat_at=BEGAN - 25)) == ["a lost"]


def test_numbers_that_are_none_and_flags_are_told_once_while_it_runs_and_not_again_at_its_end() -> None:
    teller, nan = Teller(BEGAN), {"loss": float("nan"), "lr": 0.1, "norm": float("inf")}
    told(teller, seen())
    assert told(teller, seen(latest=nan)) == ["a nan"]
    assert told(teller, seen(latest=nan, flags=("overfit: much",))) == ["a flagged"]
    assert told(teller, seen(state="done", latest=nan, flags=("overfit: much",), ended_at=BEGAN)) == ["a finished"]
    [first, *_] = Teller(BEGAN).look([seen(latest=nan)], BEGAN).old
    assert first.words == "loss is nan and 1 more"


def quiet(teller: Teller, seconds: float, **given: Any) -> list[str]:
    """What is told when a living run was quiet for so long."""
    now = BEGAN + seconds
    return told(teller, seen(heartbeat_at=now, **given), at=now)


def test_a_run_has_stalled_after_several_times_its_own_pace() -> None:
    teller, steady = Teller(BEGAN), {"done": 100, "phase_started_at": BEGAN - 6000.0}  # a minute each
    assert quiet(teller, 0, **steady) == []
    assert quiet(teller, PACES * 60 - 1, **steady) == []
    assert quiet(teller, PACES * 60 + 30, **steady) == ["a stalled"]
    assert quiet(teller, PACES * 60 + 99, **steady) == []


def test_a_run_whose_pace_nobody_knows_may_be_quiet_for_long() -> None:
    teller = Teller(BEGAN)
    assert quiet(teller, 0) + quiet(teller, UNKNOWN_S - 1) == []
    assert quiet(teller, UNKNOWN_S + 1) == ["a stalled"]


def test_a_silence_that_was_survived_is_its_pace_from_then_on() -> None:
    teller, quick = Teller(BEGAN), {"done": 6000, "phase_started_at": BEGAN - 6000.0}
    assert quiet(teller, 0, **quick) == []
    assert quiet(teller, STALLED_S + 1, **quick) == ["a stalled"]
    assert quiet(teller, STALLED_S + 2, heard_at=BEGAN + STALLED_S + 2, **quick) == []
    assert quiet(teller, 3 * STALLED_S, heard_at=BEGAN + STALLED_S + 2, **quick) == []
    assert quiet(teller, 8 * STALLED_S, heard_at=BEGAN + STALLED_S + 2, **quick) == ["a stalled"]


def test_a_run_without_a_heartbeat_has_not_stalled() -> None:
    teller = Teller(BEGAN)
    told(teller, seen())
    assert told(teller, seen(), at=BEGAN + 10 * UNKNOWN_S) == []


def test_a_gpu_that_waits_for_long_is_told_once_and_again_when_it_waits_again() -> None:
    teller = Teller(BEGAN)

    def idle(seconds: float, percent: float) -> list[str]:
        return quiet(teller, seconds, heard_at=BEGAN + seconds, gpu_percent=percent)

    assert idle(0, 0.0) + idle(299, 1.0) == []
    assert idle(301, 0.0) == ["a gpu idle"] and idle(400, 0.0) == []
    assert idle(500, 80.0) + idle(600, 0.0) + idle(800, 0.0) == [] and idle(901, 0.0) == ["a gpu idle"]


def test_the_words_tell_how_it_ended() -> None:
    good = seen(state="done", ended_at=560.0, metrics={"accuracy": 0.75}, criteria=(Judged("f1", "> 1", 0.2, False),))
    bad = seen("b", "failed", ended_at=530.0, error="no column 'x'\nand more")
    words = [str(telling) for telling in Teller(BEGAN).look([good, bad], BEGAN).old]
    assert words == [
        "run b failed after 30s: no column 'x'",
        "run a finished after 1m 00s, accuracy 0.750, 1 of 1 criteria not met",
    ]


def test_forty_ends_make_one_line_and_one_payload() -> None:
    runs = [seen(f"r{n}", "done" if n else "failed", ended_at=BEGAN + n) for n in range(40)]
    news = Teller(BEGAN).look(runs, BEGAN).new
    assert summary(news) == "1 failed, 39 finished"
    value = payload(news, "study", "here")
    assert value["text"].count("\n") == NAMED + 1 and len(value["tellings"]) == 40
    assert json.loads(json.dumps(value))["tellings"][0]["run_id"] == "r0"


# --- the edge -------------------------------------------------------------------------------------------------------


def test_a_pulse_passes_over_readings_and_takes_the_newest_of_each_gpu(workspace: Workspace) -> None:
    run = create(workspace, "toy", "", record={})
    assert pulse(replace(run, folder=run.folder / "none")).heard_at is None
    gpus = [Gpu(index, "T4", percent, 1, 2, at=60.0 + index) for index, percent in ((0, 3.0), (1, 4.0))]
    old = [Host(1.0, 1, 1, 1, at=40.0), Gpu(0, "T4", 99.0, 1, 2, at=41.0)]
    run.events.write_bytes(b"".join(map(to_line, [*old, Progress(1, 2, at=50.0), Host(1.0, 1, 1, 1, at=60.0), *gpus])))
    set_time(run.log, 45.0)
    assert (pulse(run).heard_at, pulse(run).gpu_percent) == (50.0, 4.0)
    set_time(run.log, 55.0)
    assert pulse(run).heard_at == 55.0


def set_time(path: Path, at: float) -> None:
    os.utime(path, (at, at))


def test_watch_tells_ends_as_lines_of_json_until_it_is_interrupted(workspace: Workspace, tmp_path: Path) -> None:
    before = toy(workspace, *QUICK)
    ended(before)
    running = toy(workspace, *ENDLESS)
    until(lambda: says(running, "Progress"), "it runs")
    command = [sys.executable, "-m", "engine", "-w", str(workspace.root), "watch", "--json"]
    out = tmp_path / "told"
    with out.open("wb") as told_to, subprocess.Popen(command, stdout=told_to, stderr=subprocess.PIPE) as watching:
        assert watching.stderr is not None and b"watching" in watching.stderr.readline()
        assert shell("-w", str(workspace.root), "stop", running.id).code == 0
        until(lambda: b"stopped" in out.read_bytes(), "it is told")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(10) == 130
    [line] = out.read_text().splitlines()
    assert json.loads(line)["kind"] == "stopped" and json.loads(line)["run_id"] == running.id


def test_a_disk_that_fails_for_a_moment_does_not_end_the_watch(capsys: pytest.CaptureFixture[str]) -> None:
    class Blind(Eyes):
        def __init__(self) -> None:
            self.fails = True

        def look(self) -> Iterator[Seen]:
            if self.fails:
                raise OSError(5, "Input/output error", "runs")
            yield seen("a", "done", started_at=BEGAN, ended_at=BEGAN + 1)

    eyes, teller = Blind(), Teller(BEGAN)
    assert _news(teller, eyes) == () and "Input/output error" in capsys.readouterr().err
    eyes.fails = False
    assert [telling.kind for telling in _news(teller, eyes)] == ["finished"]
