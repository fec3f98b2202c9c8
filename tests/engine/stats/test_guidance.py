"""Advice: only where the whole interval says so, with the numbers that led to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.stats import guidance, scorecard
from engine.stats.calibration import fit_temperature


def gain(value: float, low: float, high: float) -> dict[str, Any]:
    return {"macro_f1": value, "intervals": {"macro_f1": [low, high]}, "frames": 100}


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [(0.0, -0.02, 0.009, "yes"), (0.05, 0.01, 0.09, "no"), (0.01, -0.05, 0.07, "cannot tell")],
)
def test_returns_diminish_where_the_whole_interval_lies_below_a_hundredth(
    value: float, low: float, high: float, verdict: str
) -> None:
    found = guidance.diminishing(gain(value, low, high), 3, "")
    assert (found.verdict, found.value, found.low, found.high, found.limit) == (verdict, value, low, high, 0.01)
    assert f"{value:+.3f} [{low:+.3f}, {high:+.3f}] over round 3" in found.says
    assert ("cannot tell with 100 test frames" in found.says) == (verdict == "cannot tell")


@pytest.mark.parametrize(
    ("ends", "verdict"), [((0.151, 0.4), "yes"), ((-0.1, 0.15), "no"), ((0.1, 0.3), "cannot tell")]
)
def test_overfitting_is_more_than_15_hundredths_between_training_and_validation(
    ends: tuple[float, float], verdict: str
) -> None:
    found = guidance.overfitting(0.9, 0.7, ends, 40, "")
    assert found.verdict == verdict and found.value == pytest.approx(0.2) and "0.900 in training" in found.says


def test_an_interval_that_cannot_be_trusted_has_no_verdict() -> None:
    assert guidance.diminishing(gain(-0.2, -0.3, -0.1), 0, "only 2 groups").verdict == "cannot tell"
    says = guidance.diminishing(gain(-0.239, -0.415, 0.0), 0, "only 4 groups of videos").says
    assert "[-0.415, +0.000]" in says and "the interval is not trusted" in says and "only 4 groups of videos" in says
    assert "not trusted" not in guidance.diminishing(gain(0.01, -0.05, 0.07), 0, "").says
    found = guidance.overfitting(1.0, 0.5, (0.4, 0.6), 9, "only 1 group")
    assert found.verdict == "cannot tell" and "(only 1 group)" in found.says


def test_models_are_stable_after_three_rounds_of_agreement() -> None:
    same, other = np.array([0, 1, 2, 1] * 25), np.array([0, 1, 2, 2] * 25)
    found = guidance.stop_set(same, same, 3, 1)
    assert (found["kappa"], found["share"], found["streak"]) == (1.0, 1.0, 2)
    assert guidance.stable(found).verdict == "no" and "not for long enough" in guidance.stable(found).says
    assert guidance.stable(guidance.stop_set(same, same, 3, 2)).verdict == "yes"
    broken = guidance.stop_set(same, other, 3, 2)
    assert broken["streak"] == 0 and "still change" in guidance.stable(broken).says


def test_where_all_is_one_class_kappa_is_undefined_and_sameness_counts() -> None:
    ones = np.ones(10, np.int64)
    found = guidance.stop_set(ones, ones, 2, 0)
    assert (found["kappa"], found["streak"]) == (None, 1) and "undefined" in guidance.stable(found).says


def test_wilsons_and_newcombes_intervals_are_the_published_ones() -> None:
    """Newcombe (1998), tables I and II: 81 of 263, and 56 of 70 against 48 of 80."""
    assert guidance.wilson(81, 263)[1:] == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert guidance.newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert guidance.newcombe(10, 10, 0, 20) == pytest.approx((0.6791, 1.0), abs=5e-5)


def test_arms_say_that_nobody_can_tell_or_which_was_harder() -> None:
    few = guidance.arms([True, False], [False, False])
    assert few["difference"] == 0.5 and few["says"].startswith("cannot tell")
    hard = guidance.arms([True] * 40, [True] * 5 + [False] * 35)
    assert hard["model"] == {"frames": 40, "wrong": 40, "error": 1.0} and "was harder" in hard["says"]
    misled = guidance.arms([False] * 40, [True] * 40)
    assert "scores mislead" in misled["says"]
    assert guidance.arms([], [True])["says"] == "no labels yet in the arm: model"


# --- scorecards -----------------------------------------------------------------------------------------------------

LABELS = np.array([0, 0, 1, 1, 2, 2] * 10)
WRONG = np.where(np.arange(60) % 5 == 0, (LABELS + 1) % 3, LABELS)
GROUPS = [f"v{n // 6}" for n in range(60)]


def test_quality_has_an_interval_around_each_score_by_groups_of_videos() -> None:
    found = scorecard.quality(LABELS, WRONG, GROUPS, ["a", "b", "c"], 500, 0)
    assert found["accuracy"] == 0.8 and found["interval_by"] == "group" and not found["interval_note"]
    for name in ("accuracy", "macro_f1"):
        low, high = found["intervals"][name]
        assert low < found[name] < high
    assert np.array(found["confusion"]).sum() == 60 and found["by_class"]["a"]["frames"] == 20


def test_videos_that_are_all_alike_widen_the_interval() -> None:
    """Frames of a video that are all right or all wrong are one witness, not ten."""
    labels, groups = np.zeros(100, np.int64), [f"v{n // 10}" for n in range(100)]
    predictions = np.repeat([0, 0, 0, 1, 0, 1, 0, 0, 0, 1], 10)
    by_group = scorecard.intervals(labels, predictions, groups, 2, 2000, 0)["intervals"]["accuracy"]
    by_frame = scorecard.intervals(labels, predictions, [str(n) for n in range(100)], 2, 2000, 0)["intervals"][
        "accuracy"
    ]
    assert by_group[1] - by_group[0] > 2 * (by_frame[1] - by_frame[0])


def test_fewer_than_five_groups_are_drawn_by_frame_and_that_is_said() -> None:
    numbers, by, note = scorecard.units(["a", "b", "a", "c", "d"])
    assert (numbers.tolist(), by) == ([0, 1, 2, 3, 4], "frame") and "only 4 groups of videos" in note
    numbers, by, note = scorecard.units(["a", "b", "a", "c", "d", "e"])
    assert (numbers.tolist(), by, note) == ([0, 1, 0, 2, 3, 4], "group", "")


def test_a_gain_is_paired() -> None:
    found = scorecard.gained(LABELS, WRONG, LABELS, GROUPS, 3, 500, 0)
    low, high = found["intervals"]["accuracy"]
    assert found["accuracy"] == pytest.approx(0.2) and 0 < low < 0.2 < high and found["frames"] == 60
    none = scorecard.gained(LABELS, WRONG, WRONG, GROUPS, 3, 500, 0)
    assert none["intervals"]["macro_f1"] == [0.0, 0.0] and none["p"] == 1.0


def test_a_gap_between_sides_of_other_frames_has_an_interval() -> None:
    low, high = scorecard.gap([(LABELS, LABELS, GROUPS), (LABELS, WRONG, GROUPS)], 3, 500, 0)
    assert 0 < low < 0.2 < high


def test_a_temperature_at_its_bound_is_not_used() -> None:
    certain = np.array([[9.0, 0.0], [0.0, 9.0]])
    found = scorecard.calibrated(certain, np.array([0, 1]), fit_temperature(certain, [0, 1]))
    assert (found["temperature"], found["at_bound"]) == (1.0, True) and "1 is taken" in found["note"]
    assert scorecard.used(None) == 1.0
