"""What a coder has done and how far coders are, kept up to date whoever appends what."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.annotations.decision import BLANK, CANT_TELL, REMARK, Decision, Unit
from engine.annotations.log import Log
from engine.annotations.past import past
from engine.annotations.queue import Study, overlap, plan
from engine.annotations.states import double_coded, progress, state

NAMES = ("perspective", "distance")
FRAMES = [Unit(f"v{video}", frame) for video in range(10) for frame in range(6)]
STUDY = Study("salt", ("ana", "ben"), 10)


def code(index: int, value: str = "a", variable: str = "perspective", coder: str = "ana") -> Decision:
    return Decision(coder, FRAMES[index], variable, value, 1e9)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log.open(tmp_path / "annotations.sqlite")


def label(log: Log, index: int, *values: str, coder: str = "ana") -> None:
    for variable, value in zip(NAMES, values, strict=False):
        log.add([code(index, value, variable, coder)])


acts = st.lists(
    st.tuples(st.sampled_from(["add", "undo", "merge", "remark", "look"]), st.integers(0, 3), st.sampled_from("xy")),
    max_size=25,
)


@settings(max_examples=60)
@given(acts)
def test_what_was_seen_is_what_a_look_at_everything_says(made: list[tuple[str, int, str]]) -> None:
    numbers = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "annotations.sqlite"
        with Log.open(path) as mine, Log.open(path) as yours:
            for act, index, coder in made:
                if act == "add":
                    yours.add([code(index, coder=coder)])
                elif act == "undo":
                    yours.undo(coder, 2e9)
                elif act == "remark":
                    yours.add([Decision(coder, FRAMES[index], REMARK, BLANK, 1e9, flagged=True)])
                elif act == "merge":
                    key = str(next(numbers))
                    one = Decision(coder, FRAMES[index], "distance", "a", 5.0, kind="import", act=key, key=key)
                    yours.merge([one])
                else:
                    mine.seen(coder)
            for coder in "xy":
                whole = {one.unit for one in yours.newest(coder=coder) if one.variable != REMARK}
                assert mine.seen(coder) == whole
                with Log.open(path) as fresh:
                    assert fresh.seen(coder) == whole


def test_the_four_states_are_told_apart() -> None:
    decisions = [code(0, "a"), code(0, CANT_TELL), code(0, BLANK), None]
    assert [state(one) for one in decisions] == ["label", "cant_tell", "blank", "unseen"]


def test_a_frame_is_done_when_every_variable_is_decided_and_comes_again_where_one_is_not(log: Log) -> None:
    first, second, *_ = plan("ana", STUDY, FRAMES)
    log.add([Decision("ana", first.unit, name, "a", 1e9) for name in NAMES])
    log.add([Decision("ana", second.unit, "distance", CANT_TELL, 1e9)])
    before = past(log, "ana", NAMES)
    assert before.shown == [(first.unit, "code")]
    assert plan("ana", STUDY, FRAMES, before)[:2] == [first, second]


def test_the_queue_stands_where_it_was_after_undo_and_restart(log: Log) -> None:
    items = plan("ana", STUDY, FRAMES)
    for item in items[:7]:
        log.add([Decision("ana", item.unit, name, "a", 1e9) for name in NAMES])
    for left in range(6, -1, -1):
        log.undo("ana", 2e9)
        before = past(log, "ana", NAMES)
        assert len(before.shown) == left
        assert plan("ana", STUDY, FRAMES, before) == items


def test_a_blank_waits_for_a_second_chance_and_after_that_no_more(log: Log) -> None:
    label(log, 0, BLANK, "a")
    assert past(log, "ana", NAMES).blank == {FRAMES[0]}
    log.add([code(0, BLANK)])
    assert past(log, "ana", NAMES).blank == set()


def test_a_blank_that_was_labelled_since_waits_no_more(log: Log) -> None:
    label(log, 0, BLANK, "a")
    label(log, 0, "b")
    assert past(log, "ana", NAMES).blank == set()


def test_a_repeat_is_done_apart_from_the_code(log: Log) -> None:
    label(log, 0, "a", "b")
    log.add([Decision("ana", FRAMES[0], name, "c", 1e9, kind="repeat") for name in NAMES])
    assert past(log, "ana", NAMES).shown == [(FRAMES[0], "code"), (FRAMES[0], "repeat")]


def test_progress_counts_frames_the_overlap_and_the_four_states(log: Log) -> None:
    shared = sorted(overlap(STUDY.salt, FRAMES, STUDY.overlap))
    for place, unit in enumerate(shared[:4]):
        for coder in ("ana", "ben") if place < 3 else ("ana",):
            values = ("a", BLANK if place == 0 else CANT_TELL)
            log.add([Decision(coder, unit, name, value, 1e9) for name, value in zip(NAMES, values, strict=True)])
    log.add([Decision("ben", shared[3], "distance", "a", 1e9)])
    ana, ben = (progress(log, coder, STUDY, FRAMES, NAMES) for coder in ("ana", "ben"))
    assert (ana.done, ana.overlap, ana.overlap_asked, ana.recode) == (4, 4, 10, 1)
    assert (ben.done, ben.overlap) == (3, 3)
    assert ana.asked + ben.asked == len(FRAMES) + 10
    assert ana.states["distance"] == {"label": 0, "cant_tell": 3, "blank": 1, "unseen": ana.asked - 4}
    assert double_coded(log, shared, NAMES) == 3


def test_what_others_have_begun_is_known_and_what_they_took_back_is_not(log: Log) -> None:
    label(log, 0, "a", coder="ben")
    label(log, 1, "a", coder="ben")
    label(log, 2, "a")
    log.add([Decision("cem", FRAMES[3], REMARK, BLANK, 1e9, note="dark")])
    log.add([Decision("eva", FRAMES[4], "distance", "a", 1e9, kind="adjudication", reason="seen")])
    log.undo("ben", 2e9)
    assert past(log, "ana", NAMES).others == {FRAMES[0]}
