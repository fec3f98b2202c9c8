"""Frames that differ from each other: batches that cover the pool instead of asking the same question many times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.cluster import KMeans

from engine.stats.metrics import Floats, Ints

NEIGHBOURS = 20
CLUSTERS = 500
ROWS = 512  # at a time, so that all distances of a large pool are never in memory together


def k_centre(features: Floats, labelled: Floats, count: int, seed: int) -> Ints:
    """Up to `count` frame numbers, each the farthest from everything that is labelled or picked so far.

    Args:
        features: (N, D) of the pool.
        labelled: (L, D) of what is labelled; may be empty, then the first is drawn by chance.

    Source: Sener and Savarese, Active Learning for CNNs: A Core-Set Approach (2018), algorithm 1.
    """
    nearest = np.full(len(features), np.inf)
    for start in range(0, len(labelled), ROWS):
        nearest = np.minimum(nearest, distances(features, labelled[start : start + ROWS]).min(1))
    picked: list[int] = []
    while len(picked) < min(count, len(features)):
        first = not len(labelled) and not picked
        pick = int(np.random.default_rng([seed, 3]).integers(len(features))) if first else int(nearest.argmax())
        picked.append(pick)
        nearest = np.minimum(nearest, distances(features, features[pick : pick + 1])[:, 0])
        nearest[picked] = -1
    return np.array(picked, np.int64)


def badge(features: Sequence[Floats], scores: Sequence[Floats], count: int, seed: int) -> Ints:
    """Up to `count` frame numbers by k-means++ over the gradients that the likeliest label would give the last layer.

    Args:
        features: (N, D) just before the head, for each model.
        scores: (N, K) of each model.

    A gradient is the outer product of (scores - one at the likeliest class) and features, so squared distances of
    gradients follow from the two parts: |a|²|x|² + |b|²|y|² - 2 (a·b)(x·y); none of them is ever written out.
    Source: Ash et al., Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds (2020).
    """
    errors = [_error(each) for each in scores]
    sizes = sum(
        ((e**2).sum(1) * (f**2).sum(1) for e, f in zip(errors, features, strict=True)), np.zeros(len(scores[0]))
    )
    random = np.random.default_rng([seed, 4])
    picked, nearest = [int(sizes.argmax())], np.full(len(sizes), np.inf)
    while len(picked) < min(count, len(sizes)):
        one = picked[-1]
        shared = sum(((e @ e[one]) * (f @ f[one]) for e, f in zip(errors, features, strict=True)), np.zeros(len(sizes)))
        nearest = np.minimum(nearest, np.maximum(sizes + sizes[one] - 2 * shared, 0))
        nearest[picked] = 0
        if nearest.sum() <= 0:  # all that is left is the same as something picked
            break
        picked.append(int(random.choice(len(sizes), p=nearest / nearest.sum())))
    return np.array(picked, np.int64)


def typical(features: Floats, labelled: Floats, count: int, seed: int) -> Ints:
    """Up to `count` frame numbers, each the most typical of a cluster in which nothing is labelled or picked yet.

    With few labels a model does not know what it does not know, and hard frames are odd ones.
    Typical is who is near to the neighbours: 1 / mean distance to the 20 nearest of the same cluster.
    Source: Hacohen, Dekel and Weinshall, Active Learning on a Budget (2022), section 3.
    """
    everything = np.concatenate([labelled, features])
    clusters = min(len(labelled) + count, CLUSTERS, len(everything))
    number = KMeans(clusters, n_init=1, random_state=seed).fit_predict(everything)
    covered = np.bincount(number[: len(labelled)], minlength=clusters)
    members = [np.flatnonzero(number[len(labelled) :] == n) for n in range(clusters)]
    queues = [list(_by_typicality(features, rows)) for rows in members]
    sizes, picked = [len(rows) for rows in members], list[int]()
    while len(picked) < count and any(queues):
        # Of the clusters that are covered least, the largest.
        n = min((n for n in range(clusters) if queues[n]), key=lambda n: (covered[n], -sizes[n], n))
        picked.append(queues[n].pop(0))
        covered[n] += 1
    return np.array(picked, np.int64)


def unit(features: Floats) -> Floats:
    """(N, D), each row of length 1, so that the features of several models count alike side by side."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    found: Floats = features / np.where(lengths > 0, lengths, 1)
    return found


def distances(one: Floats, other: Floats) -> Floats:
    """(N, M) squared distances of rows (N, D) and (M, D)."""
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
    found: Floats = np.maximum(squares, 0)
    return found


def _error(scores: Floats) -> Floats:
    likeliest = np.zeros_like(scores)
    likeliest[np.arange(len(scores)), scores.argmax(1)] = 1
    return scores - likeliest


def _by_typicality(features: Floats, rows: Ints) -> list[int]:
    far = np.empty(len(rows))
    near = max(1, min(NEIGHBOURS, len(rows) - 1))
    for start in range(0, len(rows), ROWS):
        found = np.sqrt(distances(features[rows[start : start + ROWS]], features[rows]))
        far[start : start + ROWS] = np.sort(found, axis=1)[:, : near + 1].sum(1) / near  # the nearest is itself
    return [int(rows[n]) for n in np.lexsort((rows, far))]
