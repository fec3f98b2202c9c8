"""Other readings of the same codes: blanks as a label of their own, and only the labels that are in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.stats.coders import tables
from engine.stats.coders.arrays import UNSEEN
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.part import Part, part, used
from engine.stats.coders.patterns import Patterns
from engine.stats.coders.points import known, reason

BLANK_LABELS = ("(blank)", "((blank))", "(((blank)))")  # the first that is no label of the codebook
AS_A_LABEL = ("percent", "kappa", "alpha_nominal", "pi", "fleiss", "ac1", "s")


def in_use(whole: Part) -> dict[str, Any] | None:
    """What depends on the number of labels, without those that nobody used; None where all are used."""
    places = used(whole)
    if not places or len(places) == len(whole.book):
        return None
    anew = np.full(len(whole.book) - UNSEEN, UNSEEN, dtype=np.int16)  # the last ones are no labels
    anew[places] = range(len(places))
    fewer = Codebook([whole.book.labels[place] for place in places], whole.book.level)
    values = part(replace(whole.patterns, codes=anew[whole.patterns.codes]), fewer, whole.names).values
    return {"labels": fewer.names, **{name: known(values[name]) for name in ("s", "ac1", "ac2_quadratic")}}


def with_blanks(found: Patterns, book: Codebook, names: Sequence[str], blank: dict[str, Any]) -> dict[str, Any]:
    """The other reading: a blank is a label of its own, so that two blanks agree."""
    label = next(word for word in BLANK_LABELS if word not in book.names)
    more = Codebook([*book.labels, label], "nominal")
    whole = part(found.blanks_as(len(book)), more, names)
    values = {name: known(whole.values[name]) for name in AS_A_LABEL}
    return {
        "label": label,
        "units_both_coded": int(whole.sums.shared[0]),
        "pairs_both_blank": blank["pairs_both_blank"],
        **values,
        "reasons": {name: reason(name, whole) for name, value in values.items() if value is None},
        "by_label": tables.by_label(whole.sums.coincidences[:, :, 0], more),
        "confusion": tables.confusion(whole.patterns, more, whole.sums.coincidences[:, :, 0]),
    }
