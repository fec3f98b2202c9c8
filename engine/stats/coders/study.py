"""All cards of one variable: of everybody, by pair of coders, by round, over time, and of coders with themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.stats.coders.card import card
from engine.stats.coders.drift import by_pair, windows, with_oneself

WINDOWS, REPLICATES_OF_WINDOWS = 5, 2000
LEAST_IN_A_WINDOW = 10


def study(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The cards that a question asks for.

    Args:
        asked: rows, labels, level and coders as for a card; how (replicates, seed, confidence); and where there are any
            clusters, at (when each unit became comparable), rounds (name: places of units) and repeats (coder: first,
            again, clusters).
    """
    rows, coders, clusters, how = asked["rows"], asked["coders"], asked.get("clusters"), asked.get("how", {})
    scale = (asked["labels"], asked["level"])
    whole = card(rows, *scale, clusters, coders=coders, **how)
    few = {**how, "replicates": min(REPLICATES_OF_WINDOWS, int(how.get("replicates", REPLICATES_OF_WINDOWS)))}
    pairs = by_pair(rows, *scale, clusters, coders=coders, **how) if len(coders) > 2 else []
    rounds = {
        name: card(_some(rows, units), *scale, None if clusters is None else [clusters[unit] for unit in units],
                   coders=coders, **few)
        for name, units in asked.get("rounds", {}).items()
    }  # fmt: skip
    repeats = {
        coder: with_oneself(given["first"], given["again"], *scale, given.get("clusters"), **how)
        for coder, given in asked.get("repeats", {}).items()
    }
    at = asked.get("at")
    count = min(WINDOWS, whole["units_both_coded"] // LEAST_IN_A_WINDOW)
    return {
        "all": whole,
        "pairs": {", ".join(one["coders"]): one for one in pairs} or _only_pair(whole),
        "blank_as_label": whole["blank_as_label"],
        "rounds": rounds,
        "windows": windows(rows, at, *scale, clusters, count=count, least=LEAST_IN_A_WINDOW, coders=coders, **few)
        if at and count > 1
        else [],
        "repeats": repeats,
    }


def _some(rows: Sequence[Sequence[Any]], units: Sequence[int]) -> list[list[Any]]:
    return [[row[unit] for unit in units] for row in rows]


def _only_pair(whole: dict[str, Any]) -> dict[str, Any]:
    """Of two coders the pair is everybody."""
    return {", ".join(whole["coders"]): whole} if len(whole["coders"]) == 2 else {}
