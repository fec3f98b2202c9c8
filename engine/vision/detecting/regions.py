"""Regions of text in a map of probabilities: what DBNet's answer is read with.

Source: Liao et al., Real-time Scene Text Detection with Differentiable Binarization, AAAI 2020, section 3.4: where the
map is above a threshold, connected pieces, each with the smallest rectangle around it, grown by area × ratio /
perimeter since the network was taught text that was shrunk.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError

Floats = np.ndarray[Any, np.dtype[np.float64]]
THRESHOLD = 0.3
SCORE = 0.6
GROWTH = 1.5
SMALLEST = 3.0  # pixels of the map, of a rectangle's shorter side
MOST = 100


def regions(chances: np.ndarray[Any, Any]) -> list[Floats]:
    """Rectangles (4, 2) of x and y in pixels of a map (H, W) of probabilities; the largest first."""
    labels, _ = ndimage.label(chances > THRESHOLD, np.ones((3, 3)))
    found = []
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        rectangle = _region(labels[place] == number, chances[place])
        if rectangle is not None:
            found.append(rectangle + np.array([place[1].start, place[0].start]))
    return sorted(found, key=lambda one: (-_area(one), *one.ravel()))[:MOST]


def _region(piece: np.ndarray[Any, Any], chances: np.ndarray[Any, Any]) -> Floats | None:
    if min(piece.shape) < SMALLEST:
        return None
    corners = smallest_rectangle(_outline(piece))
    if corners is None or min(sides(corners)) < SMALLEST or _score(corners, chances) < SCORE:
        return None
    return _grown(corners)


def _outline(piece: np.ndarray[Any, Any]) -> Floats:
    """The corners of the first and last pixel of each row."""
    rows = np.flatnonzero(piece.any(axis=1))
    left = piece[rows].argmax(axis=1)
    right = piece.shape[1] - piece[rows][:, ::-1].argmax(axis=1)
    ends = [np.stack([x, rows + down], axis=1) for x in (left, right) for down in (0, 1)]
    return np.concatenate(ends).astype(np.float64)


def smallest_rectangle(points: Floats) -> Floats | None:
    """The rectangle (4, 2) of least area around points (N, 2); None where they are on one line.

    One of its sides lies on a side of the convex hull (Freeman and Shapira 1975).
    """
    try:
        hull = points[ConvexHull(points).vertices]
    except QhullError:
        return None
    way = np.roll(hull, -1, axis=0) - hull
    angles = np.unique(np.round(np.arctan2(way[:, 1], way[:, 0]) % (np.pi / 2), 9))
    along = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    u, v = hull @ along.T, hull @ across.T
    areas = np.ptp(u, axis=0) * np.ptp(v, axis=0)
    best = int(areas.argmin())
    u0, u1, v0, v1 = u[:, best].min(), u[:, best].max(), v[:, best].min(), v[:, best].max()
    corners = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])
    found: Floats = corners @ np.stack([along[best], across[best]])
    return found


def sides(corners: Floats) -> tuple[float, float]:
    """The lengths of a rectangle's sides."""
    return float(np.linalg.norm(corners[1] - corners[0])), float(np.linalg.norm(corners[2] - corners[1]))


def _area(corners: Floats) -> float:
    return float(np.prod(sides(corners)))


def _score(corners: Floats, chances: np.ndarray[Any, Any]) -> float:
    """The mean probability within a rectangle."""
    y, x = np.indices(chances.shape)
    away = np.stack([x + 0.5, y + 0.5], axis=-1) - corners[0]
    inside = np.ones(chances.shape, bool)
    for side in (corners[1] - corners[0], corners[3] - corners[0]):
        share = away @ side / (side @ side)
        inside &= (share >= 0) & (share <= 1)
    return float(chances[inside].mean()) if inside.any() else 0.0


def _grown(corners: Floats) -> Floats:
    """Every side moved outwards."""
    long, tall = sides(corners)
    by = long * tall * GROWTH / (2 * (long + tall))
    along = (corners[1] - corners[0]) / long * by
    across = (corners[2] - corners[1]) / tall * by
    moves = np.array([-along - across, along - across, along + across, across - along])
    found: Floats = corners + moves
    return found
