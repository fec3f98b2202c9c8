"""Which frames of the pool coders are asked for next, and which of them were drawn by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.stats import acquire, diverse
from engine.stats.calibration import softmax
from engine.stats.choose import Basket, Hashes, Limits
from engine.stats.metrics import Floats

MODEL, RANDOM = "model", "random"
PICKERS = ("k_centre", "badge", "typical")  # these choose a batch, and not frame by frame
AHEAD = 5  # so many times the batch is ordered by a picker, since quotas refuse some


@dataclass(frozen=True)
class Question:
    """What is asked of the pool.

    Attributes:
        frames: how many are wanted.
        random: the share of them that is drawn by chance alone.
        typical_below: while there are fewer labels a class than this, typical frames come first.
    """

    frames: int
    score: str
    draw: str
    sharpness: float
    random: float
    limits: Limits
    typical_below: int
    seed: int


@dataclass(frozen=True)
class Seen:
    """What one variable's model says of the pool.

    Attributes:
        logits: (N, K) of the pool; passes (P, N, K) the same with dropout, P may be 0.
        features: (N, D) of the pool; labelled (L, D) of the labelled frames; D is 0 where the score needs none.
        labels: how many labelled frames a class there are, in the mean.
    """

    logits: Floats
    passes: Floats
    features: Floats
    labelled: Floats
    temperature: float
    labels: float

    def scores(self) -> Floats:
        """(N, K) after temperature."""
        return softmax(self.logits, self.temperature)


@dataclass(frozen=True)
class Asked:
    """The answer.

    Attributes:
        rows: numbers of the frames, the most wanted first.
        arms: of each whether a model asked for it, or chance.
        scores: (N,) of the whole pool; by_variable: the parts of which they are sums.
    """

    rows: Sequence[int]
    arms: Sequence[str]
    scores: Floats
    by_variable: Mapping[str, Floats]
    used: str
    left_out: Mapping[str, int]


def ask(
    seen: Mapping[str, Seen], videos: Sequence[str], times: Sequence[float], hashes: Hashes, question: Question
) -> Asked:
    """The next batch: first the control arm, drawn by chance from the whole pool, then what the models ask for."""
    used = score_used(question, [one.labels for one in seen.values()])
    scored = {name: _scores(one, used) for name, one in seen.items()}
    total = acquire.summed(list(scored.values())) if len(videos) else np.zeros(0)
    fresh: Callable[[], Basket] = lambda: Basket(videos, times, hashes, question.limits)  # noqa: E731
    chance = [int(row) for row in acquire.by_chance(len(videos), question.seed)]
    room = fresh()
    room.fill(chance, question.frames)  # how many differ enough at all, which a small pool may not have
    count = len(room.picked)
    basket = fresh()
    basket.fill(chance, round(question.random * count))
    by_chance = set(basket.picked)
    basket.fill(_order(seen, total, used, count, question), count)
    rows = sorted(basket.picked, key=lambda row: (-total[row], row))
    arms = [RANDOM if row in by_chance else MODEL for row in rows]
    return Asked(rows, arms, total, scored, used, dict(sorted(basket.left_out.items())))


def note(asked: Asked, question: Question, pool: int) -> str:
    """What to know of a batch that is not what was asked for; empty where nothing."""
    if not pool:
        return "the pool is empty: every frame that frames.csv lists is labelled, on the test side, or in the stop set"
    if len(asked.rows) < question.frames:
        return f"the pool of {pool} frames holds only {len(asked.rows)} that are different and far enough apart"
    return ""


def summary(asked: Asked, question: Question, pool: int, videos: int) -> dict[str, Any]:
    """For metrics.json."""
    arms = Counter(asked.arms)
    return {
        "score": question.score, "used": asked.used, "draw": question.draw, "asked": question.frames,
        "frames": len(asked.rows), "model": arms[MODEL], "random": arms[RANDOM], "videos": videos,
        "left_out": dict(asked.left_out), "note": note(asked, question, pool),
    }  # fmt: skip


def score_used(question: Question, labels: Sequence[float]) -> str:
    """The score that was asked for; while labels are few, what models find hard is mostly odd, so typical instead.

    Args:
        labels: of each variable how many labelled frames a class there are, in the mean.
    """
    return "typical" if min(labels) < question.typical_below else question.score


def _scores(one: Seen, used: str) -> Floats:
    """(N,) in 0..1. Pickers have no score a frame; entropy is written beside them."""
    if used == "margin":
        return acquire.margin(one.scores())
    if used == "bald":
        return acquire.bald(softmax(one.passes, one.temperature))
    return acquire.entropy(one.scores())


def _order(seen: Mapping[str, Seen], total: Floats, used: str, count: int, question: Question) -> list[int]:
    rest = acquire.order(total, question.draw, question.sharpness, question.seed)
    if used not in PICKERS or not len(total):
        return [int(row) for row in rest]
    ahead, all_of_it = AHEAD * count, list(seen.values())
    if used == "badge":
        picked = diverse.badge(
            [one.features for one in all_of_it], [one.scores() for one in all_of_it], ahead, question.seed
        )
    else:
        pick = diverse.k_centre if used == "k_centre" else diverse.typical
        features, labelled = (_beside(all_of_it, name) for name in ("features", "labelled"))
        picked = pick(features, labelled, ahead, question.seed)
    return [int(row) for row in [*picked, *rest]]


def _beside(seen: Sequence[Seen], name: str) -> Floats:
    """The features of all models side by side, each of length 1."""
    return np.concatenate([diverse.unit(getattr(one, name)) for one in seen], axis=1)
