"""Intervals of all coefficients together: by unit, by cluster, and by formula."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.stats.coders.arrays import Floats, Ints
from engine.stats.coders.bootstrap import Statistic, of_clusters, of_units, replicates_within
from engine.stats.coders.cautions import LEAST_CLUSTERS
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.coefficients import coefficients
from engine.stats.coders.interval import acceleration, bca, jackknife_error, normal, percentile, widened
from engine.stats.coders.patterns import Patterns
from engine.stats.coders.sums import Summed

METHODS = ("bca", "percentile", "analytic", "cluster")
Interval = list[float] | None


@dataclass(frozen=True)
class How:
    """How intervals are asked for."""

    replicates: int = 10_000
    seed: int = 0
    confidence: float = 0.95


@dataclass
class Spread:
    """Intervals by name and method, errors by the jackknife, and how many replicates were undefined."""

    intervals: dict[str, dict[str, Interval]]
    errors: dict[str, float] = field(default_factory=dict)
    undefined: dict[str, int] = field(default_factory=dict)
    replicates: int = 0
    clusters: int | None = None  # with a unit that two coders coded
    replicates_by_cluster: int = 0


def spread(
    found: Patterns, summed: Summed, book: Codebook, values: dict[str, float], groups: Ints | None, how: How
) -> Spread:
    """Of all coefficients that are defined.

    Args:
        values: the coefficients.
        groups: (N,) the cluster of each unit, numbers from 0; with it the patterns must know theirs.
    """
    result = Spread({name: dict.fromkeys(METHODS) for name in values})
    names = [name for name, value in values.items() if math.isfinite(value) and name != "pi"]  # pi is fleiss
    if not names:
        return result
    statistic, points = _statistic(summed, book, names), [values[name] for name in names]
    _by_unit(result, found, summed, statistic, names, points, how)
    if groups is not None:
        _by_cluster(result, found, summed, statistic, names, points, groups, how)
    for told in (result.intervals, result.errors, result.undefined):
        _as_fleiss(told)
    return result


def _as_fleiss(told: dict[str, Any]) -> None:
    """Scott's pi and Fleiss's kappa are one number."""
    if "fleiss" in told:
        told["pi"] = copy(told["fleiss"])


def _statistic(summed: Summed, book: Codebook, names: Sequence[str]) -> Statistic:
    def statistic(sums: Floats) -> Floats:
        found = coefficients(summed.parted(sums), book)
        return np.stack([found[name] for name in names])

    return statistic


def _by_unit(
    result: Spread, found: Patterns, summed: Summed, statistic: Statistic, names: Sequence[str],
    points: Sequence[float], how: How,
) -> None:  # fmt: skip
    """Units with one code, which only some coefficients look at, are drawn apart: as many are shared as were."""
    strata = [np.flatnonzero(found.coded >= 2), np.flatnonzero(found.coded == 1)]
    features, counts = summed.features, found.counts
    result.replicates = replicates_within(how.replicates, sum(map(len, strata)))
    drawn = of_units(features, counts, strata, statistic, result.replicates, how.seed)
    there = np.concatenate(strata)
    weight = counts[there].astype(np.float64)
    left_out = statistic((features @ counts)[:, None] - features[:, there])
    skewness = acceleration(left_out, weight)
    result.errors = dict(zip(names, jackknife_error(left_out, weight).tolist(), strict=True))
    for name, row, point, skew in zip(names, drawn, points, skewness, strict=True):
        ordered = _ordered(row)
        result.undefined[name] = len(row) - len(ordered)
        result.intervals[name]["percentile"] = percentile(ordered, how.confidence)
        result.intervals[name]["bca"] = bca(ordered, point, float(skew), normal(how.confidence))


def _by_cluster(
    result: Spread, found: Patterns, summed: Summed, statistic: Statistic, names: Sequence[str],
    points: Sequence[float], groups: Ints, how: How,
) -> None:  # fmt: skip
    """BCa of whole clusters, widened for there being few: of the intervals tried the one that covers best.

    bench/coverage.py shows how often it and plain percentiles hold the truth.
    """
    features = by_group(summed.features, found, groups)
    comparable = features[1] > 0  # clusters with a unit that two coded; the others are drawn apart
    result.clusters = many = int(comparable.sum())
    if many < LEAST_CLUSTERS:
        return
    result.replicates_by_cluster = replicates = replicates_within(how.replicates, features.shape[1])
    strata = [np.flatnonzero(comparable), np.flatnonzero(~comparable)]
    drawn = of_clusters(features, strata, statistic, replicates, how.seed + 1)
    left_out = statistic(features.sum(1)[:, None] - features)
    skewness, far = acceleration(left_out, np.ones(features.shape[1])), widened(how.confidence, many)
    for name, row, point, skew in zip(names, drawn, points, skewness, strict=True):
        result.intervals[name]["cluster"] = bca(_ordered(row), point, float(skew), far)


def by_group(features: Floats, found: Patterns, groups: Ints) -> Floats:
    """(F, G) the sums of each cluster in which anything was coded."""
    assert found.of is not None
    kinds, many = len(found.counts), int(groups.max()) + 1
    cells = groups * kinds + found.of
    if many * kinds <= 1 << 24:
        counts = np.bincount(cells, minlength=many * kinds).reshape(many, kinds).astype(np.float64)
        whole = features @ counts.T
    else:
        whole = np.stack([np.bincount(groups, row[found.of], many) for row in features])
    return np.ascontiguousarray(whole[:, whole[0] > 0])  # the first feature counts the units that somebody coded


def _ordered(row: Floats) -> Floats:
    """In order, undefined ones (which sort last) left out."""
    ordered = np.sort(row)
    return ordered[: int(np.searchsorted(ordered, np.inf, side="right"))]
