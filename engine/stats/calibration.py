"""How far scores can be believed: calibration error, and the temperature that mends it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from engine.errors import DataError
from engine.stats.metrics import Floats, Ints

LOWEST, HIGHEST = 0.05, 100.0
FLAT = 1e-12


@dataclass(frozen=True)
class Temperature:
    """By what logits are divided before softmax.

    Attributes:
        nll: mean negative log-likelihood at that temperature, in nats.
        nll_before: the same at 1.
        at_bound: the likelihood has no maximum between 0.05 and 100: these logits are always right, or no better than
            guessing, and their temperature means nothing.
    """

    temperature: float
    nll: float
    nll_before: float
    at_bound: bool


@dataclass(frozen=True)
class Bin:
    """The predictions whose confidence is above `low` and at most `high`; means are None where there are none."""

    low: float
    high: float
    frames: int
    confidence: float | None
    accuracy: float | None


def fit_temperature(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Temperature:
    """The temperature of the highest likelihood for logits (N, K) and class numbers (N,); exact, in float64.

    The likelihood is convex in 1 / T, so it has one maximum along log T.

    Raises:
        DataError: there are no frames, or a logit is no number.

    Source: Guo et al., On Calibration of Modern Neural Networks (2017), section 4.2.
    """
    given, truth = _checked(logits, labels)

    def lost(log_t: float) -> float:
        return nll(given / np.exp(log_t), truth)

    ends = np.log([LOWEST, HIGHEST])
    found = minimize_scalar(lost, bounds=tuple(ends), method="bounded", options={"xatol": 1e-10, "maxiter": 500})
    best, place = min((lost(ends[0]), float(ends[0])), (lost(ends[1]), float(ends[1])))
    if best <= found.fun + FLAT:
        return Temperature(float(np.exp(place)), best, nll(given, truth), at_bound=True)
    return Temperature(float(np.exp(found.x)), float(found.fun), nll(given, truth), at_bound=False)


def nll(logits: Floats, labels: Ints) -> float:
    """Mean negative log-likelihood of class numbers (N,) under the softmax of logits (N, K), in nats."""
    return float((logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]).mean())


def ece(probs: npt.ArrayLike, labels: npt.ArrayLike, bins: int = 15) -> float:
    """Expected calibration error: the gap between confidence and accuracy, mean over frames, by equal bins.

    Args:
        probs: (N, K) scores that sum to 1; the confidence is the highest of them.
        labels: (N,) class numbers.
        bins: of equal width, each open below and closed above, so a confidence of 1.0 is in the last one.

    Source: Guo et al. (2017), equation 3.
    """
    given, truth = _checked(probs, labels)
    found = reliability(given, truth, bins)
    gaps = [
        one.frames * abs(one.accuracy - one.confidence)
        for one in found
        if one.accuracy is not None and one.confidence is not None
    ]
    return float(sum(gaps) / len(truth))


def reliability(probs: npt.ArrayLike, labels: npt.ArrayLike, bins: int = 15) -> list[Bin]:
    """What a reliability diagram draws: confidence and accuracy in each of the bins."""
    given, truth = _checked(probs, labels)
    confidence, right = given.max(1), given.argmax(1) == truth
    edges, place = np.linspace(0, 1, bins + 1), places(confidence, bins)
    return [_bin(edges[n], edges[n + 1], confidence[place == n], right[place == n]) for n in range(bins)]


def places(confidence: Floats, bins: int) -> Ints:
    """(N,) the number of the bin of each confidence: open below, closed above, and 0 in the first one."""
    found: Ints = np.searchsorted(np.linspace(0, 1, bins + 1), confidence, side="left") - 1
    return found.clip(0, bins - 1)


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Scores (N, K) of logits (N, K) that are divided by a temperature first."""
    scaled = logits / temperature
    scores: Floats = np.exp(scaled - logsumexp(scaled, axis=-1, keepdims=True))
    return scores


def _bin(low: float, high: float, confidence: Floats, right: npt.NDArray[np.bool_]) -> Bin:
    if not len(right):
        return Bin(float(low), float(high), 0, None, None)
    return Bin(float(low), float(high), len(right), float(confidence.mean()), float(right.mean()))


def _checked(values: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Floats, Ints]:
    given, truth = np.asarray(values, np.float64), np.asarray(labels, np.int64)
    if given.ndim != 2 or truth.shape != given.shape[:1]:
        raise ValueError(f"expected (N, K) and (N,), got {given.shape} and {truth.shape}")
    if not len(truth):
        raise DataError("calibration of no frames at all", hint="it needs labelled frames that were not trained on")
    if not np.isfinite(given).all():
        raise DataError("a score or logit is not a finite number")
    return given, truth
