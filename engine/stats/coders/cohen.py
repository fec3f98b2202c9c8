"""Standard errors of Cohen's kappa, weighted or not, from the table of two coders."""

from __future__ import annotations

import math

import numpy as np

from engine.stats.coders.arrays import Floats
from engine.stats.coders.error import Error
from engine.stats.coders.interval import normal
from engine.stats.coders.patterns import Patterns


def table(patterns: Patterns, labels: int) -> Floats:
    """(K, K) units that two coders coded, by the labels they gave."""
    whole = np.zeros((labels, labels))
    both = (patterns.codes[:, :2] >= 0).all(1)
    np.add.at(whole, tuple(patterns.codes[both, :2].T), patterns.counts[both])
    return whole


def fleiss_cohen_everitt(counts: Floats, weight: Floats, confidence: float) -> Error | None:
    """Of (weighted) kappa of a table (K, K); None where kappa is undefined.

    Source: Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969), formulas 8 and 13.
    """
    units = counts.sum()
    if not units:
        return None
    share, rows, columns = counts / units, counts.sum(1) / units, counts.sum(0) / units
    chance = rows @ weight @ columns
    if 1 - chance < 1e-12:
        return None
    kappa = ((share * weight).sum() - chance) / (1 - chance)
    means = (weight @ columns)[:, None] + (weight.T @ rows)
    inner = (share * (weight - means * (1 - kappa)) ** 2).sum() - (kappa - chance * (1 - kappa)) ** 2
    value = math.sqrt(max(inner, 0.0) / units) / (1 - chance)
    far = normal(confidence) * value
    return Error(value, "Fleiss-Cohen-Everitt 1969, normal", [float(kappa - far), float(kappa + far)])


def without_agreement(counts: Floats, weight: Floats) -> float:
    """The standard error of (weighted) kappa where coders agree by chance alone; for the test against 0.

    Source: Fleiss, Cohen and Everitt (1969), formulas 9 and 14.
    """
    units = counts.sum()
    rows, columns = counts.sum(1) / units, counts.sum(0) / units
    chance = rows @ weight @ columns
    means = (weight @ columns)[:, None] + (weight.T @ rows)
    inner = (np.outer(rows, columns) * (weight - means) ** 2).sum() - chance**2
    return float(math.sqrt(max(inner, 0.0) / units) / (1 - chance))
