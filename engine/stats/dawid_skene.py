"""What each coder tends to do, and which label each unit probably has: maximum likelihood by EM, without a truth.

Source: Dawid & Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm, Applied Statistics
28 (1979), 20-28. Coders are taken to err independently of each other, and on every unit alike.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TINY = 1e-300  # in place of 0, whose logarithm times 0 would be no number
TOLERANCE = 1e-9  # of probabilities, from round to round
MOST = 5000  # rounds


@dataclass(frozen=True)
class Fit:
    """What EM came to.

    Attributes:
        shares: (K,) how often each label is the true one.
        errors: (C, K, K) of each coder, how often a unit whose true label is the row gets the label of the column.
        posterior: (N, K) how probable each label is for each unit.
        log_likelihood: of the codes; it rises in each round.
        converged: whether the posteriors had stopped moving after `rounds`.
    """

    shares: Floats
    errors: Floats
    posterior: Floats
    log_likelihood: float
    rounds: int
    converged: bool


def fit(counts: Floats) -> Fit:
    """Fit to (N, C, K) counts: how often each coder gave each unit each label; every unit needs one at least.

    It begins with the shares of labels that each unit got, as in the paper (3.1), and so gives the same at every call.
    """
    given = counts.sum(axis=1)
    posterior: Floats = given / given.sum(axis=1, keepdims=True)
    rounds, converged = 0, False
    while not converged and rounds < MOST:
        before, (shares, errors) = posterior, _maximised(counts, posterior)
        posterior, likelihood = _expected(counts, shares, errors)
        rounds, converged = rounds + 1, bool(np.abs(posterior - before).max() < TOLERANCE)
    return Fit(shares, errors, posterior, likelihood, rounds, converged)


def _maximised(counts: Floats, posterior: Floats) -> tuple[Floats, Floats]:
    """Shares (K,) and error rates (C, K, K) for given posteriors: equations 2.3 and 2.4."""
    weights = np.einsum("nj,nck->cjk", posterior, counts)
    rows = weights.sum(axis=2, keepdims=True)
    return posterior.mean(axis=0), np.divide(weights, rows, out=np.zeros_like(weights), where=rows > 0)


def _expected(counts: Floats, shares: Floats, errors: Floats) -> tuple[Floats, float]:
    """Posteriors (N, K) for given rates, and the log likelihood: equations 2.5 and 2.7, in logarithms."""
    joint = np.log(np.maximum(shares, TINY)) + np.einsum("nck,cjk->nj", counts, np.log(np.maximum(errors, TINY)))
    top = joint.max(axis=1, keepdims=True)
    likelihood = top + np.log(np.exp(joint - top).sum(axis=1, keepdims=True))
    posterior: Floats = np.exp(joint - likelihood)
    return posterior, float(likelihood.sum())


def rates(coders: int, classes: int) -> int:
    """How many numbers the model has to find."""
    return classes - 1 + coders * classes * (classes - 1)


def identified(coders: int, classes: int) -> bool:
    """Whether there are no more rates than the codes can tell apart: never with two coders."""
    return rates(coders, classes) < int(classes**coders)


def counted(rows: Sequence[Sequence[str | None]], labels: Sequence[str]) -> Floats:
    """(N, C, K) counts from one row a coder, with None or a text that is no label where there is none."""
    counts = np.zeros((len(rows[0]) if rows else 0, len(rows), len(labels)))
    places = {label: place for place, label in enumerate(labels)}
    for coder, row in enumerate(rows):
        for unit, value in enumerate(row):
            if value in places:
                counts[unit, coder, places[value]] += 1
    return counts


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """For programs: `rows` and `labels` of one variable → shares, error rates and posteriors.

    A coder's row of rates is null for a label that none of his or her units probably has.
    """
    counts = counted(question["rows"], question["labels"])
    found = fit(counts)
    seen = np.einsum("nj,nck->cj", found.posterior, counts) > TOLERANCE
    errors = [[row.tolist() if there else None for row, there in zip(each, known, strict=True)]
              for each, known in zip(found.errors, seen, strict=True)]  # fmt: skip
    return {
        "shares": found.shares.tolist(), "errors": errors, "posterior": found.posterior.tolist(),
        "log_likelihood": found.log_likelihood, "rounds": found.rounds, "converged": found.converged,
        "rates": rates(*counts.shape[1:]), "identified": identified(*counts.shape[1:]),
    }  # fmt: skip


if __name__ == "__main__":
    json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
