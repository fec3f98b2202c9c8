"""Labels in the codebook's order: which place a code has, and how far labels are from each other."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from engine.errors import AskError, DataError
from engine.stats.coders.arrays import BLANK, CANT_TELL, UNSEEN, Floats

LEVELS = ("nominal", "ordinal", "interval", "ratio")


class Codebook:
    """The labels that a code may be, in order, the level of their scale, and the code that says "can't tell"."""

    def __init__(self, labels: Sequence[Any], level: str, disagreement: Any = None, cant_tell: Any = None) -> None:
        if level not in LEVELS:
            raise AskError(f"level: {level!r} is none", hint=f"one of {', '.join(LEVELS)}")
        self.labels, self.level = [_plain(label) for label in labels], level
        if None in self.labels:
            raise DataError("labels: one is None", hint="None means unseen; name only labels")
        self.names = [str(label) for label in self.labels]
        _check(self.names)
        numbers = [number(label) for label in self.labels]
        self.numbers = None if None in numbers else np.array(numbers, dtype=np.float64)
        self._places, self._cant_tell = self._known(), cant_tell
        self.disagreement = None if disagreement is None else _square(disagreement, len(self.labels))
        if level == "ratio" and (self.numbers is None or (self.numbers < 0).any()):
            raise AskError("level: ratio needs labels that are numbers from 0 on", hint="interval, or ordinal")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def values(self) -> Floats:
        """Where labels stand on an interval scale: their own numbers, else their places."""
        return np.arange(len(self), dtype=np.float64) if self.numbers is None else self.numbers

    def place(self, code: Any) -> int | None:
        """The place of a code, BLANK, CANT_TELL or UNSEEN; None where it is no label."""
        if code is None or (isinstance(code, float) and math.isnan(code)):
            return UNSEEN
        if isinstance(code, str) and not code:
            return BLANK
        found = self._places.get(code) if isinstance(code, Hashable) else None
        if found is None and (value := number(code)) is not None:
            found = self._places.get(value)
        return CANT_TELL if found is None and self._cant_tell is not None and code == self._cant_tell else found

    def _known(self) -> dict[Any, int]:
        """Places by label, by its text, and by its number where no other label has the same."""
        places: dict[Any, int] = {}
        for keys in (self.labels, self.names, map(number, self.labels)):
            for place, key in enumerate(keys):
                places.setdefault(key, place)
        places.pop(None, None)
        return places


def number(label: Any) -> float | None:
    """What a label is worth where it is a finite number, or a text that reads as one."""
    try:
        value = float(label)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _plain(label: Any) -> Any:
    """Without numpy's own kinds of number."""
    return label.item() if isinstance(label, np.generic) else label


def _square(disagreement: Any, labels: int) -> Floats:
    """Weights of disagreement (K, K), checked."""
    given: Floats = np.asarray(disagreement, dtype=np.float64)
    square = given.shape == (labels, labels)
    if not square or given.diagonal().any() or not (given >= 0).all() or not (given == given.T).all():
        raise AskError(
            "weights: expected a number from 0 on for each two labels, 0 for a label and itself",
            hint=f"{labels} rows of {labels}, the same both ways",
        )
    return given


def _check(names: Sequence[str]) -> None:
    if not names:
        raise DataError("no labels", hint="name the codebook's labels, in its order")
    if "" in names:
        raise DataError("labels: one is empty", hint="an empty code means seen and left blank; name only labels")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"labels: named twice: {', '.join(twice)}")
