"""Intervals from replicates: percentiles, and BCa with a jackknife."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from engine.stats.coders.arrays import Floats

SAME = 1e-12  # replicates that differ by no more are one value that was rounded


def percentile(ordered: Floats, confidence: float) -> list[float] | None:
    """The middle share of replicates (in order, without undefined ones); None where there are none."""
    tail = (1 - confidence) / 2
    return _between(ordered, tail, 1 - tail)


def bca(ordered: Floats, value: float, acceleration: float, far: float) -> list[float] | None:
    """Bias-corrected and accelerated: percentiles moved by the bias of the replicates and by their skewness.

    Replicates that equal the value count half as below it. Where the value lies outside all replicates there is none.

    Args:
        ordered: replicates in order, without undefined ones.
        far: how many standard deviations each way: 1.96 for 95 %; see widened.

    Source: Efron, Journal of the American Statistical Association 82 (1987); Efron and Tibshirani (1993), ch. 14.
    """
    if not len(ordered):
        return None
    below = np.searchsorted(ordered, value - SAME) + np.searchsorted(ordered, value + SAME, side="right")
    share = below / (2 * len(ordered))
    if not 0 < share < 1:
        return None
    bias = float(ndtri(share))
    low, high = (_moved(bias, bias + side * far, acceleration) for side in (-1, 1))
    return _between(ordered, low, high)


def _moved(bias: float, shifted: float, acceleration: float) -> float:
    """The share of replicates at which one end is; where so skewed a distribution has no end, the last of them."""
    left = 1 - acceleration * shifted
    return float(ndtr(bias + shifted / left)) if left > 0 else float(shifted > 0)


def normal(confidence: float) -> float:
    """How many standard deviations each way hold this share of a normal distribution."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def widened(confidence: float, clusters: int) -> float:
    """As many as make percentiles of few clusters as wide as Student's t with the spread of n - 1 would be.

    Source: Hesterberg, The American Statistician 69 (2015), 371-386, "expanded percentile interval".
    """
    return math.sqrt(clusters / (clusters - 1)) * float(stdtrit(clusters - 1, (1 + confidence) / 2))


def acceleration(left_out: Floats, counts: Floats) -> Floats:
    """(S,) of the jackknife: how skewed the influence of a unit is.

    Args:
        left_out: (S, P) statistics without one unit (or cluster) of each pattern; NaN where undefined.
        counts: (P,) units of each pattern.
    """
    pulls, weight = _pulls(left_out, counts)
    spread = (weight * pulls**2).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (weight * pulls**3).sum(1) / (6 * spread**1.5)
    return np.where(spread > 0, np.nan_to_num(found), 0.0)


def jackknife_error(left_out: Floats, counts: Floats) -> Floats:
    """(S,) the standard error by leaving out one unit (or cluster) after the other.

    Source: Efron and Tibshirani (1993), ch. 11.
    """
    pulls, weight = _pulls(left_out, counts)
    units = weight.sum(1)
    error: Floats = np.sqrt((weight * pulls**2).sum(1) * np.maximum(units - 1, 0) / np.maximum(units, 1))
    return error


def _pulls(left_out: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """How far below the mean a statistic falls without a unit, and the counts; undefined ones have no weight."""
    known = np.isfinite(left_out)
    weight = np.where(known, counts, 0.0)
    values = np.where(known, left_out, 0.0)
    mean = (weight * values).sum(1) / np.maximum(weight.sum(1), 1)
    return np.where(known, mean[:, None] - values, 0.0), weight


def _between(ordered: Floats, low: float, high: float) -> list[float] | None:
    """Two quantiles of ordered values, between neighbours by the line."""
    if not len(ordered):
        return None
    return [_quantile(ordered, share) for share in (low, high)]


def _quantile(ordered: Floats, share: float) -> float:
    place = min(max(share, 0.0), 1.0) * (len(ordered) - 1)
    below = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
