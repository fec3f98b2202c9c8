"""The queue: the same everywhere, unlike for every coder, videos scattered, nothing shown twice."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.annotations.decision import Unit
from engine.annotations.queue import REPEAT_AFTER, Item, Past, Study, asked, order, overlap, owners, plan
from engine.annotations.spread import APART
from engine.errors import AskError

ROOT = Path(__file__).resolve().parents[3]
some_units = st.lists(
    st.builds(Unit, st.sampled_from([f"v{n}" for n in range(12)]), st.integers(0, 9)), unique=True, max_size=60
)
names = st.text(min_size=1, max_size=5)
STUDY = Study("salt", ("ana", "ben", "cem"), 30)
FRAMES = [Unit(f"v{video}", frame * 30) for video in range(40) for frame in range(10)]


def gaps(items: list[Item]) -> list[int]:
    last: dict[str, int] = {}
    found = []
    for item in items:
        if item.unit.video_id in last:
            found.append(item.position - last[item.unit.video_id])
        last[item.unit.video_id] = item.position
    return found


def can_stand_apart(units: list[Unit]) -> bool:
    """The known bound: the longest video sets the pace, and all of its length come once more at the end."""
    sizes = Counter(unit.video_id for unit in units)
    longest = max(sizes.values(), default=0)
    return (longest - 1) * APART + list(sizes.values()).count(longest) <= len(units) if units else True


def new(items: list[Item]) -> list[Unit]:
    return [item.unit for item in items if item.kind == "code"]


@given(names, st.text(max_size=5), some_units, some_units)
def test_frames_that_are_added_do_not_change_the_order_of_the_others(
    coder: str, salt: str, units: list[Unit], added: list[Unit]
) -> None:
    both = order(coder, salt, {*units, *added})
    assert [unit for unit in both if unit in set(units)] == order(coder, salt, units)


@given(some_units, st.randoms(use_true_random=False))
def test_the_queue_does_not_depend_on_the_order_of_the_file(units: list[Unit], chance: object) -> None:
    mixed = list(units)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert plan("ana", STUDY, mixed) == plan("ana", STUDY, units)


@settings(max_examples=300)
@given(some_units)
def test_frames_of_a_video_are_five_apart_wherever_that_is_possible(units: list[Unit]) -> None:
    alone = [item for item in plan("ana", Study("s", (), 20), units) if item.kind == "code"]
    assert sorted(new(alone)) == sorted(units)
    if can_stand_apart(units):
        assert all(gap >= APART for gap in gaps(alone))


@given(some_units)
def test_frames_of_a_video_stand_together_only_where_nothing_else_is_left(units: list[Unit]) -> None:
    items = plan("ana", Study("s", (), 0), units)
    for place, item in enumerate(items):
        near = {other.unit.video_id for other in items[max(0, place - APART + 1) : place]}
        if item.unit.video_id in near:
            assert all(later.unit.video_id in near for later in items[place:] if later.kind == "code")


@given(some_units, some_units)
def test_frames_of_one_video_keep_their_order_within_a_tier_when_others_are_added(
    units: list[Unit], added: list[Unit]
) -> None:
    study = Study("s", (), 0)
    before, after = new(plan("ana", study, units)), new(plan("ana", study, sorted({*units, *added})))
    for video in {unit.video_id for unit in units}:
        kept = [unit for unit in after if unit in set(units) and unit.video_id == video]
        assert kept == [unit for unit in before if unit.video_id == video]


def test_room_for_videos_moves_few_frames_and_not_far() -> None:
    alone = Study("salt", (), 0)
    before, wished = new(plan("ana", alone, FRAMES)), order("ana", "salt", FRAMES)
    assert max(abs(place - wished.index(unit)) for place, unit in enumerate(before)) <= 7
    added = [Unit("another", frame * 30) for frame in range(10)]
    after = {unit: place for place, unit in enumerate(new(plan("ana", alone, [*FRAMES, *added])))}
    turned = [after[one] > after[other] for one, other in itertools.combinations(before, 2)]
    assert 0 < sum(turned) < len(turned) / 2000


def test_the_queue_is_the_same_in_another_process_with_another_hash_seed() -> None:
    code = (
        "from engine.annotations.queue import *\nfrom engine.annotations.decision import Unit\n"
        "units = [Unit(f'v{v}', f * 30) for v in range(40) for f in range(10)]\n"
        "print(plan('ana', Study('salt', ('ana', 'ben', 'cem'), 30), units, active=units[:25]))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1", "4711")
    }
    assert said == {str(plan("ana", STUDY, FRAMES, active=FRAMES[:25]))}


def test_the_keys_are_those_of_every_version() -> None:
    """Changed keys would shuffle every study that has begun."""
    assert order("ana", "salt", FRAMES)[:3] == [Unit("v33", 210), Unit("v19", 60), Unit("v24", 90)]
    assert sorted(overlap("salt", FRAMES, 3)) == [Unit("v3", 120), Unit("v30", 90), Unit("v31", 60)]
    assert list(owners(STUDY, FRAMES[:5]).values()) == ["ben", "ben", "ana", "cem", "ben"]


def test_coders_have_orders_that_say_nothing_of_each_other() -> None:
    """Spearman's correlation over 400 frames has a standard deviation of 0.05 by chance alone."""
    places = {
        coder: {unit: place for place, unit in enumerate(new(plan(coder, Study("salt", (), 0), FRAMES)))}
        for coder in map(str, range(8))
    }
    for one, other in itertools.combinations(places.values(), 2):
        squares = sum((one[unit] - other[unit]) ** 2 for unit in FRAMES)
        assert abs(1 - 6 * squares / (400 * (400**2 - 1))) < 0.2


