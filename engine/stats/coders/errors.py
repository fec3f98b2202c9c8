"""Standard errors and analytic intervals, each by the formula that its source prints.

Two coders: kappa and weighted kappa by Fleiss, Cohen and Everitt (1969) with the normal distribution. All others by
Gwet (2014), ch. 5, with Student's t and no more than 1; for two coders and no missing code the variance of a unit is
divided by n (as from a table), else by n - 1 (as from raw codes). What neither gives is by the jackknife.
"""

from __future__ import annotations

import math

import numpy as np

from engine.stats.coders.arrays import Floats
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.cohen import fleiss_cohen_everitt, table
from engine.stats.coders.error import Error, students
from engine.stats.coders.gwet import Gwet
from engine.stats.coders.patterns import Patterns
from engine.stats.coders.sums import Summed, weights


def errors(
    patterns: Patterns, summed: Summed, book: Codebook, values: dict[str, float], confidence: float
) -> dict[str, Error]:
    """The errors of the coefficients that have a formula and are defined."""
    gwets = Gwet(patterns, summed.of(patterns.counts[:, None].astype(np.float64)), book, confidence)
    weight = weights(book)
    found: dict[str, Error | None] = {}
    for name, one in weight.items():
        if patterns.coders == 2:
            found[name] = fleiss_cohen_everitt(table(patterns, len(book)), one, confidence)
        else:
            found[name] = gwets.conger(one, values[name])
    found |= {
        "percent": gwets.percent(), "pi": gwets.fleiss(values["fleiss"]), "fleiss": gwets.fleiss(values["fleiss"]),
        "alpha_nominal": gwets.alpha(weight["kappa"]), "ac1": gwets.gwet(weight["kappa"], values["ac1"]),
        "ac2_quadratic": gwets.gwet(weight["kappa_quadratic"], values["ac2_quadratic"]), "s": gwets.s(values["s"]),
        "alpha_interval": gwets.alpha(_nearness(book)),
    }  # fmt: skip
    return {name: error for name, error in found.items() if error and math.isfinite(values[name])}


def _nearness(book: Codebook) -> Floats:
    """Weights whose alpha is Krippendorff's with the interval metric."""
    apart: Floats = (book.values[:, None] - book.values) ** 2
    return 1 - apart / (apart.max() or 1.0)


def by_jackknife(error: float, value: float, units: float, confidence: float) -> Error:
    """Of what has no formula: alpha with the ordinal metric, which changes with the codes."""
    return Error(error, "jackknife, t", students(value, error, units, confidence))
