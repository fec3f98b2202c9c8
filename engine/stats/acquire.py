"""How much a frame would tell a model if somebody labelled it, and in which order frames are asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.stats.metrics import Floats, Ints

RULES = ("top", "power", "softmax", "softrank")


def entropy(scores: Floats) -> Floats:
    """(N,) in 0..1: entropy of scores (..., K) over log K, so that variables of different sizes weigh alike.

    Source: Shannon (1948); divided by its greatest value.
    """
    terms = np.where(scores > 0, scores * np.log(np.where(scores > 0, scores, 1)), 0)
    found: Floats = np.clip(-terms.sum(-1) / np.log(scores.shape[-1]), 0, 1)
    return found


def margin(scores: Floats) -> Floats:
    """(N,) in 0..1: 1 less the lead of the first class over the second, in scores (N, K).

    Source: Scheffer, Decomain and Wrobel (2001), turned round so that more is more uncertain.
    """
    ordered = np.sort(scores, axis=1)
    lead: Floats = 1 - (ordered[:, -1] - ordered[:, -2])
    return lead


def bald(passes: Floats) -> Floats:
    """(N,) in 0..1: on how much the passes (P, N, K) of dropout disagree: entropy of the mean less mean entropy.

    Source: Houlsby et al. (2011), equation 2; by dropout: Gal, Islam and Ghahramani (2017).
    """
    found: Floats = np.clip(entropy(passes.mean(0)) - entropy(passes).mean(0), 0, 1)
    return found


def summed(by_variable: Sequence[Floats]) -> Floats:
    """(N,): a frame that any of the models finds hard is informative."""
    total: Floats = np.sum(np.stack(by_variable), axis=0)
    return total


def order(scores: Floats, rule: str, sharpness: float, seed: int) -> Ints:
    """Frame numbers (N,), those to ask for first.

    `top` is by score; equal scores come in an order drawn by chance, not in that of the table. The others draw without
    replacement: `power` with chances in proportion to score ^ sharpness, `softmax` to exp(sharpness · score),
    `softrank` to rank ^ -sharpness. Adding Gumbel noise to the logarithm of a chance and sorting is such a draw.

    Source: Kirsch et al., Stochastic Batch Acquisition (2023), table 1; Gumbel top-k: Kool et al. (2019).
    """
    random = np.random.default_rng([seed, 1])
    ties = random.permutation(len(scores))
    if rule == "top":
        return np.lexsort((ties, -scores))
    noise = random.gumbel(size=len(scores))
    return np.lexsort((ties, -(_log_chance(scores, rule, sharpness, ties) + noise)))


def by_chance(count: int, seed: int) -> Ints:
    """All frame numbers in an order drawn by chance alone."""
    return np.random.default_rng([seed, 2]).permutation(count)


def _log_chance(scores: Floats, rule: str, sharpness: float, ties: Ints) -> Floats:
    if rule == "softmax":
        return sharpness * scores
    if rule == "power":
        return sharpness * np.log(np.maximum(scores, np.finfo(np.float64).tiny))
    ranks = np.empty(len(scores))
    ranks[np.lexsort((ties, -scores))] = np.arange(1, len(scores) + 1)
    found: Floats = -sharpness * np.log(ranks)
    return found
