"""What a run does just now, in a cell of the Overview."""

from __future__ import annotations

from engine.status import Status
from tui import cells
from tui.entries import Entry


def doing(**given: object) -> str:
    status = Status(state="running", heartbeat_at=1.0, **given)  # type: ignore[arg-type]
    return cells.phase(Entry("20260203-101522-infer-0001", "infer", 0.0, status)).text


def test_what_is_done_stands_before_what_the_job_says_of_it() -> None:
    said = doing(phase="infer", done=7, total=15_231, unit="videos", detail="decode holds it up, 70 frames")
    assert said == "infer 7 of 15,231 videos · decode holds it up, 70 frames"


def test_before_anything_is_done_the_phase_stands_alone() -> None:
    assert doing(phase="load", total=3, unit="videos") == "load"
