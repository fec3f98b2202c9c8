"""Before against after: published p values, slow versions, and what a few dozen frames allow one to say."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from engine.stats import compare, null, report, verdict
from engine.stats.compare import Change, Interval
from engine.stats.metrics import Ints, roc_auc


def test_the_published_ten_against_three_is_not_enough() -> None:
    exact, mid = compare.mcnemar(10, 3)
    assert exact == pytest.approx(0.09228515625, abs=1e-9)
    assert mid == pytest.approx(0.09228515625 - 286 / 8192, abs=1e-9)  # less half of each tail's last term


def test_no_change_and_equal_changes_are_no_evidence() -> None:
    assert compare.mcnemar(0, 0) == (1.0, 1.0)
    assert compare.mcnemar(4, 4) == pytest.approx((1.0, 1.0))


@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=30))
def test_with_a_frame_a_fold_the_test_by_folds_is_mcnemars(gains: list[int]) -> None:
    assert compare.flips(gains) == pytest.approx(compare.mcnemar(gains.count(1), gains.count(-1))[0])


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=9))
def test_the_test_by_folds_counts_all_ways_to_flip_signs(gains: list[int]) -> None:
    sums = [abs(sum(s * g for s, g in zip(signs, gains, strict=True))) for signs in product((1, -1), repeat=len(gains))]
    assert compare.flips(gains) == pytest.approx(sum(s >= abs(sum(gains)) for s in sums) / len(sums))


def test_change_counts_fixed_and_broken_frames() -> None:
    labels, before, after = np.array([0, 1, 2, 0, 1]), np.array([1, 1, 2, 0, 0]), np.array([0, 1, 0, 0, 1])
    found = compare.change(labels, before, after, [[0, 4], [1], [2], [3]])
    assert (found.fixed, found.broken) == (2, 1)
    assert found.fold_p == pytest.approx(0.75 + 0.25)


def predictions(seed: int, right: float) -> tuple[Ints, Ints]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, 40)
    guessed = np.where(random.random(40) < right, labels, random.integers(0, 3, 40))
    return labels, guessed


def test_intervals_are_those_of_a_slow_bootstrap_of_groups() -> None:
    labels, before = predictions(0, 0.3)
    after = np.where(np.arange(40) % 3 == 0, labels, before)
    groups = [list(range(start, start + 4)) for start in range(0, 40, 4)]
    found = compare.intervals(labels, before, after, groups, 3, 500, seed=1)
    draws = np.random.default_rng(1).integers(0, 10, (500, 10))
    accuracy, macro = [], []
    for draw in draws:
        taken = [n for group in draw for n in groups[group]]
        truth, was, now = labels[taken], before[taken], after[taken]
        accuracy.append(accuracy_score(truth, now) - accuracy_score(truth, was))
        f1 = [f1_score(truth, p, labels=np.unique(truth), average="macro", zero_division=0) for p in (was, now)]
        macro.append(f1[1] - f1[0])
    for name, values in (("accuracy", accuracy), ("macro_f1", macro)):
        low, high = np.percentile(values, [2.5, 97.5])
        assert (found[name].low, found[name].high) == pytest.approx((low, high), abs=1e-12)


def test_a_predictor_that_knows_nothing_has_a_pooled_auc_of_zero() -> None:
    labels = np.array([0] * 20 + [1] * 20)
    shares = null.shares(labels, [[n] for n in range(40)], 2)
    assert roc_auc(labels, shares[:, 1]) == 0.0
    assert not (shares.argmax(1) == labels).any()


# --- verdicts ----------------------------------------------------------------------------------------------------


def said(fixed: int, broken: int, folds: int = 40, fold_p: float | None = None) -> str:
    exact, mid = compare.mcnemar(fixed, broken)
    change = Change(fixed, broken, exact, mid, exact if fold_p is None else fold_p)
    before = 0.5
    return verdict.sentence(40, folds, before, before + (fixed - broken) / 40, change, Interval(-0.1, 0.3))


def test_a_verdict_says_when_chance_would_do() -> None:
    assert said(10, 3) == (
        "Better: accuracy 0.5000 → 0.6750 on 40 left-out frames (10 fixed, 3 broken; 95 % interval of the difference "
        "-0.100 to +0.300). Too few for a verdict: of 13 changed frames, 11 or more would have to go one way for "
        "p < 0.05 (McNemar's exact p = 0.0923, mid-p = 0.0574)."
    )
    assert "4 frames changed, and fewer than 6 can never give p < 0.05" in said(4, 0)
    assert "More than chance explains" in said(11, 2)
    assert said(0, 0).startswith("Unchanged") and said(1, 3).startswith("Worse")


def test_frames_that_are_alike_do_not_count_one_by_one() -> None:
    assert "the 40 frames are of 5 folds, within which they are alike" in said(18, 0, folds=5, fold_p=0.5)


def test_as_many_must_be_fixed_as_the_exact_test_needs() -> None:
    assert [verdict.needed(changed) for changed in (5, 6, 13, 20)] == [None, 6, 11, 15]


def test_a_report_has_all_that_a_reader_needs() -> None:
    labels, guessed = predictions(0, 0.4)
    before, after = np.eye(3)[guessed], np.eye(3)[labels]
    found = report.comparison(labels, ["a", "b", "c"], before, after, [[n] for n in range(40)], 200, 0)
    assert found["after"]["accuracy"] == 1.0 and found["certain"]
    assert found["difference"]["accuracy"]["value"] == pytest.approx(1 - (guessed == labels).mean())
    assert found["folds_fixed"] == (guessed != labels).sum() and found["folds_broken"] == 0
    assert found["frames_by_class"] == {name: int((labels == n).sum()) for n, name in enumerate("abc")}
    assert report.doubts(found) == {}
    assert report.headline(found)["accuracy"] == 1.0


def test_doubts_are_named() -> None:
    labels = np.array([0] * 18 + [1] * 2)
    scores = np.eye(2)[np.zeros(20, int)]
    found = report.comparison(labels, ["a", "b"], scores, scores, [[n] for n in range(20)], 200, 0)
    assert report.doubts(found).keys() == {"few_of_a_class", "too_few_frames", "no_better_than_nothing"}
    assert found["knows_nothing"]["pooled_auc"] == 0.0
