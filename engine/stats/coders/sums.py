"""What coefficients are made of, as sums over units: so that any weighting of patterns is one matrix product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.stats.coders.arrays import Floats
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.patterns import Patterns


@dataclass(frozen=True)
class Sums:
    """Sums over units, for R weightings of the patterns; the last axis of everything is R."""

    coded: Floats  # (R,) units that somebody coded
    shared: Floats  # (R,) units that at least two coded
    agreed: Floats  # (W, R) weighted agreement of such a unit's pairs of codes, for each of weights()
    shares: Floats  # (K, R) of a unit's codes the share of each label, over units that somebody coded
    given: Floats  # (C, K, R) how often a coder gave a label
    coincidences: Floats  # (K, K, R) pairs of codes within units, each divided by the unit's codes less one


class Summed:
    """The parts of Sums for each pattern: features (F, P), to be multiplied by weights (P, R)."""

    def __init__(self, patterns: Patterns, book: Codebook) -> None:
        self.labels, self.coders = len(book), patterns.coders
        weight = weights(book)
        self.weights = len(weight)
        self.features = np.ascontiguousarray(_features(patterns, book, weight))

    def of(self, weights: Floats) -> Sums:
        """The sums, for weights (P, R) of the patterns."""
        return self.parted(self.features @ weights)

    def parted(self, sums: Floats) -> Sums:
        """Sums from the rows of (F, R)."""
        labels, coders = self.labels, self.coders
        ends = np.cumsum([2, self.weights, labels, coders * labels])
        head, agreed, shares, given, coincidences = np.split(sums, ends)
        many = sums.shape[1]
        return Sums(
            head[0], head[1], agreed, shares, given.reshape(coders, labels, many),
            coincidences.reshape(labels, labels, many),
        )  # fmt: skip


def weights(book: Codebook) -> dict[str, Floats]:
    """How far two labels count as agreement (K, K), for each kappa: 1 for the same, 0 for the farthest apart.

    Labels are equally far apart; where the level is interval or ratio, as far as their numbers are.

    Source: Cohen, Psychological Bulletin 70 (1968); Fleiss and Cohen, Educational and
    Psychological Measurement 33 (1973).
    """
    places = book.values if book.level in ("interval", "ratio") else np.arange(len(book), dtype=np.float64)
    apart = np.abs(places[:, None] - places)
    apart = apart / (apart.max() or 1.0)
    found = {"kappa": np.eye(len(book)), "kappa_linear": 1 - apart, "kappa_quadratic": 1 - apart**2}
    if book.disagreement is not None:
        found["kappa_weighted"] = 1 - book.disagreement / (book.disagreement.max() or 1.0)
    return found


def agreed(patterns: Patterns, weight: Floats) -> Floats:
    """(P,) the mean weight of a unit's pairs of codes; 0 where it has fewer than two.

    Source: Gwet, Handbook of Inter-Rater Reliability, 4th ed. (2014), ch. 2.
    """
    counts, coded = patterns.by_label(len(weight)), patterns.coded
    inside = (counts * (counts @ weight)).sum(1) - coded
    return np.where(coded >= 2, inside / np.maximum(coded * (coded - 1), 1), 0.0)


def _features(patterns: Patterns, book: Codebook, weight: dict[str, Floats]) -> Floats:
    labels = len(book)
    counts, coded = patterns.by_label(labels), patterns.coded
    shared = coded >= 2
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(labels)
    given = patterns.given(labels)
    inside = np.where(shared[:, None, None], pairs, 0.0) / np.maximum(coded - 1, 1)[:, None, None]
    if patterns.coders == 2:
        given = given * shared[:, None, None]  # Cohen's kappa knows only what both coded
    rows = [
        (coded >= 1)[None], shared[None], *(agreed(patterns, one)[None] for one in weight.values()),
        (counts / np.maximum(coded, 1)[:, None]).T, given.reshape(len(coded), patterns.coders * labels).T,
        inside.reshape(len(coded), labels * labels).T,
    ]  # fmt: skip
    return np.concatenate([np.asarray(row, dtype=np.float64) for row in rows])
