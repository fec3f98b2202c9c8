"""The point estimates of one set of codes, and the sums and patterns that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.stats.coders.arrays import UNSEEN
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.coefficients import coefficients
from engine.stats.coders.patterns import Patterns
from engine.stats.coders.sums import Summed, Sums


@dataclass(frozen=True)
class Part:
    """What the pieces of a card are made of."""

    patterns: Patterns  # blanks and "can't tell" are missing; of the coders who coded anything
    book: Codebook
    names: list[str]
    summed: Summed
    sums: Sums
    values: dict[str, float]


def part(found: Patterns, book: Codebook, names: Sequence[str]) -> Part:
    """The point estimates and what they rest on."""
    active = [place for place in range(found.coders) if (found.codes[:, place] >= 0).any()]
    kept = found.blanks_as(UNSEEN).of_coders(active)
    summed = Summed(kept, book)
    sums = summed.of(kept.counts[:, None].astype(np.float64))
    values = {name: float(value[0]) for name, value in coefficients(sums, book).items()}
    return Part(kept, book, [names[place] for place in active], summed, sums, values)


def used(whole: Part) -> list[int]:
    """The places of labels that somebody gave, to whatever unit."""
    return [place for place in np.unique(whole.patterns.codes).tolist() if place >= 0]
