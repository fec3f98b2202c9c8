"""Numbers of a card without intervals: coefficients, why one is undefined, tests against chance, one-sided bounds."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np

from engine.stats.coders import tables
from engine.stats.coders.coefficients import coefficients
from engine.stats.coders.cohen import table, without_agreement
from engine.stats.coders.part import Part
from engine.stats.coders.sums import weights

BOUNDED = ("percent", "kappa", "alpha_nominal", "pi", "fleiss", "ac1", "s")  # what a share of disagreement bounds


def points(whole: Part) -> dict[str, Any]:
    """Coefficients, None where undefined, and the reasons."""
    values: dict[str, float | None] = {name: known(value) for name, value in whole.values.items()}
    two = whole.patterns.coders == 2
    values["kappa_max"] = tables.kappa_max(table(whole.patterns, len(whole.book))) if two else None
    values |= _other_percents(whole)
    values["kappa_mean_pairwise"] = _mean_pairwise(whole)
    reasons = {name: reason(name, whole) for name, value in values.items() if value is None}
    return {**values, "reasons": reasons}


def known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def reason(name: str, whole: Part) -> str:
    if len(whole.names) < 2:
        return "no doubly coded units: fewer than two coders coded anything"
    if not whole.sums.shared[0]:
        return "no doubly coded units"
    if name == "kappa_max" and whole.patterns.coders > 2:
        return "for two coders only"
    if len(whole.book) < 2:
        return "no variation: the codebook has one label"
    return "no variation: all codes that can be compared are the same label"


def _other_percents(whole: Part) -> dict[str, float | None]:
    found, coincidences = whole.patterns, whole.sums.coincidences[:, :, 0]
    if not whole.sums.shared[0]:
        return {"percent_pair_weighted": None, "percent_of_pairs": None}
    counts, coded = found.by_label(len(whole.book)), found.coded
    pairs = found.counts @ (coded * (coded - 1))
    agree = found.counts @ (counts * (counts - 1)).sum(1)
    return {
        "percent_pair_weighted": float(np.trace(coincidences) / coincidences.sum()),
        "percent_of_pairs": float(agree / pairs),
    }


def _mean_pairwise(whole: Part) -> float | None:
    """The mean of Cohen's kappas of each two coders that have one."""
    pairs = combinations(range(whole.patterns.coders), 2)
    found = (tables.kappa(table(whole.patterns.of_coders(pair), len(whole.book))) for pair in pairs)
    defined = [value for value in found if value is not None]
    return float(np.mean(defined)) if defined else None


def against_chance(whole: Part) -> dict[str, Any]:
    """Whether two coders agree more than by chance: z and the two-sided p of (weighted) kappa."""
    found: dict[str, Any] = {}
    if whole.patterns.coders != 2:
        return found
    counts = table(whole.patterns, len(whole.book))
    for name, weight in weights(whole.book).items():
        if math.isfinite(whole.values[name]) and (error := without_agreement(counts, weight)) > 0:
            z = whole.values[name] / error
            found[name] = {"error": error, "z": z, "p": 2 * NormalDist().cdf(-abs(z))}
    return found


def one_sided(whole: Part) -> dict[str, list[float]]:
    """Where nobody ever disagreed: how low a coefficient may be, 95 % one-sided, by the rule of three.

    Source: Hanley and Lippman-Hand, JAMA 249 (1983).
    """
    units, values = float(whole.sums.shared[0]), whole.values
    if not units or values["percent"] < 1.0:
        return {}
    bound = max(0.0, 1 - 3 / units)
    never = replace(whole.sums, agreed=np.zeros_like(whole.sums.agreed))
    lowest = {name: float(value[0]) for name, value in coefficients(never, whole.book).items()}
    lowest["alpha_nominal"] = _alpha_without_agreement(whole)
    names = [name for name in BOUNDED if math.isfinite(values[name])]
    return {name: [bound * (1 - lowest[name]) + lowest[name], 1.0] for name in names}


def _alpha_without_agreement(whole: Part) -> float:
    """Nominal alpha, were no code of a unit like another of it, and labels given as often as they are."""
    codes = whole.sums.coincidences[:, :, 0].sum(1)
    total = codes.sum()
    expected = total**2 - (codes**2).sum()
    return float(1 - (total - 1) * total / expected) if expected else math.nan
