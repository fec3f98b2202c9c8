"""Coders' agreement, the linear probe, and pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from engine.stats import agreement, pictures, probe


def test_kappa_is_that_of_cohens_example() -> None:
    # Cohen (1960), table 1: proportions of 200 units in three categories; kappa = .492 with p_o = .70, p_e = .41.
    table = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    pairs = [(i, j) for i in range(3) for j in range(3) for _ in range(table[i, j])]
    one, other = np.array(pairs).T
    assert (one == other).mean() == pytest.approx(0.7)
    assert agreement.kappa(one, other, 3) == pytest.approx(0.492, abs=5e-4)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array([*pairs, (0, 1), (2, 2)]).T
    assert agreement.kappa(one, other, 3) == pytest.approx(cohen_kappa_score(one, other))


def test_pairs_are_compared_on_what_both_labelled() -> None:
    labels = {"ann": {"a": 0, "b": 1, "c": 1}, "bob": {"b": 1, "c": 0}, "cat": {"z": 0}}
    (pair,) = agreement.pairs(labels, 2)
    assert (pair.coders, pair.units, pair.share) == (("ann", "bob"), 2, 0.5)


def test_kappa_is_undefined_where_both_coders_gave_one_and_the_same_label_throughout() -> None:
    assert agreement.kappa(np.array([1, 1]), np.array([1, 1]), 2) is None


def test_a_probe_judges_frames_that_it_never_saw() -> None:
    random = np.random.default_rng(0)
    labels = np.arange(30) % 3
    features = np.eye(3)[labels] + random.normal(0, 0.1, (30, 3))
    folds = [[n, n + 1, n + 2] for n in range(0, 30, 3)]
    scores = probe.leave_out(features, labels, folds, 3, balanced=True)
    assert (scores.argmax(1) == labels).all() and scores.sum(1) == pytest.approx(1)
    noise = probe.leave_out(random.normal(0, 1, (30, 200)), labels, folds, 3, balanced=True)
    assert (noise.argmax(1) == labels).mean() < 0.7  # a probe that saw them would know all of them by heart


def test_a_class_that_a_probes_fold_never_saw_has_no_score() -> None:
    labels, features = np.array([0, 0, 1, 1, 2]), np.arange(5.0)[:, None]
    scores = probe.leave_out(features, labels, [[0], [1], [2], [3], [4]], 3, balanced=False)
    assert scores[4, 2] == 0 and scores[4].sum() == pytest.approx(1)
    assert probe.leave_out(features[:3], labels[:3], [[2]], 3, balanced=False)[2].tolist() == [1, 0, 0]


def test_a_picture_of_the_same_numbers_is_the_same_bytes() -> None:
    table = np.array([[3, 1], [0, 5]])
    one, other = (pictures.confusion({"before": table, "after": table}, ["a", "b"], "kind") for _ in range(2))
    assert one == other and one.startswith(b"\x89PNG")
    assert pictures.confusion({"before": table, "after": table + 1}, ["a", "b"], "kind") != one
