"""Area of the union: exact, against a published case and against counting of points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.vision.detecting.polygons import union_area

TWO = [[[10, 10], [210, 10], [210, 60], [10, 60]], [[150, 40], [300, 40], [300, 100], [150, 100]]]
WHOLE = st.integers(-4, 24)
BOX = st.tuples(WHOLE, WHOLE, st.integers(1, 12), st.integers(1, 12))


def test_two_boxes_that_overlap() -> None:  # cases/engine.json, text_area_ratio
    assert union_area(TWO, 360, 640) / (360 * 640) == pytest.approx(0.07725694444444445, abs=1e-9)


def test_nothing_covers_nothing_and_the_same_twice_counts_once() -> None:
    assert union_area([], 10, 10) == 0
    diamond = [[5, 0], [10, 5], [5, 10], [0, 5]]
    assert union_area([diamond], 10, 10) == pytest.approx(50, abs=1e-12)
    assert union_area([diamond, diamond[::-1]], 10, 10) == pytest.approx(50, abs=1e-12)


def test_what_leans_out_of_the_frame_is_cut_off() -> None:
    assert union_area([[[-50, -50], [5, -50], [5, 5], [-50, 5]]], 10, 10) == pytest.approx(25, abs=1e-12)
    assert union_area([[[20, 20], [30, 20], [30, 30]]], 10, 10) == 0


def test_leaning_quads_that_cross_have_the_area_of_a_star() -> None:
    square = [[2, 2], [8, 2], [8, 8], [2, 8]]
    half = 3 * 2**0.5
    leaning = [[5, 5 - half], [5 + half, 5], [5, 5 + half], [5 - half, 5]]
    corner = half - 3  # how far a corner of one stands out of the other: four triangles of corner²
    assert union_area([square, leaning], 10, 10) == pytest.approx(36 + 4 * corner**2, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(BOX, max_size=6))
def test_upright_boxes_cover_the_cells_that_are_counted(boxes: list[tuple[int, int, int, int]]) -> None:
    cells = np.zeros((20, 20), bool)
    for x, y, width, height in boxes:
        cells[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = True
    corners = [[[x, y], [x + w, y], [x + w, y + h], [x, y + h]] for x, y, w, h in boxes]
    assert union_area(corners, 20, 20) == pytest.approx(cells.sum(), abs=1e-9)


def test_many_quads_cover_what_random_points_say() -> None:
    chance = np.random.default_rng(3)
    quads = []
    for _ in range(30):
        angle, middle, sides = chance.uniform(0, 3), chance.uniform(0, 100, 2), chance.uniform(2, 30, 2)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        quads.append(middle + (np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * sides / 2) @ turn)
    points, inside = chance.uniform(0, 100, (40_000, 2)), np.zeros(40_000, bool)
    for quad in quads:
        sides, away = np.roll(quad, -1, axis=0) - quad, points[:, None] - quad
        turns = sides[:, 0] * away[..., 1] - sides[:, 1] * away[..., 0]
        inside |= (turns > 0).all(axis=1) | (turns < 0).all(axis=1)
    assert union_area(quads, 100, 100) / 1e4 == pytest.approx(inside.mean(), abs=0.01)
