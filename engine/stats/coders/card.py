"""The reliability card of one variable: coefficients, intervals, what they rest on, and what to be careful about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from engine.errors import AskError, DataError
from engine.stats.coders import tables
from engine.stats.coders.arrays import UNSEEN, Ints, Some
from engine.stats.coders.cautions import Facts, cautions
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.coefficients import coefficients
from engine.stats.coders.errors import errors, table, without_agreement
from engine.stats.coders.needed import needed
from engine.stats.coders.patterns import Patterns, patterns
from engine.stats.coders.spread import How, Spread, spread
from engine.stats.coders.sums import Summed, Sums, weights

BLANK_LABEL = "(blank)"
AS_A_LABEL = ("percent", "kappa", "alpha_nominal", "pi", "fleiss", "ac1", "s")
PERCENT = (
    "percent: of a unit's pairs of codes the share that agrees, its mean over units with at least two codes; "
    "percent_pair_weighted: units count by their codes (1 - Krippendorff's observed disagreement); percent_of_pairs: "
    "the share of all pairs; for two coders all three are the same"
)
UNITS = "units_both_saw and units_both_coded: seen and coded by both coders, with more coders by at least two"


def card(
    codes: Any, labels: Sequence[Any], level: str, clusters: Sequence[Any] | None = None, *, replicates: int = 10_000,
    seed: int = 0, confidence: float = 0.95, coders: Sequence[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """How far coders agree on a variable, as plain values for JSON; None where a number is undefined, with a reason.

    Args:
        codes: (C, N) a row a coder, a column a unit: a label, None (unseen) or "" (seen and left blank, which counts
            as missing; `blank_as_label` has the other reading). Lists, or one array; NaN is None.
        labels: of the codebook, in its order, which is also that of the scale; may hold labels that nobody used.
        level: nominal, ordinal, interval or ratio.
        clusters: (N,) the video of each unit.
        replicates: of the bootstrap.
        seed: of the bootstrap; the same seed gives the same intervals on every machine.
        confidence: of intervals.
        coders: their names, for words and tables.

    Raises:
        DataError: a code is no label, or rows are of different length.
        AskError: no such level.
    """
    if not 0 < confidence < 1 or replicates < 1:
        raise AskError(f"confidence {confidence}, {replicates} replicates", hint="0 to 1, and at least 1")
    book, how = Codebook(labels, level), How(replicates, seed, confidence)
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


@dataclass(frozen=True)
class Part:
    """What the pieces of a card are made of."""

    patterns: Patterns  # blanks count as missing; of the coders who coded anything
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


def of_patterns(found: Patterns, book: Codebook, groups: Ints | None, how: How, names: Sequence[str]) -> dict[str, Any]:
    """The card of patterns of codes."""
    whole = part(found, book, names)
    range_ = spread(whole.patterns, whole.summed, book, whole.values, groups, how)
    known = errors(whole.patterns, whole.summed, book, whole.values, how.confidence)
    for name, error in known.items():
        range_.intervals[name]["analytic"] = error.interval
    blank = tables.blanks(found, names)
    made = _counted(found, whole) | _points(whole) | _shown(whole, blank)
    made["intervals"] = range_.intervals
    made["errors"] = {name: {"value": error.value, "formula": error.formula} for name, error in known.items()}
    made["errors_jackknife"] = range_.errors
    made["tests"] = _against_chance(whole)
    made["one_sided"] = _one_sided(whole)
    made["blank"] = blank
    made["blank_as_label"] = _with_blanks(found, book, names, blank) if sum(blank["by_coder"].values()) else None
    made["warnings"] = cautions(_facts(found, whole, range_, groups, how, names, made))
    return made | {"definitions": [PERCENT, UNITS], "level": book.level, "labels": book.names, "coders": list(names),
                   "how": asdict(how) | {"drawn": range_.replicates}}  # fmt: skip


def _counted(found: Patterns, whole: Part) -> dict[str, Any]:
    saw = (found.codes != UNSEEN).sum(1) >= 2
    return {
        "units": int(found.counts.sum()),
        "units_both_saw": int(found.counts[saw].sum()),
        "units_both_coded": int(whole.sums.shared[0]),
    }


def _points(whole: Part) -> dict[str, Any]:
    """Coefficients, None where undefined, and the reasons."""
    values: dict[str, float | None] = {name: _known(value) for name, value in whole.values.items()}
    two = whole.patterns.coders == 2
    values["kappa_max"] = tables.kappa_max(table(whole.patterns, len(whole.book))) if two else None
    values |= _other_percents(whole)
    values["kappa_mean_pairwise"] = _mean_pairwise(whole)
    reasons = {name: _reason(name, whole) for name, value in values.items() if value is None}
    return {**values, "reasons": reasons}


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _reason(name: str, whole: Part) -> str:
    if len(whole.names) < 2:
        return "no doubly coded units: fewer than two coders coded anything"
    if not whole.sums.shared[0]:
        return "no doubly coded units"
    if name == "kappa_max" and whole.patterns.coders > 2:
        return "for two coders only"
    if len(whole.book) < 2:
        return "no variation: the codebook has one label"
    return "no variation: all codes that can be compared are the same label"


def _other_percents(whole: Part) -> dict[str, float | None]:
    found, coincidences = whole.patterns, whole.sums.coincidences[:, :, 0]
    if not whole.sums.shared[0]:
        return {"percent_pair_weighted": None, "percent_of_pairs": None}
    counts, coded = found.by_label(len(whole.book)), found.coded
    pairs = found.counts @ (coded * (coded - 1))
    agree = found.counts @ (counts * (counts - 1)).sum(1)
    return {
        "percent_pair_weighted": float(np.trace(coincidences) / coincidences.sum()),
        "percent_of_pairs": float(agree / pairs),
    }


def _mean_pairwise(whole: Part) -> float | None:
    """The mean of the kappas of each two coders that have one."""
    many = whole.patterns.coders
    found = [
        part(whole.patterns.of_coders([one, other]), whole.book, whole.names).values["kappa"]
        for one in range(many) for other in range(one + 1, many)
    ]  # fmt: skip
    defined = [value for value in found if math.isfinite(value)]
    return float(np.mean(defined)) if defined else None


def _shown(whole: Part, blank: dict[str, Any]) -> dict[str, Any]:
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
        "labels_used": _used(whole),
        "labels_in_use": _in_use(whole),
        "largest_share": {"label": largest, "share": shares[largest]} if shares[largest] else None,
        "marginals": dict(zip(whole.names, tables.whole(given), strict=True)),
        "marginal_gap": tables.gap(given),
        "needed_units": needed(shares, int(whole.sums.shared[0])),
    }  # fmt: skip


def _used(whole: Part) -> list[str]:
    """Labels that somebody gave, to whatever unit."""
    there = set(np.unique(whole.patterns.codes).tolist())
    return [name for place, name in enumerate(whole.book.names) if place in there]


def _in_use(whole: Part) -> dict[str, Any] | None:
    """What depends on the number of labels, without those that nobody used; None where all are used."""
    places = [place for place in range(len(whole.book)) if (whole.patterns.codes == place).any()]
    if not places or len(places) == len(whole.book):
        return None
    anew = np.full(len(whole.book) + 2, UNSEEN, dtype=np.int16)  # the last two are BLANK and UNSEEN
    anew[places] = range(len(places))
    fewer = Codebook([whole.book.labels[place] for place in places], whole.book.level)
    values = part(replace(whole.patterns, codes=anew[whole.patterns.codes]), fewer, whole.names).values
    return {"labels": fewer.names, **{name: _known(values[name]) for name in ("s", "ac1", "ac2_quadratic")}}


def _against_chance(whole: Part) -> dict[str, Any]:
    """Whether two coders agree more than by chance: z and the two-sided p of (weighted) kappa."""
    found: dict[str, Any] = {}
    if whole.patterns.coders != 2:
        return found
    counts, weight = table(whole.patterns, len(whole.book)), weights(whole.book)
    for name, kind in (("kappa", "identity"), ("kappa_linear", "linear"), ("kappa_quadratic", "quadratic")):
        if math.isfinite(whole.values[name]) and (error := without_agreement(counts, weight[kind])) > 0:
            z = whole.values[name] / error
            found[name] = {"error": error, "z": z, "p": 2 * NormalDist().cdf(-abs(z))}
    return found


def _one_sided(whole: Part) -> dict[str, list[float]]:
    """Where nobody ever disagreed: how low a coefficient may be, 95 % one-sided, by the rule of three.

    Source: Hanley and Lippman-Hand, JAMA 249 (1983).
    """
    units, values = float(whole.sums.shared[0]), whole.values
    if not units or values["percent"] < 1.0:
        return {}
    bound = max(0.0, 1 - 3 / units)
    never = replace(whole.sums, agreed=np.zeros_like(whole.sums.agreed))
    lowest = {name: float(value[0]) for name, value in coefficients(never, whole.book).items()}
    names = [name for name in ("percent", "kappa", "pi", "fleiss", "ac1", "s") if math.isfinite(values[name])]
    return {name: [bound * (1 - lowest[name]) + lowest[name], 1.0] for name in names}


def _with_blanks(found: Patterns, book: Codebook, names: Sequence[str], blank: dict[str, Any]) -> dict[str, Any]:
    """The other reading: a blank is a label of its own, so that two blanks agree."""
    label = next(word for word in (BLANK_LABEL, f"{BLANK_LABEL} ", "((blank))") if word not in book.names)
    more = Codebook([*book.labels, label], "nominal")
    whole = part(found.blanks_as(len(book)), more, names)
    values = {name: _known(whole.values[name]) for name in AS_A_LABEL}
    return {
        "label": label,
        "units_both_coded": int(whole.sums.shared[0]),
        "pairs_both_blank": blank["pairs_both_blank"],
        **values,
        "reasons": {name: _reason(name, whole) for name, value in values.items() if value is None},
        "by_label": tables.by_label(whole.sums.coincidences[:, :, 0], more),
        "confusion": tables.confusion(whole.patterns, more, whole.sums.coincidences[:, :, 0]),
    }


def _facts(
    found: Patterns, whole: Part, range_: Spread, groups: Ints | None, how: How, names: Sequence[str],
    made: dict[str, Any],
) -> Facts:  # fmt: skip
    largest = made["largest_share"]
    return Facts(
        level=whole.book.level, labels=len(whole.book), numbers=whole.book.numbers is not None, coders=found.coders,
        idle=tuple(name for name in names if name not in whole.names),
        unused=tuple(name for name in whole.book.names if name not in made["labels_used"]),
        units=made["units_both_coded"], agreed=made["percent"],
        largest=(largest["label"], largest["share"]) if largest else None, gap=made["marginal_gap"],
        blanks=made["blank"], clusters=None if groups is None else int(groups.max(initial=-1)) + 1,
        values=whole.values | {"alpha_nominal": made["alpha_nominal"]}, undefined=range_.undefined,
        replicates=range_.replicates, asked=how.replicates,
    )  # fmt: skip
