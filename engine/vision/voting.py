"""What a classifier tells of a frame and of a video: rounded probabilities, labels, and votes that are exact. No torch.

Probabilities are rounded to 4 decimals, half to even, and everything else is made of the rounded ones: the label is
that of the largest, the first one in the order of classes where two are equal; shares and means are exact fractions of
them, rounded once. So batches, workers and the order of completion, which move the last bits of a sum, change no byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.vision.consuming import Column, Row

DECIMALS = 4
UNITS = 10**DECIMALS
Scores = npt.NDArray[np.int64]
TIE = "ties go to the higher mean probability, then to the first class in order"


def rounded(probabilities: npt.NDArray[np.float64]) -> Scores:
    """(N, K) whole numbers of 1/10,000, half to even."""
    scores: Scores = np.rint(probabilities * UNITS).astype(np.int64)
    return scores


def cells(classes: Sequence[str], scores: Sequence[int] | Scores) -> list[Any]:
    """Label, confidence, and a probability a class, of a frame's scores (K,) in units of 1/10,000."""
    best = int(np.argmax(scores))
    return [classes[best], int(scores[best]) / UNITS, *(int(score) / UNITS for score in scores)]


def vote(classes: Sequence[str], rows: Sequence[Row]) -> list[Any]:
    """Label, share of votes, tied, mean probabilities: of frames' rows (label, confidence, a probability a class).

    Where two classes have as many votes, the one with the higher mean probability wins; where these are equal too, the
    first one in the order of classes.
    """
    votes = Counter(row[0] for row in rows)
    sums = [sum(round(float(row[2 + n] or 0) * UNITS) for row in rows) for n in range(len(classes))]
    most = max(votes.values())
    ahead = [n for n, name in enumerate(classes) if votes[name] == most]
    best = max(ahead, key=lambda n: (sums[n], -n))
    means = [round(Fraction(total, len(rows))) / UNITS for total in sums]
    return [classes[best], float(round(Fraction(most * UNITS, len(rows)))) / UNITS, len(ahead) > 1, *means]


def frame_columns(name: str, classes: Sequence[str]) -> list[Column]:
    """What a classifier tells of a frame."""
    of_each = [
        _share(f"{name}_p_{one}", f"{name}: probability of {one}, rounded to {DECIMALS} decimals") for one in classes
    ]
    return [
        Column(f"{name}_label", "text", f"{name}: the class with the highest probability", "", ", ".join(classes)),
        _share(f"{name}_confidence", f"{name}: the probability of that class"),
        *of_each,
    ]


def video_columns(name: str, classes: Sequence[str]) -> list[Column]:
    """What a classifier tells of a video."""
    return [
        Column(f"{name}_label", "text", f"{name}: the class of most frames; {TIE}", "", ", ".join(classes)),
        _share(f"{name}_share", f"{name}: the share of frames with that class"),
        Column(f"{name}_tied", "bool", f"{name}: whether another class had as many frames; {TIE}"),
        *(_share(f"{name}_p_{one}", f"{name}: mean probability of {one}") for one in classes),
    ]


def _share(name: str, about: str) -> Column:
    return Column(name, "float", about, "", "0 to 1", DECIMALS)
