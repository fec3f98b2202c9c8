"""Coefficients of agreement, each from sums over units; R weightings at once, NaN where one is undefined."""

from __future__ import annotations

import numpy as np

from engine.stats.coders.arrays import Floats
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.sums import Sums, weights

NONE = 1e-12  # what is no larger is rounding: a chance of disagreement of one unit in a million is 1e-6

NAMES = (
    "percent", "kappa", "kappa_linear", "kappa_quadratic", "alpha_nominal", "alpha_ordinal", "alpha_interval", "pi",
    "fleiss", "ac1", "ac2_quadratic", "s",
)  # fmt: skip


def coefficients(sums: Sums, book: Codebook) -> dict[str, Floats]:
    """All coefficients (R,) by name: NAMES; kappa_weighted with weights of one's own, alpha_ratio with that level."""
    weight = weights(book)
    percent = dict(zip(weight, over(sums.agreed, sums.shared), strict=True))
    plain = percent["kappa"]
    pi = fleiss(sums, plain)
    found = {
        "percent": plain,
        **kappas(sums, percent, weight),
        "alpha_nominal": alpha(sums, 1 - np.eye(len(book))),
        "alpha_ordinal": alpha_ordinal(sums),
        "alpha_interval": alpha(sums, (book.values[:, None] - book.values) ** 2),
        "pi": pi,
        "fleiss": pi,
        "ac1": gwet(sums, plain, weight["kappa"]),
        "ac2_quadratic": gwet(sums, percent["kappa_quadratic"], weight["kappa_quadratic"]),
        "s": _beyond(plain, np.full_like(plain, 1 / len(book))),
    }  # fmt: skip
    if book.level == "ratio":
        found["alpha_ratio"] = alpha(sums, ratio(book.values))
    return found


def over(part: Floats, whole: Floats) -> Floats:
    """A ratio; NaN where the whole is nothing."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    ratio: Floats = np.divide(part, whole, out=np.full(shape, np.nan), where=np.broadcast_to(whole > NONE, shape))
    return ratio


def _beyond(observed: Floats, chance: Floats) -> Floats:
    """Agreement beyond chance as a share of what there could be."""
    return over(observed - chance, 1 - chance)


def kappas(sums: Sums, observed: dict[str, Floats], weight: dict[str, Floats]) -> dict[str, Floats]:
    """Cohen's kappa of two coders, and Conger's of more, for each weight: chance is that of two different coders.

    Source: Cohen (1960, 1968); Conger, Psychological Bulletin 88 (1980), with missing codes as in Gwet (2014), ch. 2.
    """
    coders = len(sums.given)
    if coders < 2:
        return {name: np.full_like(observed[name], np.nan) for name in weight}
    shares = over(sums.given, sums.given.sum(1)[:, None])
    together = shares.sum(0)

    def chance(one: Floats) -> Floats:
        own = sum((given * (one @ given)).sum(0) for given in shares)
        both: Floats = ((together * (one @ together)).sum(0) - own) / (coders * (coders - 1))
        return both

    return {name: _beyond(observed[name], chance(one)) for name, one in weight.items()}


def fleiss(sums: Sums, observed: Floats) -> Floats:
    """Scott's pi, which for any number of coders is Fleiss's kappa; missing codes as in Gwet (2014), ch. 2.

    Source: Scott, Public Opinion Quarterly 19 (1955); Fleiss, Psychological Bulletin 76 (1971).
    """
    shares = over(sums.shares, sums.coded)
    return _beyond(observed, (shares * shares).sum(0))


def gwet(sums: Sums, observed: Floats, weight: Floats) -> Floats:
    """Gwet's AC1, or with weights AC2.

    Source: Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008); Handbook (2014), ch. 3.
    """
    labels = len(weight)
    if labels < 2:
        return np.full_like(observed, np.nan)
    shares = over(sums.shares, sums.coded)
    return _beyond(observed, weight.sum() / (labels * (labels - 1)) * (shares * (1 - shares)).sum(0))


def alpha(sums: Sums, apart: Floats) -> Floats:
    """Krippendorff's alpha for a metric (K, K) of squared differences.

    Source: Krippendorff, Content Analysis, 4th ed. (2018), ch. 12.
    """
    labels = len(apart)
    apart = apart / (apart.max() or 1.0)
    codes = sums.coincidences.sum(1)
    observed = apart.reshape(-1) @ sums.coincidences.reshape(labels * labels, -1)
    return _alpha(codes.sum(0), observed, (codes * (apart @ codes)).sum(0))


def alpha_ordinal(sums: Sums) -> Floats:
    """Krippendorff's alpha with his ordinal metric: labels are apart by the codes that lie between their middles."""
    codes = sums.coincidences.sum(1)
    middles = np.cumsum(codes, axis=0) - codes / 2
    observed, expected = np.zeros(codes.shape[1]), np.zeros(codes.shape[1])
    for one in range(len(codes)):
        for other in range(one):
            apart = (middles[one] - middles[other]) ** 2
            observed += 2 * apart * sums.coincidences[one, other]
            expected += 2 * apart * codes[one] * codes[other]
    return _alpha(codes.sum(0), observed, expected)


def _alpha(codes: Floats, observed: Floats, expected: Floats) -> Floats:
    return 1 - (codes - 1) * over(observed, expected)


def ratio(values: Floats) -> Floats:
    """Krippendorff's ratio metric: the squared difference over the sum."""
    whole = values[:, None] + values
    return over(values[:, None] - values, np.where(whole > 0, whole, 1.0)) ** 2