def test_two_coders_meet_in_the_overlap_only_and_every_frame_has_a_coder() -> None:
    asked_of = {coder: set(asked(coder, STUDY, FRAMES)) for coder in STUDY.coders}
    shared = overlap(STUDY.salt, FRAMES, STUDY.overlap)
    for one, other in itertools.combinations(asked_of.values(), 2):
        assert one & other == shared
    assert set.union(*asked_of.values()) == set(FRAMES)
    assert all(90 < len(units) - len(shared) < 160 for units in asked_of.values())


def test_the_overlap_comes_as_early_as_frames_of_a_video_can_stand_apart() -> None:
    items = plan("ana", STUDY, FRAMES)
    shared = overlap(STUDY.salt, FRAMES, STUDY.overlap)
    assert {item.unit for item in items[:30]} == shared


def test_who_joins_takes_from_each_and_nothing_moves_between_the_others() -> None:
    four = Study("salt", (*STUDY.coders, "dora"), 30)
    before, after = owners(STUDY, FRAMES), owners(four, FRAMES)
    moved = [(before[unit], after[unit]) for unit in FRAMES if before[unit] != after[unit]]
    assert {to for _, to in moved} == {"dora"}
    assert {origin for origin, _ in moved} == set(STUDY.coders)


@given(some_units, some_units, st.integers(0, 20))
def test_a_frame_that_is_added_pushes_out_one_of_the_overlap_at_most(
    units: list[Unit], added: list[Unit], count: int
) -> None:
    more = {*units, *added}
    lost = overlap("s", units, count) - overlap("s", more, count)
    assert len(lost) <= len(more) - len(units)


def test_what_another_coder_has_begun_is_not_asked_again_outside_the_overlap() -> None:
    shared = overlap(STUDY.salt, FRAMES, STUDY.overlap)
    mine = set(asked("ana", STUDY, FRAMES)) - shared
    begun = {*list(mine)[:10], *list(shared)[:5]}
    left = new(plan("ana", STUDY, FRAMES, Past(others=begun)))
    assert set(left) == (mine | shared) - (begun - shared)


def test_frames_of_the_round_come_first_among_those_of_the_overlap() -> None:
    active = [unit for unit in FRAMES if unit.frame_index == 270]
    mine = {unit for unit in active if unit in set(asked("ana", STUDY, FRAMES, active))}
    first = mine | overlap(STUDY.salt, FRAMES, STUDY.overlap)
    head = [item.unit for item in plan("ana", STUDY, FRAMES, active=active)[: len(first)]]
    assert set(head) == first
    marks = [unit in mine for unit in head]
    assert marks != sorted(marks) and marks != sorted(marks, reverse=True)


def test_a_coder_whom_nobody_knows_is_told_who_is_known() -> None:
    with pytest.raises(AskError, match="does not name 'zoe'"):
        plan("zoe", STUDY, FRAMES)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 160))
def test_after_a_restart_the_queue_goes_on_where_it_was(done: int) -> None:
    whole = plan("ana", STUDY, FRAMES)
    past = Past([(item.unit, item.kind) for item in whole[:done]])
    assert plan("ana", STUDY, FRAMES, past) == whole


def test_a_large_overlap_does_not_bury_what_the_last_round_asks_for() -> None:
    active = [unit for unit in FRAMES if unit.frame_index == 270][:20]
    head = asked("ana", Study("salt", (), 300), FRAMES, active)[: 2 * len(active)]
    shared = overlap("salt", FRAMES, 300)
    assert set(active) <= set(head) and all(unit in shared or unit in active for unit in head)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 160), some_units, some_units)
def test_no_frame_is_shown_twice_whatever_the_queue_becomes(done: int, added: list[Unit], active: list[Unit]) -> None:
    past = Past([(item.unit, item.kind) for item in plan("ana", STUDY, FRAMES)[:done]])
    shown = Counter((item.unit, item.kind) for item in plan("ana", STUDY, [*FRAMES, *added], past, active))
    assert not shown or max(shown.values()) == 1


def test_a_frame_that_was_left_blank_comes_back_once_and_not_at_once() -> None:
    first = plan("ana", STUDY, FRAMES)
    past = Past([(item.unit, item.kind) for item in first[:40]], blank={first[39].unit, first[3].unit})
    again = [item for item in plan("ana", STUDY, FRAMES, past) if item.kind == "recode"]
    assert [item.unit for item in again] == [first[3].unit, first[39].unit]
    assert again[0].position < 45 and again[1].position - 39 >= 10


def test_one_in_twenty_frames_comes_back_unasked_at_a_distance() -> None:
    items = plan("ana", Study("salt", (), 0), [Unit(f"v{video}", frame) for video in range(300) for frame in range(10)])
    first = {item.unit: item.position for item in items if item.kind == "code"}
    again = [item for item in items if item.kind == "repeat"]
    assert 100 < len(again) < 200
    assert all(item.position - first[item.unit] >= REPEAT_AFTER for item in again if item.position < 3000)
    assert max(Counter(item.unit for item in again).values()) == 1


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_hidden_repeats_take_no_frame_the_room_that_it_needs(first: int) -> None:
    for seed in range(first, first + 100):
        chance = random.Random(seed)
        sizes = [chance.choice([1, 2, 3, 5, 8, 13, 21]) for _ in range(chance.randint(5, 14))]
        units = [Unit(f"v{video}", frame) for video, size in enumerate(sizes) for frame in range(size)]
        items = plan("ana", Study(str(seed), (), chance.choice([0, 5, 20])), units)
        if can_stand_apart(units):
            assert min(gaps([item for item in items if item.kind == "code"]), default=APART) >= APART
