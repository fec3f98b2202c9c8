"""Metrics against a published example and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as peer

from engine.stats import metrics

# Made once; expectations by scikit-learn 1.9.1.
TAIL_SCORES = np.fromstring(
    """.074 .202 .39 .391 .01 .236 .346 .455 .394 .672 .42 .415 .257 .5 .428 .193 .319 .356 .01 .191 .442 .324 .374 .143
    .21 .276 .521 .526 .462 .418 .01 .639 .47 .414 .219 .493 .412 .089 .21 .352 .527 .281 .053 .743 .662 .313 .525 .454
    .31 .602""",
    sep=" ",
)
TAIL_LABELS = np.array([0] * 43 + [1] * 7)


def test_the_rare_class_of_the_published_example() -> None:
    table = metrics.confusion(TAIL_LABELS, (TAIL_SCORES >= 0.5).astype(int), 2)
    assert table.tolist() == [[37, 6], [3, 4]]
    assert metrics.precision(table).tolist() == pytest.approx([0.925, 0.4], abs=1e-9)
    assert metrics.recall(table).tolist() == pytest.approx([0.8604651162790697, 0.5714285714285714], abs=1e-9)
    assert metrics.f1(table).tolist() == pytest.approx([0.891566265060241, 0.47058823529411764], abs=1e-9)
    assert metrics.macro_f1(table) == pytest.approx(0.6810772501771793, abs=1e-9)
    assert metrics.balanced_accuracy(table) == pytest.approx(0.7159468438538206, abs=1e-9)
    assert metrics.roc_auc(TAIL_LABELS, TAIL_SCORES) == pytest.approx(0.770764119601329, abs=1e-9)


def test_always_saying_the_common_class_is_accurate_and_worthless() -> None:
    table = metrics.confusion(TAIL_LABELS, np.zeros(50, int), 2)
    assert metrics.accuracy(table) == pytest.approx(0.86, abs=1e-9)
    assert metrics.macro_f1(table) == pytest.approx(0.46236559139784944, abs=1e-9)


numbers = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


@given(numbers)
def test_metrics_are_those_of_scikit_learn_over_the_classes_that_occur(pairs: list[tuple[int, int]]) -> None:
    labels, predictions = np.array(pairs).T
    table, present = metrics.confusion(labels, predictions, 4), np.unique(labels)
    macro = peer.f1_score(labels, predictions, labels=present, average="macro", zero_division=0)
    assert table.tolist() == peer.confusion_matrix(labels, predictions, labels=range(4)).tolist()
    assert metrics.accuracy(table) == pytest.approx(peer.accuracy_score(labels, predictions))
    assert metrics.macro_f1(table) == pytest.approx(macro)


def test_many_tables_at_once_are_as_good_as_one_at_a_time() -> None:
    tables = np.random.default_rng(0).integers(0, 5, (7, 3, 3))
    assert metrics.macro_f1(tables).tolist() == [float(metrics.macro_f1(table)) for table in tables]


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=30))
def test_auc_with_ties_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    labels, scores = np.array([*pairs, (0, 2), (1, 3)]).T
    assert metrics.roc_auc(labels, scores.astype(float)) == pytest.approx(peer.roc_auc_score(labels, scores))
