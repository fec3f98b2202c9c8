"""Coefficients of agreement as their definitions read, in loops over units, coders and labels; slow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations, permutations

Rows = Sequence[Sequence[int | None]]
Metric = Callable[[int, int], Fraction]


def columns(rows: Rows) -> list[list[int]]:
    """The codes of each unit, without missing ones."""
    return [[code for code in column if code is not None] for column in zip(*rows, strict=True)]


def percent(rows: Rows, weight: Metric) -> Fraction | None:
    """Mean over units with two or more codes of the mean weight of their ordered pairs."""
    found = []
    for codes in columns(rows):
        if len(codes) >= 2:
            pairs = list(permutations(codes, 2))
            found.append(sum((weight(a, b) for a, b in pairs), Fraction(0)) / len(pairs))
    return sum(found, Fraction(0)) / len(found) if found else None


def identity(one: int, other: int) -> Fraction:
    return Fraction(int(one == other))


def quadratic(labels: int) -> Metric:
    return lambda one, other: 1 - Fraction((one - other) ** 2, max(labels - 1, 1) ** 2)


def linear(labels: int) -> Metric:
    return lambda one, other: 1 - Fraction(abs(one - other), max(labels - 1, 1))


def beyond(observed: Fraction | None, chance: Fraction | None) -> float | None:
    if observed is None or chance is None or chance == 1:
        return None
    return float((observed - chance) / (1 - chance))


def shares(rows: Rows, labels: int) -> list[Fraction]:
    """Mean over units with a code of the share of each label."""
    coded = [codes for codes in columns(rows) if codes]
    return [
        sum((Fraction(codes.count(k), len(codes)) for codes in coded), Fraction(0)) / len(coded) for k in range(labels)
    ]


def fleiss(rows: Rows, labels: int) -> float | None:
    observed = percent(rows, identity)
    return (
        None if observed is None else beyond(observed, sum((share**2 for share in shares(rows, labels)), Fraction(0)))
    )


def gwet(rows: Rows, labels: int, weight: Metric) -> float | None:
    observed = percent(rows, weight)
    if observed is None:
        return None
    total = sum((weight(a, b) for a in range(labels) for b in range(labels)), Fraction(0))
    chance = total * sum((share * (1 - share) for share in shares(rows, labels)), Fraction(0)) / (labels * (labels - 1))
    return beyond(observed, chance)


def conger(rows: Rows, labels: int, weight: Metric) -> float | None:
    """Chance is the mean over pairs of coders; of two coders (Cohen) only units that both coded count."""
    rows = [row for row in rows if any(code is not None for code in row)]
    observed = percent(rows, weight)
    if observed is None:
        return None
    if len(rows) == 2:
        both = [pair for pair in zip(*rows, strict=True) if None not in pair]
        rows = list(zip(*both, strict=True))
    given = [[code for code in row if code is not None] for row in rows]
    share = [[Fraction(codes.count(k), len(codes)) for k in range(labels)] for codes in given]
    chances = [
        sum((weight(a, b) * one[a] * other[b] for a in range(labels) for b in range(labels)), Fraction(0))
        for one, other in combinations(share, 2)
    ]  # fmt: skip
    return beyond(observed, sum(chances, Fraction(0)) / len(chances))


def alpha(rows: Rows, metric: Metric) -> float | None:
    """1 - observed over expected disagreement; expected among all pairs of codes that could be compared."""
    units = [codes for codes in columns(rows) if len(codes) >= 2]
    codes = [code for unit in units for code in unit]
    observed = sum(
        (sum((metric(a, b) for a, b in permutations(unit, 2)), Fraction(0)) / (len(unit) - 1) for unit in units),
        Fraction(0),
    )
    expected = sum((metric(a, b) for a, b in permutations(codes, 2)), Fraction(0))
    if not expected:
        return None
    return float(1 - (len(codes) - 1) * observed / expected)


def nominal(one: int, other: int) -> Fraction:
    return Fraction(int(one != other))


def interval(one: int, other: int) -> Fraction:
    return Fraction((one - other) ** 2)


def ordinal(rows: Rows, labels: int) -> Metric:
    """Krippendorff's: codes from one label to the other, both included, less half of the two ends, squared."""
    codes = [code for unit in columns(rows) if len(unit) >= 2 for code in unit]
    counts = [codes.count(k) for k in range(labels)]

    def metric(one: int, other: int) -> Fraction:
        low, high = sorted((one, other))
        if low == high:
            return Fraction(0)
        return (Fraction(sum(counts[low : high + 1])) - Fraction(counts[low] + counts[high], 2)) ** 2

    return metric
