"""Exact areas of polygons that overlap: continuous geometry, no pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


def union_area(polygons: Sequence[Any], height: float, width: float) -> float:
    """The area that simple polygons cover within a frame; what several cover counts once.

    Between two neighbours among the x of all corners and of all crossings of edges, the covered length is linear in x:
    the area of such a strip is its width times the length at its middle, exactly.

    Args:
        polygons: of each its corners, (K, 2) of x and y.
        height: of the frame, whose corners are (0, 0) and (width, height).
    """
    shapes = [np.asarray(polygon, np.float64) for polygon in polygons]
    shapes = [shape for shape in shapes if len(shape) > 2]
    if not shapes:
        return 0.0
    borders = np.array([[[0, 0], [width, 0]], [[0, height], [width, height]]], np.float64)
    edges = [np.stack([shape, np.roll(shape, -1, axis=0)], axis=1) for shape in shapes]
    xs = _breaks(np.concatenate([*edges, borders]), width)
    middles, widths = (xs[1:] + xs[:-1]) / 2, np.diff(xs)
    low, high = (np.concatenate(part, axis=1) for part in zip(*(_spans(one, middles) for one in edges), strict=True))
    covered = _covered(np.clip(low, 0, height), np.clip(high, 0, height))
    return float((covered * widths).sum())


def _breaks(edges: Floats, width: float) -> Floats:
    """The x at which anything begins, ends or crosses, within the frame."""
    start, way = edges[:, 0], edges[:, 1] - edges[:, 0]
    cross = way[:, None, 0] * way[None, :, 1] - way[:, None, 1] * way[None, :, 0]
    apart = start[None] - start[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (apart[..., 0] * way[None, :, 1] - apart[..., 1] * way[None, :, 0]) / cross
        x = start[:, None, 0] + at * way[:, None, 0]
    crossings = x[(cross != 0) & (at >= 0) & (at <= 1)]
    found: Floats = np.unique(np.clip(np.concatenate([edges[..., 0].ravel(), crossings, [0, width]]), 0, width))
    return found


def _spans(edges: Floats, xs: Floats) -> tuple[Floats, Floats]:
    """Where upright lines at some x run inside a polygon: (X, K) where each piece begins, and where it ends."""
    (x0, y0), (x1, y1) = edges[:, 0].T, edges[:, 1].T
    over = (np.minimum(x0, x1)[None] < xs[:, None]) & (xs[:, None] < np.maximum(x0, x1)[None])
    with np.errstate(divide="ignore", invalid="ignore"):
        y = y0 + (xs[:, None] - x0) / (x1 - x0) * (y1 - y0)
    ys = np.sort(np.where(over, y, np.inf), axis=1)
    ys = np.pad(ys, ((0, 0), (0, ys.shape[1] % 2)), constant_values=np.inf)
    low, high = ys[:, 0::2], ys[:, 1::2]
    real = np.isfinite(high)
    return np.where(real, low, 0.0), np.where(real, high, 0.0)


def _covered(low: Floats, high: Floats) -> Floats:
    """How much of each line its pieces cover."""
    order = np.argsort(low, axis=1)
    low, high = np.take_along_axis(low, order, 1), np.take_along_axis(high, order, 1)
    before = np.maximum.accumulate(high, axis=1)
    begin = low.copy()
    begin[:, 1:] = np.maximum(low[:, 1:], before[:, :-1])
    found: Floats = np.maximum(high - begin, 0.0).sum(axis=1)
    return found
