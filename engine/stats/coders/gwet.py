"""Standard errors of coefficients of any number of coders, with missing codes."""

from __future__ import annotations

import math

import numpy as np

from engine.stats.coders.arrays import Floats
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.error import Error, students
from engine.stats.coders.patterns import Patterns
from engine.stats.coders.sums import Sums, agreed


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
        middle = mean if value is None else value
        return Error(error, "Gwet 2014, t", students(middle, error, self.units, self.confidence))
