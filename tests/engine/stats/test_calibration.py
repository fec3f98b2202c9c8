"""Calibration error and temperature, against known answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import DataError
from engine.stats.calibration import HIGHEST, LOWEST, ece, fit_temperature, nll, reliability, softmax

CASE = json.loads((Path(__file__).parent / "cases" / "calibration.json").read_text())
LOGITS, LABELS = np.array(CASE["logits"]), np.array(CASE["labels"])


def test_ece_with_15_bins_is_the_published_one() -> None:
    assert ece(softmax(LOGITS), LABELS) == pytest.approx(0.19028583677185054, abs=1e-9)


def test_bins_count_every_frame_once_and_know_where_there_is_none() -> None:
    bins = reliability(softmax(LOGITS), LABELS)
    assert [(n, one.frames) for n, one in enumerate(bins) if one.frames] == [
        (3, 1), (4, 11), (5, 51), (6, 81), (7, 71), (8, 60), (9, 58), (10, 58), (11, 33), (12, 40), (13, 26), (14, 10),
    ]  # fmt: skip
    assert bins[0].confidence is None and bins[0].accuracy is None
    assert bins[6].confidence == pytest.approx(0.42962840855411566) and bins[6].accuracy == pytest.approx(25 / 81)


def test_the_temperature_is_the_exact_minimum() -> None:
    found = fit_temperature(LOGITS, LABELS)
    assert found.temperature == pytest.approx(2.2240676910185, abs=1e-5)
    assert found.nll == pytest.approx(1.429381722824487, abs=1e-10) and not found.at_bound
    assert found.nll_before == pytest.approx(1.6093150632481765, abs=1e-9)
    assert ece(softmax(LOGITS, found.temperature), LABELS) == pytest.approx(0.049929792586048995, abs=1e-5)


def test_a_confidence_of_1_is_in_the_last_bin_and_right_or_wrong() -> None:
    certain = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert ece(certain, [0, 0]) == 0.0
    assert ece(certain, [0, 1]) == 0.5
    assert reliability(certain, [0, 1])[-1].frames == 2


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    assert [one.frames for one in reliability([[0.5, 0.5]], [0], bins=2)] == [1, 0]


def test_logits_that_are_always_right_have_no_temperature() -> None:
    for scale in (1.0, 200.0):
        found = fit_temperature(scale * np.array([[4.0, 0.0], [0.0, 4.0]]), [0, 1])
        assert found.at_bound and found.temperature == pytest.approx(LOWEST) and np.isfinite(found.nll)


def test_logits_that_mislead_have_no_temperature() -> None:
    found = fit_temperature([[4.0, 0.0], [0.0, 4.0], [3.0, 0.0]], [1, 0, 1])
    assert found.at_bound and found.temperature == pytest.approx(HIGHEST)


def test_extreme_and_half_precision_logits_are_computed_in_float64() -> None:
    logits = np.array([[20.0, -20.0], [-20.0, 20.0], [20.0, -20.0]], np.float16)
    # Two of three right, all equally sure: at the best temperature the confidence is two thirds.
    assert fit_temperature(logits, [0, 1, 1]).temperature == pytest.approx(40 / np.log(2), rel=1e-5)
    beyond = fit_temperature(logits * 10, [0, 1, 1])
    assert np.isfinite([beyond.temperature, beyond.nll, beyond.nll_before]).all() and beyond.at_bound


def test_dividing_all_logits_divides_the_temperature() -> None:
    assert fit_temperature(LOGITS / 3, LABELS).temperature == pytest.approx(2.2240676910185 / 3, abs=1e-5)


def test_the_likelihood_is_that_of_softmax() -> None:
    assert nll(LOGITS, LABELS) == pytest.approx(-np.log(softmax(LOGITS)[np.arange(500), LABELS]).mean(), abs=1e-12)


def test_no_frames_and_no_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="no frames"):
        ece(np.zeros((0, 3)), [])
    with pytest.raises(DataError, match="finite"):
        fit_temperature([[np.nan, 1.0]], [0])
    with pytest.raises(ValueError, match="expected"):
        ece([0.5, 0.5], [0, 1])
