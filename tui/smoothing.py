"""A smoothed curve: an exponential mean without the pull of its beginning towards 0."""

from __future__ import annotations

from collections.abc import Iterable

LEVELS = (0.0, 0.6, 0.9, 0.97)  # off, and how much of the mean so far stays at each point


def following(weight: float) -> float:
    """The next level, and after the last one off."""
    return LEVELS[(LEVELS.index(weight) + 1) % len(LEVELS)] if weight in LEVELS else 0.0


def smoothed(means: Iterable[tuple[float, float, int]], weight: float) -> tuple[list[float], list[float]]:
    """Steps and smoothed values of (step, mean, number of points that it is the mean of).

    With v the points and w the weight, m(i) = w m(i-1) + (1 - w) v(i) from m(0) = 0, shown as m(i) / (1 - w^i): the
    division takes out that m began at 0. Of n thinned neighbours only the mean is known, which stands for each of them:
    n steps of the same formula with one value.

    Source: Kingma and Ba, Adam (2015), section 3 (bias correction); TensorBoard smooths its scalars so.
    """
    steps, values = [], []
    mean, rest = 0.0, 1 - weight
    share = 1.0  # w^i
    before, stays = 1, weight
    for step, value, count in means:
        if count != before:
            before, stays = count, weight**count
            rest = 1 - stays
        mean = stays * mean + rest * value
        share *= stays
        steps.append(step)
        values.append(mean / (1 - share))
    return steps, values
