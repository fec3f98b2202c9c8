"""Teachers fused: known answers, extremes, sweeps against the obvious way, and weights that fit best."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from engine.errors import DataError
from engine.stats import calibration, combine, imagecard, metrics

CASE: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "fusion.json").read_text())
SPACES: tuple[combine.Space, ...] = ("logit", "prob")


def teachers(images: int = 400, seed: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Logits (3, N, 4) of teachers of different skill, and labels."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, images)
    logits = random.normal(size=(3, images, 4))
    logits[:, np.arange(images), labels] += np.array([1.5, 0.8, 0.1])[:, None]
    return logits, labels


@pytest.mark.parametrize("space", SPACES)
def test_fusion_has_the_known_answer(space: combine.Space) -> None:
    found = combine.fuse(CASE["inputs"]["logits"], CASE["inputs"]["weights"], space)
    np.testing.assert_allclose(found, CASE["expected"][f"{space}_space"], atol=1e-9)
    assert found.argmax(1).tolist() == CASE["expected"][f"argmax_{space}"]


@pytest.mark.parametrize("space", SPACES)
def test_scores_are_the_softmax_of_the_logits_that_students_learn_from(space: combine.Space) -> None:
    logits, _ = teachers()
    weights = [0.4, 0.4, 0.2]
    both = combine.fuse(logits, weights, space), softmax(combine.fused_logits(logits, weights, space), axis=1)
    np.testing.assert_allclose(*both, atol=1e-12)


@pytest.mark.parametrize("space", SPACES)
def test_extreme_and_half_precise_logits_stay_finite(space: combine.Space) -> None:
    logits = np.array([[[200.0, -200, 0]], [[-200, 200, 0]]], np.float16)
    assert np.isfinite(combine.fused_logits(logits, [0, 1], space)).all()
    found = combine.fuse(logits, [1, 1], space)
    np.testing.assert_allclose(found.sum(1), 1)
    assert np.isfinite(combine.sweep(logits, np.array([2]), combine.simplex(2, 0.5), space).nll).all()


def test_one_teacher_with_all_the_weight_is_that_teacher() -> None:
    logits, _ = teachers()
    for space in SPACES:
        np.testing.assert_allclose(combine.fuse(logits, [0, 3, 0], space), softmax(logits[1], axis=1))


@pytest.mark.parametrize("weights", [[-1, 1, 1], [0, 0, 0], [float("nan"), 1, 1]])
def test_weights_that_are_none_are_refused(weights: list[float]) -> None:
    with pytest.raises(DataError, match="no weights"):
        combine.fuse(teachers()[0], weights)


def test_a_logit_that_is_no_number_is_named_with_its_row() -> None:
    logits, _ = teachers()
    logits[1, 7, 2] = np.nan
    with pytest.raises(DataError, match="teacher 1, row 7"):
        combine.fuse(logits, [1, 1, 1])


@pytest.mark.parametrize(("teachers_", "step", "count"), [(1, 0.5, 1), (2, 0.1, 11), (3, 0.1, 66), (4, 0.25, 35)])
def test_the_simplex_is_whole(teachers_: int, step: float, count: int) -> None:
    found = combine.simplex(teachers_, step)
    assert found.shape == (count, teachers_) == (len({tuple(row) for row in found.tolist()}), teachers_)
    np.testing.assert_allclose(found.sum(1), 1)
    np.testing.assert_allclose(np.round(found / step) * step, found, atol=1e-12)


def test_a_simplex_that_nobody_waits_for_or_that_has_gaps_is_refused() -> None:
    for size, step in ((9, 0.01), (3, 0.3)):
        with pytest.raises(DataError):
            combine.simplex(size, step)


@pytest.mark.parametrize("space", SPACES)
def test_a_sweep_says_what_each_weighting_says_alone(space: combine.Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combine, "CELLS", 5000)  # several portions
    logits, labels = teachers()
    weightings = combine.simplex(3, 0.25)
    swept = combine.sweep(logits, labels, weightings, space)
    for row, weights in enumerate(weightings):
        fused = combine.fused_logits(logits, weights, space)
        assert (swept.tables[row] == metrics.confusion(labels, fused.argmax(1), 4)).all()
        assert swept.nll[row] == pytest.approx(calibration.nll(fused, labels), abs=1e-9)


@pytest.mark.parametrize("space", SPACES)
def test_fitted_weights_are_better_than_every_weighting_of_a_fine_sweep(space: combine.Space) -> None:
    logits, labels = teachers()
    weights = combine.fitted(logits, labels, space)
    best = combine.sweep(logits, labels, combine.simplex(3, 0.02), space).nll.min()
    assert combine.sweep(logits, labels, weights[None], space).nll[0] <= best
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()


def test_a_card_says_what_the_scores_say_and_its_intervals_hold_them() -> None:
    logits, labels = teachers()
    card = imagecard.card(logits[0], labels, "abcd", 300, 0)
    scores = calibration.softmax(logits[0])
    assert card["ece"] == calibration.ece(scores, labels)
    assert card["accuracy"] == (scores.argmax(1) == labels).mean()
    for name in ("accuracy", "macro_f1", "nll"):
        low, high = card["intervals"][name]
        assert low < card[name] < high


def test_the_interval_of_accuracy_is_as_wide_as_the_binomial_says() -> None:
    logits, labels = teachers(2000)
    low, high = imagecard.intervals(logits[0], labels, 4, 2000, 0)["accuracy"]
    p = float((logits[0].argmax(1) == labels).mean())
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(p * (1 - p) / 2000), rel=0.1)
