"""Several teachers as one: their logits fused by weights, whole sweeps of weights, and the weights that fit best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp, softmax

from engine.errors import DataError
from engine.stats.metrics import Floats, Ints

Space = Literal["logit", "prob"]
MOST = 100_000  # weightings of one sweep
CELLS = 1 << 21  # numbers in memory at once: 16 MiB


def fuse(logits: npt.ArrayLike, weights: npt.ArrayLike, space: Space = "logit") -> Floats:
    """Scores (N, K) of several teachers as one; each row sums to 1.

    Args:
        logits: (T, N, K) of T teachers.
        weights: (T,) not negative; they are divided by their sum.
        space: `logit`: softmax of the weighted mean of logits, which is the same as a mean of log scores. `prob`:
            weighted mean of softmax scores.

    Raises:
        DataError: a logit is no finite number, or the weights are no weights.
    """
    scores: Floats = softmax(fused_logits(logits, weights, space), axis=1)
    return scores


def fused_logits(logits: npt.ArrayLike, weights: npt.ArrayLike, space: Space = "logit") -> Floats:
    """Logits (N, K) whose softmax is what `fuse` tells: a mean of logits, or the log of a mean of scores.

    The latter is finite even where a score is too small for a number of its own.
    """
    given, shares = _logits(logits), _shares(weights)
    if len(shares) != len(given):
        raise ValueError(f"{len(shares)} weights for {len(given)} teachers")
    if space == "logit":
        return np.tensordot(shares, given, 1)
    if space != "prob":
        raise ValueError(f"expected logit or prob, got {space!r}")
    used = shares > 0  # log 0 would be told as a warning
    parts = log_softmax(given[used], axis=2) + np.log(shares[used])[:, None, None]
    fused: Floats = logsumexp(parts, axis=0)
    return fused


def simplex(teachers: int, step: float) -> Floats:
    """(R, T): all weightings whose weights are multiples of a step and sum to 1, the last teacher's rising first.

    Raises:
        DataError: no number of steps makes 1, or there are more weightings than anybody waits for.
    """
    parts = round(1 / step) if step > 0 else 0
    if parts < 1 or abs(parts * step - 1) > 1e-6:
        raise DataError(f"steps of {step:g} do not make 1", hint="0.5, 0.2, 0.1, 0.05, 0.02 do")
    count = 1
    for n in range(1, teachers):
        count = count * (parts + n) // n
    if count > MOST:
        raise DataError(
            f"{count:,} weightings of {teachers} teachers in steps of {step:g}", hint="a larger step, or fit"
        )
    return np.array(list(_parted(parts, teachers)), np.float64) / parts


def _parted(whole: int, places: int) -> Iterator[tuple[int, ...]]:
    """All ways to part a whole number, the largest first part first."""
    if places == 1:
        yield (whole,)
        return
    for first in range(whole, -1, -1):
        for rest in _parted(whole - first, places - 1):
            yield (first, *rest)


@dataclass(frozen=True)
class Swept:
    """What many weightings give on the same images.

    Attributes:
        tables: (R, K, K) a row for each label, a column for each prediction.
        nll: (R,) mean negative log-likelihood, in nats.
    """

    tables: Ints
    nll: Floats


def sweep(logits: npt.ArrayLike, labels: Ints, weightings: Floats, space: Space = "logit") -> Swept:
    """Confusion and likelihood of each of (R, T) weightings of logits (T, N, K), on labels (N,).

    What all weightings share is done once: a mean of logits or scores is a product of matrices after that.
    """
    given, labels = _logits(logits), np.asarray(labels, np.int64)
    teachers, images, classes = given.shape
    parts = given if space == "logit" else softmax(given, axis=2)
    flat = np.ascontiguousarray(parts.transpose(0, 2, 1)).reshape(teachers, classes * images)
    rows = max(1, CELLS // (classes * images))
    told = [
        _told((weightings[at : at + rows] @ flat).reshape(-1, classes, images), labels, space)
        for at in range(0, len(weightings), rows)
    ]
    return Swept(np.concatenate([tables for tables, _ in told]), np.concatenate([nll for _, nll in told]))


def _told(fused: Floats, labels: Ints, space: Space) -> tuple[Ints, Floats]:
    """Of fused (r, K, N): (r, K, K) and (r,)."""
    count, classes, images = fused.shape
    cells = labels * classes + fused.argmax(1) + np.arange(count)[:, None] * classes**2
    tables = np.bincount(cells.ravel(), minlength=count * classes**2).reshape(count, classes, classes)
    own = fused[:, labels, np.arange(images)]
    if space == "prob":
        return tables, -np.log(np.maximum(own, np.finfo(np.float64).tiny)).mean(1)
    most = fused.max(1)
    sums = np.exp(fused - most[:, None]).sum(1)
    return tables, (np.log(sums) + most - own).mean(1)


def fitted(logits: npt.ArrayLike, labels: Ints, space: Space = "logit") -> Floats:
    """(T,) the weights of the highest likelihood; they sum to 1.

    The negative log-likelihood is convex in the weights in either space, so what is found is the best there is.

    Raises:
        DataError: no weights were found.
    """
    given, labels = _logits(logits), np.asarray(labels, np.int64)
    teachers, images, _ = given.shape
    rows = np.arange(images)
    parts = given if space == "logit" else softmax(given, axis=2)
    own = parts[:, rows, labels]

    def lost(weights: Floats) -> tuple[float, Floats]:
        if space == "prob":
            mixed = np.maximum(weights @ own, np.finfo(np.float64).tiny)
            return float(-np.log(mixed).mean()), -(own / mixed).mean(1)
        fused = np.tensordot(weights, parts, 1)
        expected = np.einsum("nk,tnk->tn", softmax(fused, axis=1), parts)
        return float((logsumexp(fused, axis=1) - weights @ own).mean()), (expected - own).mean(1)

    found = minimize(
        lost, np.full(teachers, 1 / teachers), jac=True, method="SLSQP", bounds=[(0, 1)] * teachers,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(teachers)},
        options={"maxiter": 500, "ftol": 1e-12},
    )  # fmt: skip
    if not found.success or not np.isfinite(found.x).all():
        raise DataError(f"no weights fit these logits: {found.message}", hint="weighting=sweep looks at all of them")
    weights: Floats = found.x.clip(0)
    weights /= weights.sum()
    return weights


def _logits(given: npt.ArrayLike) -> Floats:
    logits = np.asarray(given, np.float64)
    if logits.ndim != 3:
        raise ValueError(f"expected (T, N, K), got {logits.shape}")
    if not np.isfinite(logits).all():
        teacher, row, _ = np.argwhere(~np.isfinite(logits))[0]
        raise DataError(f"teacher {teacher}, row {row}: a logit is not a finite number")
    return logits


def _shares(given: npt.ArrayLike) -> Floats:
    weights = np.asarray(given, np.float64)
    if weights.ndim != 1 or not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        raise DataError(f"no weights: {_plain(weights)}", hint="numbers from 0 on, and not all of them 0")
    shares: Floats = weights / weights.sum()
    return shares


def _plain(weights: Floats) -> Sequence[float]:
    return [float(one) for one in weights.ravel()]
