"""What the Agreement screen is told: plain values, that it shows and a recording keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.filter import Value


@dataclass(frozen=True)
class Case:
    """A frame on which coders differ in one variable; the codes stand without names, in an order of this frame's own.

    Attributes:
        label: what was adjudicated; None where nobody has.
        by: who adjudicated.
    """

    video_id: str
    frame_index: int
    variable: str
    kind: str
    pair: str
    codes: tuple[str, ...]
    label: str | None = None
    reason: str = ""
    by: str = ""

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{self.variable}\t{self.video_id}\t{self.frame_index}"

    def fields(self) -> dict[str, Value]:
        """What a filter may ask for, as in `footplate disagreements --filter`."""
        found: dict[str, Value] = {
            "variable": self.variable, "video": self.video_id, "frame": float(self.frame_index), "kind": self.kind,
            "pair": self.pair, "codes": " ".join(code or "blank" for code in self.codes),
        }  # fmt: skip
        return found if self.label is None else {**found, "adjudicated": self.label, "reason": self.reason}


@dataclass(frozen=True)
class Share:
    """How often a label is gold, and how often it was given to what was left out."""

    label: str
    gold: int
    left_out: float


@dataclass(frozen=True)
class GoldSide:
    """The gold set of one variable."""

    variable: str
    agreed: int
    adjudicated: int
    overruled: int  # against what all coders agree on
    missed: int  # frames that two coders saw, and that are not gold
    why_not: tuple[tuple[str, int], ...]
    mix: tuple[Share, ...]


@dataclass(frozen=True)
class Progress:
    """How far a coder is: frames done out of those asked for, and what was saved of each variable."""

    coder: str
    seen: int
    asked: int
    shared: int  # frames of the overlap that this coder has done
    saved: tuple[tuple[str, int, int, int], ...]  # variable, labels, can't tell, blank
    newest: float = 0.0  # when the last decision was made; 0 where there is none


@dataclass(frozen=True)
class Labels:
    """Everything about the labels of a workspace that takes no numpy.

    Attributes:
        version: of the log, with which all of this changes.
        trouble: why there is nothing to agree on, and what to do; empty where there is.
        variables: each with its level and labels, in the codebook's order.
        frames: that are gold in at least one variable, without and with adjudicated ones.
        overlap: how many frames go to every coder, and how many of them two have seen.
    """

    version: tuple[int, ...]
    trouble: str = ""
    variables: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    summaries: Mapping[str, str] = field(default_factory=dict)
    coders: tuple[Progress, ...] = ()
    gold: Mapping[str, tuple[GoldSide, ...]] = field(default_factory=dict)  # by "agreed" and "adjudicated"
    frames: Mapping[str, int] = field(default_factory=dict)
    overlap: tuple[int, int] = (0, 0)
    reasons: tuple[str, ...] = ()
    gold_file: int | None = None  # how many frames gold.csv holds; None where there is none


@dataclass(frozen=True)
class Cards:
    """The cards of all variables at a version of the log, as engine.annotations.reliability has them.

    Attributes:
        variables: by name: `all`, `pairs`, `rounds`, `windows`, `repeats`, `blank_as_label`, `cant_tell`.
        fault: why they could not be made, and what to do.
    """

    version: int
    variables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fault: str = ""
