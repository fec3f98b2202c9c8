"""Intervals of agreement: drawn as they should be, the same by the same seed, wider by video, honest without any."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from engine.stats.agreement import by_pair, card, windows, with_oneself
from engine.stats.coders import interval
from engine.stats.coders.bootstrap import of_clusters, of_units, summed
from engine.stats.coders.needed import needed


def two(units: int, seed: int = 0, wrong: float = 0.2, labels: int = 3) -> np.ndarray:
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, labels, units)
    return np.stack(
        [np.where(chance.random(units) < wrong, chance.integers(0, labels, units), truth) for _ in range(2)]
    )


def test_bca_is_what_scipy_computes_unit_by_unit() -> None:
    from scipy import stats

    codes = two(60)
    ours = card(codes, [0, 1, 2], "nominal", replicates=20_000)
    agree = (codes[0] == codes[1]).astype(float)
    theirs = stats.bootstrap((agree,), np.mean, n_resamples=20_000, method="BCa", rng=1).confidence_interval
    assert ours["intervals"]["percent"]["bca"] == pytest.approx([theirs.low, theirs.high], abs=1 / 60 + 1e-9)
    spread = [np.mean((draw := codes[:, chosen])[0] == draw[1])
              for chosen in np.random.default_rng(2).integers(0, 60, (4000, 60))]  # fmt: skip
    assert ours["intervals"]["percent"]["percentile"] == pytest.approx(
        np.quantile(spread, [0.025, 0.975]), abs=1 / 60 + 1e-9
    )


def test_kappas_replicates_spread_as_those_of_units_drawn_one_by_one() -> None:
    codes = two(80, seed=3)
    ours = card(codes, [0, 1, 2], "nominal", replicates=10_000)["intervals"]["kappa"]["percentile"]
    values = []
    for chosen in np.random.default_rng(4).integers(0, 80, (4000, 80)):
        counts = np.bincount(codes[0, chosen] * 3 + codes[1, chosen], minlength=9).reshape(3, 3) / 80
        chance = counts.sum(0) @ counts.sum(1)
        values.append((np.trace(counts) - chance) / (1 - chance))
    assert ours == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.02)


def test_the_same_seed_gives_the_same_intervals_and_another_one_others() -> None:
    codes, videos = two(70, labels=4), [f"v{n % 13}" for n in range(70)]
    once, again, other = (
        card(codes, range(4), "ordinal", videos, replicates=500, seed=seed)["intervals"] for seed in (1, 1, 2)
    )
    assert once == again and once != other


def test_lists_and_arrays_have_the_same_intervals() -> None:
    codes = two(70)
    assert card(codes, [0, 1, 2], "nominal", replicates=300) == card(
        codes.tolist(), [0, 1, 2], "nominal", replicates=300
    )


def test_draws_add_up_and_strata_keep_their_size() -> None:
    features = np.vstack([np.ones(4), np.array([1.0, 1.0, 0.0, 0.0]), np.arange(4.0)])
    strata = [np.array([0, 1]), np.array([2])]
    drawn = of_units(features, np.array([5, 3, 4, 9]), strata, lambda sums: sums, 1001, 7)
    assert drawn.shape == (3, 1001) and set(drawn[0]) == {12.0} and set(drawn[1]) == {8.0}
    assert drawn[2].mean() == pytest.approx(3 + 8, abs=0.3)
    grouped = of_clusters(features, [np.array([0, 1, 2, 3])], lambda sums: sums, 1001, 7)
    assert set(grouped[0]) == {4.0} and grouped[2].mean() == pytest.approx(6, abs=0.3)
    chance = np.random.default_rng(0)
    wide, many = chance.random((60, 40)), chance.integers(0, 9, (333, 40))
    assert summed(wide, many) == pytest.approx(wide @ many.T)


def test_the_interval_by_video_is_wider_where_frames_of_a_video_are_alike() -> None:
    chance = np.random.default_rng(5)
    hard = np.repeat(chance.random(30) < 0.3, 10)
    truth = chance.integers(0, 3, 300)
    codes = np.stack([np.where(hard & (chance.random(300) < 0.8), chance.integers(0, 3, 300), truth) for _ in range(2)])
    videos = np.repeat(np.arange(30), 10)
    found = card(codes, [0, 1, 2], "nominal", videos)["intervals"]["kappa"]
    wide = {method: found[method][1] - found[method][0] for method in ("bca", "percentile", "analytic", "cluster")}
    assert wide["cluster"] > 1.5 * max(wide["bca"], wide["percentile"], wide["analytic"])
    each = card(codes, [0, 1, 2], "nominal", np.arange(300))["intervals"]["kappa"]
    assert each["cluster"] == pytest.approx(each["bca"], abs=0.02)


def test_replicates_without_variation_are_left_out_and_counted() -> None:
    found = card([list("aaaaaaab"), list("aaaaaaab")], ["a", "b"], "nominal", replicates=1000)
    share = (7 / 8) ** 8
    said = next(text for text in found["warnings"] if text.startswith("kappa:"))
    assert int(said.split("undefined in ")[1].split()[0].replace(",", "")) == pytest.approx(1000 * share, abs=60)
    assert found["intervals"]["kappa"]["bca"] == [1.0, 1.0]


def test_few_clusters_widen_percentiles_as_student_would() -> None:
    # Hesterberg (2015): for n = 10 nominal 95 % percentiles are taken at 0.9 % instead of 2.5 %.
    assert NormalDist().cdf(-interval.widened(0.95, 10)) == pytest.approx(0.0086, abs=5e-4)
    assert interval.widened(0.95, 100_000) == pytest.approx(interval.normal(0.95), abs=1e-4)


def test_fewer_than_five_videos_have_no_interval_by_video() -> None:
    codes = two(40)
    for videos in (1, 2, 4, 5):
        found = card(codes, [0, 1, 2], "nominal", [n % videos for n in range(40)], replicates=200)
        assert (found["intervals"]["kappa"]["cluster"] is None) == (videos < 5)
        assert any(f"few videos: {videos}" in text for text in found["warnings"])


def test_a_value_outside_of_all_replicates_has_no_bca_and_a_skewed_one_ends_at_the_last() -> None:
    ordered, far = np.linspace(0, 1, 101), interval.normal(0.9)
    assert interval.bca(ordered, 2.0, 0.0, far) is None and interval.bca(ordered[:0], 0.5, 0.0, far) is None
    assert interval.bca(ordered, 0.5, 0.0, far) == pytest.approx([0.05, 0.95])
    assert interval.percentile(ordered, 0.9) == pytest.approx([0.05, 0.95])
    assert interval.bca(ordered, 0.5, 0.2, 12.7) == pytest.approx([0.0, 1.0], abs=1e-3)


def test_nothing_is_needed_where_no_label_is_rare_or_none_is_used() -> None:
    assert needed({"a": 1.0, "b": 0.0}, 12)["0.800"]["units"] is None


# --- drift ----------------------------------------------------------------------------------------------------------


def test_windows_have_as_many_comparable_units_each_and_see_agreement_fall() -> None:
    first = list("ab" * 30)
    second = list("ab" * 15) + list("aabb" * 7) + ["a", "b"]
    codes = [[*first, "a", None], [*second, None, "a"]]
    at = [float(n) for n in range(60)] + [None, 61.0]
    found = windows(codes, at, ["a", "b"], "nominal", count=3, replicates=100)
    assert [window["units"] for window in found] == [20, 20, 20]
    assert found[0]["card"]["percent"] == 1.0 > found[2]["card"]["percent"]
    assert (found[0]["from"], found[0]["to"], found[2]["to"]) == (0.0, 19.0, 59.0)
    assert windows([["a"], ["a"]], [1.0], ["a", "b"], "nominal") == []


def test_each_two_coders_have_a_card_and_a_coder_one_with_an_earlier_self() -> None:
    codes = [list("abab"), list("abaa"), ["a", None, "a", "b"]]
    found = by_pair(codes, ["a", "b"], "nominal", coders=["x", "y", "z"], replicates=100)
    assert [one["coders"] for one in found] == [["x", "y"], ["x", "z"], ["y", "z"]]
    assert [one["units_both_coded"] for one in found] == [4, 3, 3]
    assert with_oneself(list("aab"), list("abb"), ["a", "b"], "nominal", replicates=100)["percent"] == pytest.approx(
        2 / 3
    )
