"""The labels of a round: taken from the log once, so that a round that was killed goes on with the same."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.annotations.codes import codes
from engine.annotations.decision import BLANK, CANT_TELL, CODED, Decision, Unit
from engine.annotations.gold import gold
from engine.annotations.log import Log
from engine.annotations.usable import usable
from engine.errors import DataError
from engine.specs.workspace import Variable
from engine.stats.agreement import card

ADJUDICATIONS = ("adjudication",)


@dataclass(frozen=True)
class Labels:
    """What coders said up to a moment.

    Attributes:
        variables: of each the codebook's label of every frame that counts.
        counts: of each how many frames count, and how many are left out and why.
        seen: frames of which anybody said anything; the others are the pool.
        coders: how many frames each has coded.
        agreement: of each variable what is said of two coders or more.
        origin: whether the bucket was read or only the log of this workspace, and why.
    """

    variables: Mapping[str, Mapping[Unit, str]]
    counts: Mapping[str, Mapping[str, int]]
    seen: frozenset[Unit]
    coders: Mapping[str, int]
    agreement: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)

    def sha256(self) -> str:
        """A hash of the labels that count."""
        return hashlib.sha256(json.dumps(_listed(self.variables)).encode()).hexdigest()

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "variables": _listed(self.variables), "counts": self.counts, "seen": sorted(self.seen),
            "coders": self.coders, "agreement": self.agreement, "origin": self.origin,
        }  # fmt: skip


def from_plain(raw: Mapping[str, Any]) -> Labels:
    """What `plain` made."""
    variables = {
        name: {Unit(video, index): label for video, index, label in rows} for name, rows in raw["variables"].items()
    }
    seen = frozenset(Unit(video, index) for video, index in raw["seen"])
    return Labels(variables, raw["counts"], seen, raw["coders"], raw["agreement"], raw["origin"])


def decisions(log: Path, as_of: float | None) -> tuple[list[Decision], list[Decision]]:
    """What coders decided and what adjudicators did, as it stands, or stood at a moment."""
    if not log.exists():
        return [], []
    with Log.open(log, readonly=True) as opened:
        return opened.newest(kinds=CODED, as_of=as_of), opened.newest(kinds=ADJUDICATIONS, as_of=as_of)


def taken(
    coded: Sequence[Decision], adjudicated: Sequence[Decision], variables: Mapping[str, Variable], *, single_coded: bool
) -> Labels:
    """The labels that count, by the rule of `engine.annotations.usable`."""
    settled = gold(coded, {name: one.labels for name, one in variables.items()}, adjudicated)
    found = {name: usable(settled, name, one.class_of, single_coded=single_coded) for name, one in variables.items()}
    seen = frozenset(one.unit for one in (*coded, *adjudicated))
    coders = Counter(coder for coder, _ in {(one.coder, one.unit) for one in coded})
    labels = {name: one.labels for name, one in found.items()}
    return Labels(labels, {name: one.counts for name, one in found.items()}, seen, dict(sorted(coders.items())))


def chosen(labels: Labels, asked: Sequence[str], log: Path) -> tuple[list[str], list[str]]:
    """The variables to learn, and those that have no labels yet; those asked for must have some.

    Raises:
        DataError: there are no labels.
    """
    hint = "footplate label --coder NAME labels frames; footplate annotations import FILE.csv takes a table in"
    if not any(labels.variables.values()):
        reasons = "; ".join(f"{name}: {_told(counts)}" for name, counts in labels.counts.items() if counts)
        raise DataError(f"{log}: no labels to learn from{f' ({reasons})' * bool(reasons)}", hint=hint)
    empty = [name for name, rows in labels.variables.items() if not rows]
    lacking = [name for name in asked if name in empty]
    if lacking:
        raise DataError(f"{log}: no labels for {', '.join(lacking)}", hint=hint)
    return [name for name in asked or labels.variables if name not in empty], [] if asked else empty


def units(labels: Labels, variables: Sequence[str]) -> list[Unit]:
    """The frames that have a label of any of these variables."""
    return sorted({unit for name in variables for unit in labels.variables[name]})


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{times} {reason}" for reason, times in counts.items())


def summary(variable: str, counts: Mapping[str, int]) -> str:
    """What counts and what is left out, in words."""
    used = [f"{counts[name]} {name}" for name in ("adjudicated", "agreed", "single") if name in counts]
    rest = [f"{times} {name}" for name, times in counts.items() if name not in ("adjudicated", "agreed", "single")]
    return f"{variable}: labels that count: {', '.join(used) or 'none'}; left out: {', '.join(rest) or 'none'}"


def _listed(variables: Mapping[str, Mapping[Unit, str]]) -> dict[str, list[list[Any]]]:
    return {name: [[*unit, label] for unit, label in sorted(rows.items())] for name, rows in variables.items()}


def agreement(coded: Sequence[Decision], variables: Mapping[str, Variable]) -> dict[str, Any]:
    """The reliability card of each variable that two coders have labelled frames of in common."""
    found = {}
    for name, variable in variables.items():
        known = (BLANK, CANT_TELL, *variable.labels)
        table = codes([one for one in coded if one.variable == name and one.value in known], name, variable.labels)
        if len(table.coders) > 1:
            whole = card(table.rows, list(variable.labels), variable.level, table.videos)
            if whole["units_both_coded"]:
                alpha = whole[f"alpha_{variable.level}"]  # what to read, so that nobody takes that of another level
                found[name] = {**whole, "alpha": alpha, "coders": table.coders}
    return found
