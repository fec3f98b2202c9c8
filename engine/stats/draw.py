"""Which videos go to the test set and which to validation: drawn whole, with every class in its share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from engine.stats.metrics import Floats

TRIES = 2000
NONE_LEFT, NONE_DRAWN = 10.0, 1.0  # cost of a class that one side lacks; training lacks it worse than a test set


def groups(rows: Iterable[Mapping[str, str]], together: Sequence[str]) -> dict[str, str]:
    """For each video the name of its group: videos that share footage, directly or over a third one.

    Args:
        rows: of frames.csv; rows of one video may name different scenes.
        together: columns whose value, where it is not empty, joins all videos that have it.

    A group is called by the first of its videos, in alphabetical order.
    """
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while above.setdefault(name, name) != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for row in rows:
        video = f"video\0{row['video_id']}"
        for column in together:
            if value := row.get(column, "").strip():
                above[top(f"{column}\0{value}")] = top(video)
        top(video)
    videos = sorted(name for name in above if name.startswith("video\0"))
    names: dict[str, str] = {}
    for video in videos:
        names.setdefault(top(video), video.partition("\0")[2])
    return {video.partition("\0")[2]: names[top(video)] for video in videos}


def stratified(
    counts: npt.ArrayLike, share: float, seed: int, *, keep: int = 1, drawn: npt.ArrayLike | None = None,
    left: npt.ArrayLike | None = None,
) -> list[int]:  # fmt: skip
    """Numbers of the groups to draw, so that of every class about `share` of the frames is drawn.

    Of many orders by chance the best beginning is taken: the one whose shares are nearest, and which leaves neither
    side without a class as far as that can be had.

    Args:
        counts: (G, C) frames of each class in each group.
        keep: so many groups at least are not drawn.
        drawn: (C,) frames that are on the drawn side already; then drawing no group at all may be best.
        left: (C,) frames that are on the other side already.
    """
    table = np.asarray(counts, np.float64)
    before = np.zeros(table.shape[1]) if drawn is None else np.asarray(drawn, np.float64)
    after = np.zeros(table.shape[1]) if left is None else np.asarray(left, np.float64)
    fewest = 0 if before.any() else 1
    most = len(table) - keep
    if most < fewest:
        return []
    random, best, found = np.random.default_rng([seed, 5]), np.inf, list[int]()
    for _ in range(TRIES):
        order = random.permutation(len(table))
        sums = before + np.concatenate([np.zeros((1, table.shape[1])), table[order].cumsum(0)])
        costs = _costs(sums, before + after + table.sum(0), share)
        number = fewest + int(costs[fewest : most + 1].argmin())
        if costs[number] < best - 1e-12:
            best, found = costs[number], sorted(int(group) for group in order[:number])
    return found


def _costs(sums: Floats, totals: Floats, share: float) -> Floats:
    """(P,): how far each beginning, which holds `sums` (P, C) frames of the classes, is from what is wanted."""
    there = totals > 0
    parts = sums[:, there] / totals[there]
    missing = NONE_LEFT * (parts >= 1).sum(1) + NONE_DRAWN * (parts <= 0).sum(1)
    costs: Floats = ((parts - share) ** 2).sum(1) + missing
    return costs
