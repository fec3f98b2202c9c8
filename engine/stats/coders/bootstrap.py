"""Replicates of all coefficients together: multinomial draws of the patterns of codes, or draws of whole clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from engine.stats.coders.arrays import Floats, Ints

PARTS = 4  # each with a stream of chance of its own, so that what comes out does not depend on how many run at once
CELLS = 1 << 21  # numbers in memory at once: 16 MiB
MOST_DRAWS = 300_000_000  # more would be minutes

Statistic = Callable[[Floats], Floats]


def replicates_within(replicates: int, cells: int) -> int:
    """As many replicates as can be drawn in seconds; at least 1,000 of those asked for."""
    return min(replicates, max(1000, MOST_DRAWS // max(cells, 1)))


def of_units(features: Floats, counts: Ints, statistic: Statistic, replicates: int, seed: int) -> Floats:
    """(S, R) statistics of units drawn with replacement.

    Args:
        features: (F, P) what a unit of each pattern adds to the sums.
        counts: (P,) units of each pattern.
        statistic: of sums (F, R) the statistics (S, R).

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 6; units of one pattern are alike, so
    their counts in a replicate are multinomial.
    """
    order = np.argsort(-counts, kind="stable")  # what is drawn last is mostly 0, which costs nothing
    shares = counts[order] / counts.sum()
    ordered, units = np.ascontiguousarray(features[:, order]), int(counts.sum())
    return _replicated(
        lambda rng, rows: ordered @ rng.multinomial(units, shares, rows).T, len(shares), statistic, replicates, seed
    )


def of_clusters(features: Floats, statistic: Statistic, replicates: int, seed: int) -> Floats:
    """(S, R) statistics of clusters drawn with replacement; features (F, G) are those of whole clusters.

    Source: Field and Welsh, Journal of the Royal Statistical Society B 69 (2007).
    """
    groups = features.shape[1]
    shares = np.full(groups, 1 / groups)
    return _replicated(
        lambda rng, rows: features @ rng.multinomial(groups, shares, rows).T, groups, statistic, replicates, seed
    )


def _replicated(
    draw: Callable[[np.random.Generator, int], Floats], cells: int, statistic: Statistic, replicates: int, seed: int
) -> Floats:
    streams = np.random.SeedSequence(seed).spawn(PARTS)

    def part(place: int) -> list[Floats]:
        rng = np.random.Generator(np.random.SFC64(streams[place]))
        rows = replicates * (place + 1) // PARTS - replicates * place // PARTS
        return [statistic(draw(rng, some)) for some in _portions(rows, cells)]

    with ThreadPoolExecutor(PARTS) as threads:
        return np.concatenate([found for parts in threads.map(part, range(PARTS)) for found in parts], axis=1)


def _portions(count: int, width: int) -> Iterator[int]:
    """Numbers of rows that together are the count, none of them too large for the memory."""
    most = max(1, CELLS // max(width, 1))
    while count > 0:
        yield min(most, count)
        count -= most
