"""The reliability card of one variable: coefficients, intervals, what they rest on, and what to be careful about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.annotations.decision import CANT_TELL
from engine.errors import AskError, DataError
from engine.stats.coders import tables
from engine.stats.coders.arrays import UNSEEN, Ints, Some
from engine.stats.coders.cautions import Facts, cautions
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.error import Error
from engine.stats.coders.errors import by_jackknife, errors
from engine.stats.coders.needed import needed
from engine.stats.coders.part import Part, part, used
from engine.stats.coders.patterns import Patterns, patterns
from engine.stats.coders.points import against_chance, one_sided, points
from engine.stats.coders.readings import in_use, with_blanks
from engine.stats.coders.spread import How, Spread, spread

PERCENT = (
    "percent: of a unit's pairs of codes the share that agrees, its mean over units with at least two codes; "
    "percent_pair_weighted: units count by their codes (1 - Krippendorff's observed disagreement); percent_of_pairs: "
    "the share of all pairs; for two coders all three are the same"
)
ANALYTIC = (
    "analytic: as `errors` names the formula; the normal interval of kappa for two coders is not cut off at 1, so that "
    "it equals what SAS and others print"
)
UNITS = "units_both_saw and units_both_coded: seen and coded by both coders, with more coders by at least two"


def card(
    codes: Any, labels: Sequence[Any], level: str, clusters: Sequence[Any] | None = None, *, replicates: int = 10_000,
    seed: int = 0, confidence: float = 0.95, coders: Sequence[str] | None = None, weights: Any = None,
    cant_tell: Any = CANT_TELL,
) -> dict[str, Any]:  # fmt: skip
    """How far coders agree on a variable, as plain values for JSON; None where a number is undefined, with a reason.

    Args:
        codes: (C, N) a row a coder, a column a unit: a label, None (unseen) or "" (seen and left blank, which counts
            as missing; `blank_as_label` has the other reading) or `cant_tell`. Lists, or one array; NaN is None.
        labels: of the codebook, in its order, which is also that of the scale; may hold labels that nobody used.
        level: nominal, ordinal, interval or ratio.
        clusters: (N,) the video of each unit.
        replicates: of the bootstrap.
        seed: of the bootstrap; the same seed gives the same intervals on every machine.
        confidence: of intervals.
        coders: their names, for words and tables.
        weights: of disagreement (K, K), 0 for a label and itself, for `kappa_weighted`.
        cant_tell: the code of who looked and could not tell, which is missing in both readings, and counted apart;
            where it is one of the labels, it is a label like others.

    Raises:
        DataError: a code is no label, or rows are of different length.
        AskError: no such level.
    """
    if not 0 < confidence < 1 or replicates < 1:
        raise AskError(f"confidence {confidence}, {replicates} replicates", hint="0 to 1, and at least 1")
    book, how = Codebook(labels, level, weights, cant_tell), How(replicates, seed, confidence)
    found = patterns(codes, book, each=clusters is not None)
    names = list(coders) if coders is not None else [f"coder {n}" for n in range(1, found.coders + 1)]
    if len(names) != found.coders:
        raise DataError(f"coders: {len(names)} names for {found.coders} rows of codes")
    groups = None if clusters is None else _groups(clusters, int(found.counts.sum()))
    return of_patterns(found, book, groups, how, names)


def _groups(clusters: Sequence[Any] | Some, units: int) -> Ints:
    """Clusters as numbers from 0."""
    given = list(clusters) if not isinstance(clusters, np.ndarray) else clusters.tolist()
    if len(given) != units:
        raise DataError(f"clusters: {len(given)} for {units} units; expected one for each unit")
    number = {name: place for place, name in enumerate(dict.fromkeys(given))}
    if missing := {None, ""} & set(number):
        unit = next(place for place, name in enumerate(given, start=1) if name in missing)
        raise DataError(f"clusters: unit {unit} has none", hint="name the video of every unit, or leave clusters out")
    return np.fromiter(map(number.__getitem__, given), np.int64, units)


def of_patterns(found: Patterns, book: Codebook, groups: Ints | None, how: How, names: Sequence[str]) -> dict[str, Any]:
    """The card of patterns of codes."""
    whole = part(found, book, names)
    range_ = spread(whole.patterns, whole.summed, book, whole.values, groups, how)
    known = _errors(whole, range_, how.confidence)
    for name, error in known.items():
        range_.intervals[name]["analytic"] = error.interval
    blank = tables.blanks(found, names)
    made = _counted(found, whole) | points(whole) | _shown(whole)
    made["intervals"] = range_.intervals
    made["errors"] = {name: {"value": error.value, "formula": error.formula} for name, error in known.items()}
    made["errors_jackknife"] = range_.errors
    made["tests"] = against_chance(whole)
    made["one_sided"] = one_sided(whole)
    made["blank"], made["cant_tell"] = blank, tables.cant_tell(found, names)
    made["blank_as_label"] = with_blanks(found, book, names, blank) if sum(blank["by_coder"].values()) else None
    found_cautions = cautions(_facts(found, whole, range_, how, names, made))
    made["warnings"] = [words for _, words in found_cautions]
    made["warning_kinds"] = [kind for kind, _ in found_cautions]
    return made | {
        "definitions": [PERCENT, UNITS, ANALYTIC],
        "level": book.level,
        "labels": book.names,
        "coders": list(names),
        "how": asdict(how) | {"drawn": range_.replicates, "drawn_by_cluster": range_.replicates_by_cluster},
    }


def _errors(whole: Part, range_: Spread, confidence: float) -> dict[str, Error]:
    """Those with a formula; of alpha with the ordinal metric, which has none, by the jackknife."""
    found = errors(whole.patterns, whole.summed, whole.book, whole.values, confidence)
    units = float(whole.sums.coded[0])
    if "alpha_ordinal" in range_.errors and units > 1:
        value, error = whole.values["alpha_ordinal"], range_.errors["alpha_ordinal"]
        found["alpha_ordinal"] = by_jackknife(error, value, units, confidence)
    return found


def _counted(found: Patterns, whole: Part) -> dict[str, Any]:
    saw = (found.codes != UNSEEN).sum(1) >= 2
    return {
        "units": int(found.counts.sum()),
        "units_both_saw": int(found.counts[saw].sum()),
        "units_both_coded": int(whole.sums.shared[0]),
    }


def _shown(whole: Part) -> dict[str, Any]:
    coincidences = whole.sums.coincidences[:, :, 0]
    labels = tables.by_label(coincidences, whole.book)
    shares = {name: label["share"] or 0.0 for name, label in labels.items()}
    given = tables.marginals(whole.patterns, len(whole.book))
    largest = max(shares, key=lambda name: shares[name])
    more = whole.patterns.coders > 2
    return {
        "by_label": labels,
        "confusion": tables.confusion(whole.patterns, whole.book, coincidences),
        "confusion_of": "coincidences" if more else "units, rows by the first coder",
        "confusion_pairs": tables.pairs(whole.patterns, whole.book, whole.names) if more else [],
        "labels_used": [whole.book.names[place] for place in used(whole)],
        "labels_in_use": in_use(whole),
        "largest_share": {"label": largest, "share": shares[largest]} if shares[largest] else None,
        "marginals": dict(zip(whole.names, tables.whole(given), strict=True)),
        "marginal_gap": tables.gap(given),
        "needed_units": needed(shares, int(whole.sums.shared[0])),
    }  # fmt: skip


def _facts(found: Patterns, whole: Part, range_: Spread, how: How, names: Sequence[str], made: dict[str, Any]) -> Facts:
    largest = made["largest_share"]
    return Facts(
        level=whole.book.level, labels=len(whole.book), numbers=whole.book.numbers is not None, coders=found.coders,
        idle=tuple(name for name in names if name not in whole.names),
        unused=tuple(name for name in whole.book.names if name not in made["labels_used"]),
        units=made["units_both_coded"], agreed=made["percent"],
        largest=(largest["label"], largest["share"]) if largest else None, gap=made["marginal_gap"],
        blanks=made["blank"], clusters=range_.clusters,
        values=whole.values | {"alpha_nominal": made["alpha_nominal"]}, undefined=range_.undefined,
        replicates=range_.replicates, asked=how.replicates,
    )  # fmt: skip
