"""Replicates of all coefficients together: multinomial draws of the patterns of codes, or draws of whole clusters."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from engine.stats.coders.arrays import Floats, Ints, Some

PARTS, THREADS = 4, 2  # at least so many portions; what comes out does not depend on the threads
CELLS = 1 << 21  # numbers in memory at once: 16 MiB
MOST_DRAWS = 300_000_000  # more would be minutes
FEW = 32  # columns of a product, below which it is slow
ALONE = 1 << 18  # multiplications up to which BLAS calls for no threads, which on a busy machine wait for each other

Statistic = Callable[[Floats], Floats]
Draw = Callable[[np.random.Generator, int], Some]


def replicates_within(replicates: int, cells: int) -> int:
    """As many replicates as can be drawn in seconds; at least 1,000 of those asked for."""
    return min(replicates, max(1000, MOST_DRAWS // max(cells, 1)))


def of_units(
    features: Floats, counts: Ints, strata: Sequence[Ints], statistic: Statistic, replicates: int, seed: int
) -> Floats:
    """(S, R) statistics of units drawn with replacement.

    Args:
        features: (F, P) what a unit of each pattern adds to the sums.
        counts: (P,) units of each pattern.
        strata: places of patterns from which as many units are drawn each as there are; the rest is left out.
        statistic: of sums (F, R) the statistics (S, R).

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 6; units of one pattern are alike, so
    their counts in a replicate are multinomial.
    """
    # what is drawn last is mostly 0, which costs nothing
    ordered = [some[np.argsort(-counts[some], kind="stable")] for some in strata if len(some)]

    def draw(rng: np.random.Generator, rows: int) -> Some:
        return np.hstack([_multinomial(rng, counts[some], rows) for some in ordered])

    return _replicated(features[:, np.concatenate(ordered)], draw, statistic, replicates, seed)


def _multinomial(rng: np.random.Generator, counts: Ints, rows: int) -> Some:
    return rng.multinomial(int(counts.sum()), counts / counts.sum(), rows)


def of_clusters(features: Floats, strata: Sequence[Ints], statistic: Statistic, replicates: int, seed: int) -> Floats:
    """(S, R) statistics of clusters drawn with replacement; features (F, G) are those of whole clusters.

    Source: Field and Welsh, Journal of the Royal Statistical Society B 69 (2007).
    """
    kept = [some for some in strata if len(some)]

    def draw(rng: np.random.Generator, rows: int) -> Some:
        return np.hstack([_with_replacement(rng, len(some), rows) for some in kept])

    return _replicated(features[:, np.concatenate(kept)], draw, statistic, replicates, seed)


def _with_replacement(rng: np.random.Generator, many: int, rows: int) -> Some:
    """(rows, many) how often each of many things was drawn."""
    picked = rng.integers(0, many, (rows, many)) + many * np.arange(rows)[:, None]
    return np.bincount(picked.ravel(), minlength=rows * many).reshape(rows, many)


def _replicated(features: Floats, draw: Draw, statistic: Statistic, replicates: int, seed: int) -> Floats:
    features = np.ascontiguousarray(features)
    sizes = _portions(replicates, max(features.shape))
    return np.concatenate([statistic(summed(features, drawn)) for drawn in _ahead(draw, sizes, seed)], axis=1)


def _ahead(draw: Draw, sizes: Sequence[int], seed: int) -> Iterator[Some]:
    """What is drawn, each portion with a stream of chance of its own; threads draw the next ones meanwhile."""
    streams = [np.random.Generator(np.random.SFC64(one)) for one in np.random.SeedSequence(seed).spawn(len(sizes))]
    waiting: deque[Future[Some]] = deque()
    with ThreadPoolExecutor(THREADS) as threads:
        for stream, size in zip(streams, sizes, strict=True):
            waiting.append(threads.submit(draw, stream, size))
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
        yield from (one.result() for one in waiting)


def summed(features: Floats, drawn: Some) -> Floats:
    """(F, R) sums of features (F, P) over what was drawn (R, P)."""
    weights = drawn.astype(np.float64)
    sums = np.empty((len(features), len(drawn)))
    few = ALONE // max(features.size, 1)
    step = few if few >= FEW else max(len(drawn), 1)
    for first in range(0, len(drawn), step):
        sums[:, first : first + step] = features @ weights[first : first + step].T
    return sums


def _portions(count: int, width: int) -> list[int]:
    """Numbers of rows that together are the count, none of them too large for the memory."""
    parts = max(PARTS, -(-count * width // CELLS))
    return [size for size in (count * (n + 1) // parts - count * n // parts for n in range(parts)) if size]
