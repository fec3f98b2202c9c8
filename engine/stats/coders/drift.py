"""Agreement as it changes: by pair of coders, over time, and of a coder with an earlier self."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from engine.annotations.decision import CANT_TELL
from engine.errors import AskError
from engine.stats.coders.card import card


def by_pair(
    codes: Sequence[Sequence[Any]], labels: Sequence[Any], level: str, clusters: Sequence[Any] | None = None, *,
    coders: Sequence[str], **how: Any,
) -> list[dict[str, Any]]:  # fmt: skip
    """A card for each two coders; `coders` of each card says which."""
    return [
        card([codes[one], codes[other]], labels, level, clusters, coders=[coders[one], coders[other]], **how)
        for one, other in combinations(range(len(codes)), 2)
    ]


def windows(
    codes: Sequence[Sequence[Any]], at: Sequence[float | None], labels: Sequence[Any], level: str,
    clusters: Sequence[Any] | None = None, *, count: int = 5, least: int = 2, cant_tell: Any = CANT_TELL, **how: Any,
) -> list[dict[str, Any]]:  # fmt: skip
    """Cards of as many units each, in the order in which units came to be comparable.

    Only units with codes of two coders have a place, so that every window has as many that say something; the last ones
    are larger by one where the number does not divide. A window needs some units, so there may be fewer of them.

    Args:
        at: when each unit got the code that made it comparable; None where it did not.
        count: how many windows.
        least: how many units a window has at least.
    """
    if len(at) != len(codes[0] if len(codes) else ()):
        raise AskError(f"at: {len(at)} times for {len(codes[0]) if len(codes) else 0} units")
    none = {None, "", *({cant_tell} - set(labels))}
    units = [unit for unit in range(len(at)) if at[unit] is not None and _coded(codes, unit, none) >= 2]
    units.sort(key=lambda unit: (at[unit] or 0.0, unit))
    count = min(count, len(units) // least)
    found = []
    for some in np.array_split(np.array(units, dtype=int), count) if count else []:
        part = [[row[unit] for unit in some] for row in codes]
        groups = None if clusters is None else [clusters[unit] for unit in some]
        made = card(part, labels, level, groups, cant_tell=cant_tell, **how)
        found.append({"from": at[some[0]], "to": at[some[-1]], "units": len(some), "card": made})
    return found


def _coded(codes: Sequence[Sequence[Any]], unit: int, none: Collection[Any]) -> int:
    return sum(row[unit] not in none for row in codes)


def with_oneself(
    first: Sequence[Any], again: Sequence[Any], labels: Sequence[Any], level: str,
    clusters: Sequence[Any] | None = None, **how: Any,
) -> dict[str, Any]:  # fmt: skip
    """The card of a coder's codes and the same coder's codes of hidden repeats of the same units."""
    return card([first, again], labels, level, clusters, coders=["first", "again"], **how)
