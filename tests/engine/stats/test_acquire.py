"""What is worth asking for: scores with known answers, draws, quotas, and batches that differ in themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.stats import acquire, diverse
from engine.stats.choose import Basket, Limits, near


def one_hot(*classes: int, of: int = 3) -> np.ndarray:
    return np.eye(of)[list(classes)]


def test_entropy_is_0_where_sure_1_where_anything_goes_and_weighs_variables_alike() -> None:
    assert acquire.entropy(one_hot(0, 2)).tolist() == [0, 0]
    assert acquire.entropy(np.full((1, 3), 1 / 3))[0] == pytest.approx(1)
    assert acquire.entropy(np.full((1, 7), 1 / 7))[0] == pytest.approx(1)
    # 1.5 bits of log2(3).
    assert acquire.entropy(np.array([[0.5, 0.25, 0.25]]))[0] == pytest.approx(1.5 / np.log2(3))


def test_margin_looks_at_the_first_two_only() -> None:
    assert acquire.margin(np.array([[0.5, 0.4, 0.1], [0.5, 0.1, 0.4], [1, 0, 0]])) == pytest.approx([0.9, 0.9, 0])


def test_bald_is_disagreement_and_not_uncertainty() -> None:
    unsure = np.full((4, 1, 2), 0.5)
    assert acquire.bald(unsure)[0] == pytest.approx(0)
    split = np.stack([one_hot(0, of=2), one_hot(1, of=2)])
    assert acquire.bald(split)[0] == pytest.approx(1)
    # Passes (.9 .1) and (.1 .9): 1 - H(.9) in bits.
    passes = np.array([[[0.9, 0.1]], [[0.1, 0.9]]])
    assert acquire.bald(passes)[0] == pytest.approx(1 - 0.4689955935892812)


def test_scores_are_summed_over_variables() -> None:
    assert acquire.summed([np.array([0.2, 0.9]), np.array([0.5, 0.0])]) == pytest.approx([0.7, 0.9])


def test_top_is_by_score_and_equals_are_not_in_the_order_of_the_table() -> None:
    scores = np.array([0.1, 0.9, 0.5])
    assert acquire.order(scores, "top", 1, 0).tolist() == [1, 2, 0]
    alike = acquire.order(np.ones(100), "top", 1, 0)
    assert sorted(alike) == list(range(100)) and alike.tolist() != list(range(100))


@pytest.mark.parametrize(
    ("rule", "sharpness", "chances"),
    [
        ("power", 1.0, [0.1, 0.3, 0.6]),
        ("power", 2.0, [1 / 46, 9 / 46, 36 / 46]),
        ("softmax", 1.0, (np.exp([0.1, 0.3, 0.6]) / np.exp([0.1, 0.3, 0.6]).sum()).tolist()),
        ("softrank", 1.0, [2 / 11, 3 / 11, 6 / 11]),
    ],
)
def test_draws_come_in_proportion(rule: str, sharpness: float, chances: list[float]) -> None:
    scores, times = np.array([0.1, 0.3, 0.6]), 4000
    first = np.bincount([acquire.order(scores, rule, sharpness, seed)[0] for seed in range(times)], minlength=3) / times
    assert first == pytest.approx(chances, abs=4 * np.sqrt(0.25 / times))


def test_a_frame_with_a_score_of_0_comes_last_in_a_power_draw() -> None:
    assert acquire.order(np.array([0.0, 0.5, 0.4]), "power", 1, 3)[-1] == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from(acquire.RULES), st.integers(0, 99))
def test_every_order_has_every_frame_once_and_is_repeatable(scores: list[float], rule: str, seed: int) -> None:
    found = acquire.order(np.array(scores), rule, 1.5, seed)
    assert sorted(found) == list(range(len(scores)))
    assert found.tolist() == acquire.order(np.array(scores), rule, 1.5, seed).tolist()


# --- quotas, distance in time, near-duplicates ----------------------------------------------------------------------

FAR = Limits(per_video=100, apart_s=0, near_bits=0)


def basket(
    videos: list[str], times: list[float] | None = None, hashes: list[int] | None = None, **limits: float
) -> Basket:
    count = len(videos)
    different = hashes or [(n * 0x9E3779B97F4A7C15) % 2**64 for n in range(1, count + 1)]
    how = Limits(**{**vars(FAR), **limits})  # type: ignore[arg-type]
    return Basket(videos, times or [float("nan")] * count, np.array(different, np.uint64), how)


def test_a_thousand_copies_of_one_frame_yield_one_pick() -> None:
    found = basket([f"v{n}" for n in range(1000)], hashes=[7] * 1000, near_bits=4)
    found.fill(range(1000), 100)
    assert found.picked == [0] and found.left_out["near_duplicates"] == 999


def test_near_means_so_many_bits_or_fewer() -> None:
    hashes = np.array([0b0000, 0b0011, 0b0111], np.uint64)
    assert near(hashes, hashes[:1], 2).tolist() == [True, True, False]
    assert near(hashes, hashes[:0], 64).tolist() == [False] * 3


def test_at_most_so_many_frames_of_a_video() -> None:
    found = basket(["a"] * 5 + ["b"] * 5, per_video=2)
    found.fill(range(10), 10)
    assert found.picked == [0, 1, 5, 6] and found.left_out["per_video"] == 6


def test_frames_of_a_video_are_so_many_seconds_apart_and_those_of_others_are_not_asked() -> None:
    found = basket(["a", "a", "a", "b"], [0.0, 0.9, 1.0, 0.1], apart_s=1.0)
    found.fill(range(4), 4)
    assert found.picked == [0, 2, 3]


def test_frames_of_unknown_time_are_not_kept_apart() -> None:
    found = basket(["a", "a"], apart_s=10.0)
    found.fill(range(2), 2)
    assert found.picked == [0, 1]


def test_a_basket_fills_up_to_its_count_over_several_orders() -> None:
    found = basket(["a", "b", "c", "d"])
    found.fill([2, 1], 1)
    found.fill([0, 2, 3], 3)
    assert found.picked == [2, 0, 3]


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40), st.integers(1, 3), st.integers(0, 9))
def test_quotas_hold_whatever_the_order(videos: list[str], per_video: int, seed: int) -> None:
    found = basket(videos, per_video=per_video)
    found.fill(np.random.default_rng(seed).permutation(len(videos)), 100)
    for video in set(videos):
        assert sum(videos[n] == video for n in found.picked) == min(per_video, videos.count(video))


# --- batches that differ in themselves ------------------------------------------------------------------------------


def test_k_centre_takes_the_farthest_from_all_that_is_labelled_or_picked() -> None:
    line = np.array([[0.0], [1.0], [4.0], [9.0], [10.0]])
    assert diverse.k_centre(line, np.array([[0.0]]), 3, 0).tolist() == [4, 2, 1]
    assert sorted(diverse.k_centre(line, np.zeros((0, 1)), 9, 0)) == [0, 1, 2, 3, 4]


def test_badge_has_the_distances_of_the_gradients_themselves() -> None:
    """The same draws as k-means++ over outer products that are written out."""
    random = np.random.default_rng(1)
    features = [random.normal(size=(30, 5)), random.normal(size=(30, 4))]
    scores = [random.dirichlet(np.ones(k), 30) for k in (3, 2)]
    gradients = []
    for f, s in zip(features, scores, strict=True):
        error = s - np.eye(s.shape[1])[s.argmax(1)]
        gradients.append(np.einsum("nk,nd->nkd", error, f).reshape(30, -1))
    written = np.concatenate(gradients, axis=1)
    draw, picked = np.random.default_rng([5, 4]), [int((written**2).sum(1).argmax())]
    while len(picked) < 8:
        nearest = np.min([((written - written[one]) ** 2).sum(1) for one in picked], axis=0)
        nearest[picked] = 0
        picked.append(int(draw.choice(30, p=nearest / nearest.sum())))
    assert diverse.badge(features, scores, 8, 5).tolist() == picked


def test_badge_ends_where_all_that_is_left_is_the_same() -> None:
    same = np.ones((6, 3))
    assert len(diverse.badge([same], [np.full((6, 2), 0.5)], 5, 0)) == 1


def test_typical_takes_the_middle_of_each_cluster_that_nothing_is_labelled_in() -> None:
    random = np.random.default_rng(0)
    middles = np.array([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]])
    pool = np.concatenate([middle + random.normal(size=(30, 2)) for middle in middles])
    labelled = np.array([[0.2, 0.1]])
    picked = diverse.typical(pool, labelled, 2, 0)
    assert sorted(n // 30 for n in picked.tolist()) == [1, 2]
    for n in picked.tolist():
        assert np.linalg.norm(pool[n] - middles[n // 30]) < 1.0
