"""Sides: drawn by groups of videos, stratified, kept for ever, and never leaking."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DataError
from engine.stats import draw, sides
from engine.stats.sides import TEST, TRAIN, VALIDATION


def rows(*pairs: str) -> list[dict[str, str]]:
    return [dict(zip(("video_id", "scene"), pair.split(":"), strict=True)) for pair in pairs]


def test_videos_that_share_a_scene_are_one_group_also_over_a_third_one() -> None:
    found = draw.groups(rows("a:man", "b:man", "b:title", "c:title", "d:car", "e:"), ["scene"])
    assert found == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}


def test_a_scene_is_no_video_and_an_empty_one_joins_nothing() -> None:
    assert draw.groups(rows("a:b", "b:", "c:"), ["scene"]) == {"a": "a", "b": "b", "c": "c"}
    assert draw.groups(rows("a:man", "b:man"), []) == {"a": "a", "b": "b"}


def test_every_class_has_nearly_its_share() -> None:
    counts = np.random.default_rng(0).integers(0, 8, (40, 5))
    drawn = draw.stratified(counts, 0.2, seed=1)
    assert counts[drawn].sum(0) / counts.sum(0) == pytest.approx(0.2, abs=0.03)


def test_a_small_draw_is_as_good_as_the_best_of_all() -> None:
    counts = np.random.default_rng(3).integers(0, 5, (8, 3))

    def far(chosen: tuple[int, ...]) -> float:
        part = counts[list(chosen)].sum(0) / counts.sum(0)
        return float(((part - 0.25) ** 2).sum() + 10 * (part >= 1).sum() + (part <= 0).sum())

    best = min(far(chosen) for size in range(1, 7) for chosen in combinations(range(8), size))
    assert far(tuple(draw.stratified(counts, 0.25, seed=0, keep=2))) == pytest.approx(best)


def test_a_class_that_only_one_group_has_is_left_to_training() -> None:
    counts = np.array([[5, 0], [5, 0], [5, 0], [4, 3]])
    assert 3 not in draw.stratified(counts, 0.25, seed=0)


def test_the_same_seed_draws_the_same_and_another_one_another() -> None:
    counts = np.ones((30, 1), np.int64)
    assert draw.stratified(counts, 0.2, 4) == draw.stratified(counts, 0.2, 4) != draw.stratified(counts, 0.2, 5)


def labelled(*videos: str, kind: int = 2) -> dict[str, dict[tuple[str, int], str]]:
    return {"kind": {(video, n): f"k{n % kind}" for video in videos for n in range(4)}}


def test_two_groups_are_not_enough() -> None:
    with pytest.raises(DataError, match="labels in 2 groups of videos only"):
        sides.test_groups(labelled("a", "b", "c"), {"a": "a", "b": "a", "c": "c"}, 0.2, 0)


@settings(max_examples=20)
@given(st.integers(3, 12), st.integers(0, 50), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=6))
def test_no_video_and_no_group_is_ever_on_two_sides(count: int, seed: int, joined: list[tuple[int, int]]) -> None:
    names = [f"v{n}" for n in range(count)]
    table = [{"video_id": name, "scene": ""} for name in names]
    table += [{"video_id": names[a % count], "scene": f"s{n}"} for n, pair in enumerate(joined) for a in pair]
    group_of = draw.groups(table, ["scene"])
    if len(set(group_of.values())) < 3:
        return
    labels = labelled(*names)
    test = sides.test_groups(labels, group_of, 0.2, seed)
    chosen = [name for name in names if group_of[name] in test]
    found = sides.assigned(labels, group_of, chosen, {}, 0.2, seed)
    assert set(found) == set(group_of.values()) and set(found.values()) == {TEST, VALIDATION, TRAIN}
    assert {group for group, side in found.items() if side == TEST} == test
    keys = {side: [key for key in labels["kind"] if found[group_of[key[0]]] == side] for side in sides.SIDES}
    sides.check(found, group_of, keys)


def test_groups_keep_their_side_and_new_ones_are_shared_out() -> None:
    before = ["a", "b", "c", "d", "e"]
    group_of = {name: name for name in [*before, *"fghijklmno"]}
    former = {"a": TEST, "b": VALIDATION, "c": TRAIN, "d": TRAIN, "e": TRAIN}
    found = sides.assigned(labelled(*group_of), group_of, ["a"], former, 0.2, 0)
    assert {name: found[name] for name in before} == former
    new = [found[name] for name in "fghijklmno"]
    assert set(new) == {VALIDATION, TRAIN} and new.count(VALIDATION) in (1, 2, 3)


def test_what_comes_to_share_a_scene_with_the_test_set_leaves_training() -> None:
    former = {"a": TEST, "b": TRAIN, "c": VALIDATION, "d": TRAIN}
    found = sides.assigned(labelled(*"abcd"), {"a": "a", "b": "a", "c": "c", "d": "d"}, ["a"], former, 0.2, 0)
    assert found == {"a": TEST, "c": VALIDATION, "d": TRAIN}


def test_what_joins_training_and_validation_trains() -> None:
    former = {"a": TEST, "b": TRAIN, "c": VALIDATION, "d": VALIDATION}
    found = sides.assigned(labelled(*"abcd"), {"a": "a", "b": "b", "c": "b", "d": "d"}, ["a"], former, 0.2, 0)
    assert found == {"a": TEST, "b": TRAIN, "d": VALIDATION}


def test_the_check_finds_a_video_and_a_group_on_two_sides() -> None:
    with pytest.raises(DataError, match="video a is on two sides: train and test"):
        sides.check({"a": TRAIN}, {"a": "a"}, {TRAIN: [("a", 0)], TEST: [("a", 1)]})
    with pytest.raises(DataError, match="group a is on two sides: train and test"):
        sides.check({"a": TRAIN}, {"a": "a", "b": "a"}, {TRAIN: [("a", 0)], TEST: [("b", 1)]})
    with pytest.raises(DataError, match="not on that side"):
        sides.check({"a": TRAIN}, {"a": "a"}, {TEST: [("a", 1)]})


def test_frames_that_look_like_one_that_judges_them_are_found() -> None:
    keys = {TRAIN: [("a", 0), ("a", 1), ("a", 2)], VALIDATION: [("b", 0), ("b", 1)], TEST: [("c", 0)]}
    hashes = {("a", 0): 0b0001, ("a", 1): 0xFF00, ("a", 2): 0xFFFF0000, ("b", 0): 0xFF01, ("b", 1): 0b11, ("c", 0): 0}
    found = sides.leaking(keys, hashes, 2)
    assert found.keys == {("a", 0), ("a", 1), ("b", 1)} and found.found == 3
