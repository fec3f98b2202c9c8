"""What a round advises, with the numbers that led to it; where the numbers do not suffice, it says that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.stats.metrics import Ints, confusion, kappa

LEAST_GAIN, MOST_GAP, STABLE, STREAK = 0.01, 0.15, 0.99, 3


@dataclass(frozen=True)
class Guidance:
    """One advice.

    Attributes:
        name: diminishing_returns, overfitting or stable.
        verdict: yes, no, or cannot tell: the interval holds the limit.
        says: a sentence with the numbers.
    """

    name: str
    verdict: str
    value: float | None
    low: float | None
    high: float | None
    limit: float
    frames: int
    says: str


def diminishing(gain: Mapping[str, Any], before: int, note: str) -> Guidance:
    """Whether macro-F1 gained less than 1 % over the last round, on the same test frames.

    Args:
        note: why the interval cannot be trusted, where it cannot; then nobody can tell.
    """
    value, (low, high), frames = gain["macro_f1"], gain["intervals"]["macro_f1"], gain["frames"]
    verdict = _verdict(high < LEAST_GAIN, low >= LEAST_GAIN, note)
    said = {
        "yes": f"diminishing returns: less than {LEAST_GAIN}",
        "no": f"{LEAST_GAIN} or more: further labels pay",
        "cannot tell": _cannot(frames, "test", f"this is less than {LEAST_GAIN}", note),
    }[verdict]
    words = f"macro-F1 gained {_between(value, low, high)} over round {before}: {said}"
    return Guidance("diminishing_returns", verdict, value, low, high, LEAST_GAIN, frames, words)


def overfitting(train: float, validation: float, ends: tuple[float, float], frames: int, note: str) -> Guidance:
    """Whether macro-F1 on the training frames lies more than 15 % above that on validation frames."""
    value, (low, high) = train - validation, ends
    verdict = _verdict(low > MOST_GAP, high <= MOST_GAP, note)
    said = {
        "yes": f"overfitting: more than {MOST_GAP} apart",
        "no": f"not more than {MOST_GAP} apart",
        "cannot tell": _cannot(frames, "validation", f"this is more than {MOST_GAP}", note),
    }[verdict]
    scores = f"macro-F1 {train:.3f} in training, {validation:.3f} in validation"
    words = f"{scores}, {_between(value, low, high)}: {said}"
    return Guidance("overfitting", verdict, value, low, high, MOST_GAP, frames, words)


def _verdict(yes: bool, no: bool, note: str) -> str:
    """What the whole interval says, where it can be trusted."""
    if note or not (yes or no):
        return "cannot tell"
    return "yes" if yes else "no"


def _cannot(frames: int, side: str, what: str, note: str) -> str:
    """Why there is no verdict: too few frames, or groups so few that even an interval on one side proves nothing."""
    why = f": the interval is not trusted on whichever side it lies ({note})" if note else ""
    return f"cannot tell with {frames} {side} frames whether {what}{why}"


def _between(value: float, low: float, high: float) -> str:
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def stop_set(before: Ints, now: Ints, classes: int, streak: int) -> dict[str, Any]:
    """How far two models agree on the stop set, and for how many rounds in a row they did.

    Source: Bloodgood and Vijay-Shanker, A Method for Stopping Active Learning Based on Stabilizing Predictions (2009).
    """
    alike = kappa(confusion(before, now, classes))
    share = float((before == now).mean())
    same = share == 1.0 if alike is None else alike >= STABLE
    return {"frames": len(now), "kappa": alike, "share": share, "streak": streak + 1 if same else 0}


def stable(found: Mapping[str, Any]) -> Guidance:
    """Whether successive models have agreed for three rounds, so that further ones will hardly differ."""
    alike, streak, frames = found["kappa"], found["streak"], found["frames"]
    verdict = "yes" if streak >= STREAK else "no"
    if alike is None:
        told = f"all one class, {found['share']:.0%} alike: kappa is undefined"
    else:
        told = f"kappa {alike:.3f}, {STABLE} in {streak} of {STREAK} rounds in a row"
    said = "predictions no longer change: stop" if verdict == "yes" else "predictions still change"
    if verdict == "no" and streak:
        said = "not for long enough to stop"
    words = f"on the {frames} frames of the stop set this model and the last one: {told}: {said}"
    return Guidance("stable", verdict, alike, None, None, STABLE, frames, words)


def plain(found: Sequence[Guidance]) -> list[dict[str, Any]]:
    """For JSON."""
    return [asdict(one) for one in found]


def arms(model: Sequence[bool], random: Sequence[bool]) -> dict[str, Any]:
    """The last model's errors on frames it asked for, against frames drawn by chance, once both have labels.

    Args:
        model, random: for each newly labelled frame of an arm whether the last model was wrong on it.

    Source of the interval: Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10.
    """
    sides = {name: _errors(wrong) for name, wrong in (("model", model), ("random", random))}
    if not model or not random:
        lacking = " and ".join(name for name in sides if not sides[name]["frames"])
        return {**sides, "difference": None, "interval": None, "says": f"no labels yet in the arm: {lacking}"}
    difference = sides["model"]["error"] - sides["random"]["error"]
    low, high = newcombe(sum(model), len(model), sum(random), len(random))
    shares = " against ".join(f"{sides[name]['error']:.2f} of {sides[name]['frames']}" for name in sides)
    words = f"{_picked(low, high)}: the last model was wrong on {shares}, {_between(difference, low, high)}"
    return {**sides, "difference": difference, "interval": [low, high], "says": words}


def _picked(low: float, high: float) -> str:
    if low > 0:
        return "what the model asked for was harder for it than frames drawn by chance"
    if high < 0:
        return "what the model asked for was easier for it than frames drawn by chance: its scores mislead"
    return "cannot tell whether the model asked for harder frames than chance does"


def newcombe(one: int, of_one: int, other: int, of_other: int) -> tuple[float, float]:
    """95 % interval of a difference of two shares, from Wilson's interval of each."""
    (p, low_p, high_p), (q, low_q, high_q) = wilson(one, of_one), wilson(other, of_other)
    return p - q - float(np.hypot(p - low_p, high_q - q)), p - q + float(np.hypot(high_p - p, q - low_q))


def wilson(count: int, total: int) -> tuple[float, float, float]:
    """A share and its 95 % score interval. Source: Wilson, JASA 22 (1927), 209-212."""
    z, share = 1.959963984540054, count / total
    middle, wide = (
        share + z * z / (2 * total),
        z * float(np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))),
    )
    return share, (middle - wide) / (1 + z * z / total), (middle + wide) / (1 + z * z / total)


def _errors(wrong: Sequence[bool]) -> dict[str, Any]:
    return {"frames": len(wrong), "wrong": sum(wrong), "error": sum(wrong) / len(wrong) if wrong else None}
