"""The same image more than once, found by what its file holds: in two splits, with two labels, or just twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from engine.manifests import Row

Digests = npt.NDArray[np.bytes_]  # (N,) 32 bytes each: half a million are 15 MB
LEAK, CONFLICT, REPEAT = "two splits", "two labels", "repeated"


def digests(hashes: bytearray) -> Digests:
    """(N,) of N times 32 bytes."""
    return np.frombuffer(hashes, dtype="S32")


def repeated(found: Digests) -> dict[int, int]:
    """Of each row whose content occurs again, the number of its group; groups are in order of their first row."""
    _, group, sizes = np.unique(found, return_inverse=True, return_counts=True)
    several = np.flatnonzero(sizes[group] > 1)
    numbers: dict[int, int] = {}
    return {int(row): numbers.setdefault(int(group[row]), len(numbers) + 1) for row in several}


def kind(rows: Sequence[Row]) -> str:
    """What is wrong with rows of one image, the worst first: in two splits, under two labels, or only repeated."""
    if len({row.split for row in rows}) > 1:
        return LEAK
    return CONFLICT if len({row.label for row in rows}) > 1 else REPEAT


def gathered(rows: Iterable[Row], groups: dict[int, int]) -> Iterator[tuple[int, str, list[Row]]]:
    """Number, kind and rows of each group."""
    found: dict[int, list[Row]] = {}
    for number, row in enumerate(rows):
        if number in groups:
            found.setdefault(groups[number], []).append(row)
    for number, same in sorted(found.items()):
        yield number, kind(same), same


def leaks(found: Iterable[tuple[int, str, Sequence[Row]]]) -> Counter[str]:
    """Images in two splits, by which these are: `test + train`."""
    return Counter(" + ".join(sorted({row.split for row in rows})) for _, what, rows in found if what == LEAK)
