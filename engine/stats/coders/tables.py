"""What can be counted: agreement by label, who gave which labels, which were given together, and blanks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from engine.stats.coders.arrays import BLANK, CANT_TELL, UNSEEN, Floats, Some
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.cohen import table
from engine.stats.coders.patterns import Patterns


def by_label(coincidences: Floats, book: Codebook) -> dict[str, dict[str, Any]]:
    """Specific agreement of each label: of its codes that can be compared, the share that another coder gave too.

    Args:
        coincidences: (K, K), see sums.

    Source: Cicchetti and Feinstein, Journal of Clinical Epidemiology 43 (1990), for more coders by coincidences.
    """
    codes = coincidences.sum(1)
    return {
        name: {
            "agreement": float(coincidences[place, place] / codes[place]) if codes[place] > 0 else None,
            "codes": round(float(codes[place])),
            "share": float(codes[place] / codes.sum()) if codes.sum() else None,
        }
        for place, name in enumerate(book.names)
    }


def kappa(counts: Floats) -> float | None:
    """Cohen's kappa of a table (K, K)."""
    units = counts.sum()
    chance = counts.sum(1) @ counts.sum(0) / max(units, 1) ** 2
    return None if not units or 1 - chance < 1e-12 else float((np.trace(counts) / units - chance) / (1 - chance))


def kappa_max(counts: Floats) -> float | None:
    """The highest kappa that two coders can have who give each label as often as these do.

    Source: Cohen (1960), p. 42; Umesh, Peterson and Sauber, Educational and Psychological Measurement 49 (1989).
    """
    units = counts.sum()
    if not units:
        return None
    rows, columns = counts.sum(1) / units, counts.sum(0) / units
    chance = rows @ columns
    return None if 1 - chance < 1e-12 else float((np.minimum(rows, columns).sum() - chance) / (1 - chance))


def marginals(patterns: Patterns, labels: int) -> Floats:
    """(C, K) how often each coder gave each label, in units that another coded too."""
    shared = patterns.coded >= 2
    counts: Floats = np.einsum("pck,p->ck", patterns.given(labels)[shared], patterns.counts[shared])
    return counts


def gap(given: Floats) -> float | None:
    """The largest difference in shares of labels between two coders: half the sum over labels, 0 to 1."""
    given = given[given.sum(1) > 0]
    if len(given) < 2:
        return None
    shares = given / given.sum(1)[:, None]
    return max(float(np.abs(one - other).sum() / 2) for one, other in combinations(shares, 2))


def confusion(patterns: Patterns, book: Codebook, coincidences: Floats) -> list[list[Any]]:
    """Two coders: units by the first one's label (rows) and the second one's; more: coincidences."""
    if patterns.coders == 2:
        return whole(table(patterns, len(book)))
    return [[float(value) for value in row] for row in coincidences]


def pairs(patterns: Patterns, book: Codebook, names: Sequence[str]) -> list[dict[str, Any]]:
    """The table of each two coders."""
    return [
        {"coders": [names[one], names[other]],
         "table": whole(table(patterns.of_coders([one, other]), len(book)))}
        for one, other in combinations(range(patterns.coders), 2)
    ]  # fmt: skip


def whole(counts: Some) -> list[list[Any]]:
    """Counts for JSON."""
    return [[int(value) for value in row] for row in counts]


def blanks(patterns: Patterns, names: Sequence[str]) -> dict[str, Any]:
    """Blanks by coder, and in how many units all who saw it, or only some, left it blank."""
    blank, seen = patterns.codes == BLANK, patterns.codes != UNSEEN
    shared = seen.sum(1) >= 2
    only, some = shared & (blank.sum(1) == seen.sum(1)), shared & blank.any(1)
    count = patterns.counts
    return {
        "by_coder": _by_coder(patterns, BLANK, names),
        "units_all_blank": int(count[only].sum()),
        "units_some_blank": int(count[some & ~only].sum()),
        "pairs_both_blank": int((count * (blank.sum(1) * (blank.sum(1) - 1) // 2)).sum()),
    }


def cant_tell(patterns: Patterns, names: Sequence[str]) -> dict[str, int]:
    """Of each coder in how many units it could not be told: seen and decided, but no label, and no blank either."""
    return _by_coder(patterns, CANT_TELL, names)


def _by_coder(patterns: Patterns, place: int, names: Sequence[str]) -> dict[str, int]:
    return {name: int(patterns.counts[patterns.codes[:, at] == place].sum()) for at, name in enumerate(names)}
