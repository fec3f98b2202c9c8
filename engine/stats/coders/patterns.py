"""Units with the same codes by the same coders, counted: all that coefficients and the bootstrap need to know.

Source: for two coders a draw of units with replacement is a multinomial draw of the cells of their table; for more
coders and missing codes it is one of the distinct columns of the codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.errors import DataError
from engine.stats.coders.arrays import BLANK, CANT_TELL, UNSEEN, Codes, Floats, Ints, Some
from engine.stats.coders.codebook import Codebook

MOST_KEYS = 1 << 22  # distinct columns that are counted by a number each


@dataclass(frozen=True)
class Patterns:
    """Distinct columns (P, C) of codes, as places in the codebook, and how many units have each."""

    codes: Codes
    counts: Ints
    of: Ints | None = None  # (N,) the pattern of each unit; only where somebody asked for it

    @property
    def coders(self) -> int:
        return int(self.codes.shape[1])

    @cached_property
    def coded(self) -> Ints:
        """(P,) by how many coders a unit was coded."""
        coded: Ints = (self.codes >= 0).sum(1)
        return coded

    def by_label(self, labels: int) -> Floats:
        """(P, K) how many coders gave each label."""
        counts: Floats = self.given(labels).sum(1)
        return counts

    def given(self, labels: int) -> Floats:
        """(P, C, K) 1 where a coder gave a label."""
        given: Floats = (self.codes[:, :, None] == np.arange(labels)).astype(np.float64)
        return given

    def blanks_as(self, place: int) -> Patterns:
        """The same with blanks as the label of a place, or as UNSEEN; "can't tell" is no label in either reading."""
        known = np.where(self.codes == CANT_TELL, UNSEEN, self.codes)
        return self._anew(np.where(known == BLANK, place, known).astype(np.int16))

    def of_coders(self, coders: Sequence[int]) -> Patterns:
        """The same of some of the coders."""
        return self._anew(self.codes[:, list(coders)])

    def _anew(self, codes: Codes) -> Patterns:
        """With other codes in place of each pattern's, of which some may now be the same."""
        whole, number = _merged(codes)
        counts = np.bincount(number, self.counts, len(whole)).astype(np.int64)
        return Patterns(whole, counts, None if self.of is None else number[self.of])


def patterns(codes: Any, book: Codebook, *, each: bool = False) -> Patterns:
    """The patterns of codes (C, N).

    Args:
        codes: a row a coder: labels, None or NaN (unseen), "" (seen and left blank), or the codebook's "can't tell";
            lists, or one array.
        each: keep the pattern of each unit as well.

    Raises:
        DataError: a code is no label, or a coder has fewer units than another.
    """
    if isinstance(codes, np.ndarray) and codes.ndim != 2:
        raise DataError(f"codes: expected a row a coder and a column a unit, got the shape {codes.shape}")
    if len({len(row) for row in codes}) > 1:
        raise DataError(f"codes: rows of {', '.join(str(len(row)) for row in codes)} units; expected as many in each")
    if isinstance(codes, np.ndarray) and codes.dtype.kind in "iuf":
        return _counted(_places(codes, book), len(book), each)
    rows = codes.tolist() if isinstance(codes, np.ndarray) else [_listed(row) for row in codes]
    return _of_lists(rows, book, each)


def _listed(row: Any) -> Sequence[Any]:
    listed: Sequence[Any] = row.tolist() if isinstance(row, np.ndarray) else row
    return listed


def _of_lists(rows: Sequence[Sequence[Any]], book: Codebook, each: bool) -> Patterns:
    """Columns are counted as they are, and only distinct ones are looked up: swift for any number of units."""
    try:
        counted = Counter(zip(*rows, strict=True))
    except TypeError as error:  # a list, say, which cannot be counted
        raise DataError(f"codes: {error}", hint="a code is a label, None or an empty text") from None
    places = {code: book.place(code) for column in counted for code in column}
    if None in places.values():
        _tell(rows, book)
    kept = np.array([[places[code] for code in column] for column in counted], dtype=np.int16)
    whole, number = _merged(kept.reshape(len(counted), len(rows)))
    counts = np.bincount(number, np.fromiter(counted.values(), np.int64, len(counted)), len(whole)).astype(np.int64)
    if not each:
        return Patterns(whole, counts)
    numbers = dict(zip(counted, number.tolist(), strict=True))
    of = np.fromiter(map(numbers.__getitem__, zip(*rows, strict=True)), np.int64, int(counts.sum()))
    return Patterns(whole, counts, of)


def _merged(columns: Codes) -> tuple[Codes, Ints]:
    """Distinct columns in a fixed order (1 and "1" are one label), and which of them each one is."""
    if not columns.size:  # no units, or no coders, whose units are all alike
        return columns[:1], np.zeros(len(columns), dtype=np.int64)
    whole, number = np.unique(columns, axis=0, return_inverse=True)
    return whole, number.reshape(-1)


def _tell(rows: Sequence[Sequence[Any]], book: Codebook) -> None:
    for coder, row in enumerate(rows, start=1):
        for unit, code in enumerate(row, start=1):
            if book.place(code) is None:
                raise DataError(
                    f"coder {coder}, unit {unit}: {code!r} is no label",
                    hint=f"labels are {', '.join(book.names)}; None is unseen, an empty text is blank",
                )


def _places(codes: Some, book: Codebook) -> Codes:
    """Places of an array of numbers."""
    values, number = _distinct(codes)
    places = [book.place(value) for value in values.tolist()]
    if None in places:
        _tell(codes.tolist(), book)
    return np.array(places, dtype=np.int16)[number].reshape(codes.shape)


def _distinct(codes: Some) -> tuple[Some, Some]:
    """Distinct values, and which one each code is; without sorting where the numbers are small."""
    if codes.dtype.kind in "iu" and codes.size and int(codes.min()) >= 0 and int(codes.max()) < 1 << 15:
        seen = np.flatnonzero(np.bincount(codes.ravel()))
        table = np.zeros(int(seen[-1]) + 1, dtype=np.int16)
        table[seen] = np.arange(len(seen))
        return seen, table[codes]
    values, number = np.unique(codes, return_inverse=True)
    return values, number


def _counted(places: Codes, labels: int, each: bool) -> Patterns:
    """Columns as numbers in base K + 3, counted; where these would be too many, sorted."""
    coders, base = len(places), labels - UNSEEN
    if base**coders > MOST_KEYS:
        whole, number, counts = np.unique(places.T, axis=0, return_inverse=True, return_counts=True)
        return Patterns(whole, counts, number.reshape(-1) if each else None)
    keys = np.zeros(places.shape[1], dtype=np.int32)
    for row in places:
        keys *= base
        keys += row - UNSEEN
    counts = np.bincount(keys, minlength=1)
    there = np.flatnonzero(counts)
    whole = np.stack([there // base**place % base + UNSEEN for place in range(coders - 1, -1, -1)], axis=1)
    of = np.searchsorted(there, keys) if each else None
    return Patterns(whole.astype(np.int16), counts[there], of)
