"""Everything that a round knows before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.annotations.decision import Unit
from engine.rounding.before import Before
from engine.rounding.fixed import Fixed
from engine.rounding.labels import Labels
from engine.rounding.origins import Origin
from engine.rounding.sets import Sets
from engine.specs.workspace import Variable
from engine.stats.sides import SIDES
from engine.vision.learner import Recipe
from engine.vision.shelf import Failure, Shelf


@dataclass(frozen=True)
class Study:
    """A round that is about to begin.

    Attributes:
        as_of: up to when labels count, in seconds since 1970.
        codebook: the variables that are learnt.
        frames: all that could be decoded.
        before: the last round; None in round 0.
        origins: what each variable's network starts from, one or two of them.
    """

    number: int
    as_of: float
    codebook: Mapping[str, Variable]
    labels: Labels
    frames: Shelf
    failures: Sequence[Failure]
    fixed: Fixed
    sets: Sets
    before: Before | None
    origins: Mapping[str, Sequence[Origin]]
    recipe: Recipe

    @property
    def variables(self) -> list[str]:
        return list(self.codebook)

    def classes(self, variable: str) -> list[str]:
        """The model's classes of a variable."""
        return self.codebook[variable].class_names()

    def given(self, variable: str, side: str) -> dict[Unit, str]:
        """The class of each frame of a side; a label that has none any more is left out."""
        class_of = self.codebook[variable].class_of
        named = {unit: class_of(label) for unit, label in sorted(self.sets.labels[side][variable].items())}
        return {unit: name for unit, name in named.items() if name is not None}

    @cached_property
    def shown(self) -> Shelf:
        """All frames with labels, and the stop set: what models are trained and judged on."""
        units = {unit for side in SIDES for unit in self.sets.units(side)}
        return self.frames.part(sorted(units | set(self.sets.stop)))

    @cached_property
    def place(self) -> dict[Unit, int]:
        """The number of each of these frames."""
        return {Unit(*key): number for number, key in enumerate(self.shown.keys)}
