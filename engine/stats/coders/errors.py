"""Standard errors and analytic intervals, each by the formula that its source prints.

Two coders: kappa and weighted kappa by Fleiss, Cohen and Everitt (1969) with the normal distribution. All others by
Gwet (2014), ch. 5, with Student's t and no more than 1; for two coders and no missing code the variance of a unit is
divided by n (as from a table), else by n - 1 (as from raw codes). What neither gives is by the jackknife.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import stdtrit

from engine.stats.coders.arrays import Floats
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.patterns import Patterns
from engine.stats.coders.sums import Summed, Sums, agreed, weights


@dataclass(frozen=True)
class Error:
    """A standard error, the formula it is from, and the interval that goes with it."""

    value: float
    formula: str
    interval: list[float]


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
    far = NormalDist().inv_cdf((1 + confidence) / 2) * value
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


def by_jackknife(error: float, value: float, units: float, confidence: float) -> Error:
    """Of what has no formula: alpha with the ordinal metric, which changes with the codes."""
    far = float(stdtrit(units - 1, (1 + confidence) / 2)) * error
    return Error(error, "jackknife, t", [value - far, min(1.0, value + far)])


class Gwet:
    """Errors by linearisation: the variance over units of what each unit adds to a coefficient.

    Source: Gwet, Handbook of Inter-Rater Reliability, 4th ed. (2014), ch. 5; Psychometrika 73 (2008).
    """

    def __init__(self, patterns: Patterns, sums: Sums, book: Codebook, confidence: float) -> None:
        there = patterns.coded >= 1
        self.patterns = Patterns(patterns.codes[there], patterns.counts[there])
        self.counts, self.labels, self.confidence = self.patterns.counts.astype(np.float64), len(book), confidence
        self.sums, self.by_label, self.coded = sums, self.patterns.by_label(len(book)), self.patterns.coded
        self.units, self.shared = float(sums.coded[0]), float(sums.shared[0])
        self.shares = sums.shares[:, 0] / max(self.units, 1)
        self.of_table = self.patterns.coders == 2 and bool((self.coded == 2).all())

    def percent(self) -> Error | None:
        """Of the share of agreement."""
        each = agreed(self.patterns, np.eye(self.labels))
        return self._error(self._scaled(each), float(self.sums.agreed[0, 0] / max(self.shared, 1)))

    def s(self, value: float) -> Error | None:
        """Of Brennan and Prediger's S."""
        return self._beyond(np.eye(self.labels), 1 / self.labels, None, value)

    def fleiss(self, value: float) -> Error | None:
        """Of Scott's pi and Fleiss's kappa."""
        each = (self.by_label @ self.shares) / self.coded
        return self._beyond(np.eye(self.labels), float(self.shares @ self.shares), each, value)

    def gwet(self, weight: Floats, value: float) -> Error | None:
        """Of AC1 and AC2."""
        if self.labels < 2:
            return None
        scale = weight.sum() / (self.labels * (self.labels - 1))
        each = scale * (self.by_label @ (1 - self.shares)) / self.coded
        return self._beyond(weight, float(scale * (self.shares @ (1 - self.shares))), each, value)

    def conger(self, weight: Floats, value: float) -> Error | None:
        """Of Conger's kappa, weighted or not."""
        given = self.sums.given[:, :, 0]
        per_coder = given.sum(1)
        if self.patterns.coders < 2 or not per_coder.all():
            return None
        shares, coders = given / per_coder[:, None], len(given)
        together = shares.sum(0)
        pairs = coders * (coders - 1)
        chance = (together @ weight @ together - np.einsum("ck,kl,cl->", shares, weight, shares)) / pairs
        seen = (self.patterns.codes >= 0).astype(np.float64)
        part = self.patterns.given(self.labels) - (seen - per_coder / self.units)[:, :, None] * shares
        pull = (part @ weight.T) * (self.units / per_coder)[None, :, None] * (together - shares)
        return self._beyond(weight, float(chance), pull.sum((1, 2)) / pairs, value)

    def alpha(self, weight: Floats) -> Error | None:
        """Of Krippendorff's alpha, for a metric that does not depend on the codes."""
        pairable = self.coded >= 2
        if self.shared < 2:
            return None
        counts, coded, by_label = self.counts[pairable], self.coded[pairable], self.by_label[pairable]
        mean = (counts * coded).sum() / self.shared
        shares = (counts @ by_label) / (self.shared * mean)
        chance = shares @ weight @ shares
        if 1 - chance < 1e-12:
            return None
        each = agreed(self.patterns, weight)[pairable] * coded / mean
        observed = (counts * each).sum() / self.shared
        prime = (observed - chance) / (1 - chance)
        more = (coded - mean) / mean
        expected = (by_label @ (weight @ shares)) / mean - chance * more
        pull = (each - observed * more - chance - 2 * (1 - prime) * (expected - chance)) / (1 - chance)
        small = 1 / (counts * coded).sum()
        return self._error(pull, float(prime), counts, float(small + (1 - small) * prime))

    def _scaled(self, each: Floats) -> Floats:
        return each * self.units / max(self.shared, 1)

    def _beyond(self, weight: Floats, chance: float, by_chance: Floats | None, value: float) -> Error | None:
        """Of (observed - chance) / (1 - chance), where chance depends on the codes as `by_chance` (P,) says."""
        if 1 - chance < 1e-12 or not math.isfinite(value):
            return None
        observed = self._scaled(agreed(self.patterns, weight) - chance * (self.coded >= 2))
        moved = 0.0 if by_chance is None else 2 * (1 - value) * (by_chance - chance)
        return self._error((observed - moved) / (1 - chance), value)

    def _error(
        self, each: Floats, mean: float, counts: Floats | None = None, value: float | None = None
    ) -> Error | None:
        """From what each pattern adds."""
        counts = self.counts if counts is None else counts
        units = counts.sum()
        if units < 2:
            return None
        error = math.sqrt((counts * (each - mean) ** 2).sum() / (units * (units if self.of_table else units - 1)))
        far = float(stdtrit(self.units - 1, (1 + self.confidence) / 2)) * error
        middle = mean if value is None else value
        return Error(error, "Gwet 2014, t", [middle - far, min(1.0, middle + far)])
