"""A reliability card in words, for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Card = Mapping[str, Any]
Rows = list[tuple[str, ...]]

NAMES = {
    "percent": "percent agreement", "kappa": "kappa", "kappa_linear": "kappa, linear weights",
    "kappa_quadratic": "kappa, quadratic", "alpha_nominal": "alpha, nominal", "alpha_ordinal": "alpha, ordinal",
    "alpha_interval": "alpha, interval", "pi": "Scott's pi", "fleiss": "Fleiss's kappa", "ac1": "Gwet's AC1",
    "ac2_quadratic": "Gwet's AC2, quadratic", "s": "S (PABAK)", "kappa_max": "highest kappa there is",
}  # fmt: skip
SCALED = ("kappa_linear", "kappa_quadratic", "alpha_ordinal", "alpha_interval", "ac2_quadratic")
WIDTH = 80
HEADER = ("COEFFICIENT", "VALUE", "BY UNIT", "ANALYTIC", "BY VIDEO")


def number(value: float | None) -> str:
    """`.916`, `1.000` or `undefined`."""
    if value is None:
        return "undefined"
    said = f"{value:.3f}"
    return said.replace("0.", ".", 1) if abs(value) < 0.9995 else said


def interval(given: Sequence[float] | None) -> str:
    """`.806 to .980`; above 1 nothing can be, whatever a formula says."""
    return "" if given is None else f"{number(given[0])} to {number(min(given[1], 1.0))}"


def head(name: str, card: Card) -> str:
    """What it is of, in a line."""
    return f"{name}: {card['level']}, {card['units']} units, {', '.join(card['coders']) or 'no coders'}"


def counts(card: Card, cant_tell: Mapping[str, int]) -> Iterator[str]:
    """What it rests on."""
    more = "" if len(card["coders"]) == 2 else " (by two or more)"
    yield f"seen by both: {card['units_both_saw']}, coded by both: {card['units_both_coded']}{more}"
    used = [f"{label} {of['codes']}" for label, of in card["by_label"].items() if of["codes"]]
    yield f"labels in use: {', '.join(used) or 'none'}"
    apart = (("blank", card["blank"]["by_coder"]), ("can't tell", cant_tell))
    if said := [f"{words}: {_by_coder(by)}" for words, by in apart if any(by.values())]:
        yield "; ".join(said)
    if card["marginal_gap"] is not None:
        yield f"marginal gap between coders: {card['marginal_gap']:.1%}"


def _by_coder(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{coder} {count}" for coder, count in counts.items() if count)


def coefficients(card: Card) -> tuple[tuple[str, ...], Rows]:
    """The header and a row a coefficient; those of a scale only where the labels are on one."""
    left_out = SCALED if card["level"] == "nominal" else ()
    several = len(card["coders"]) > 2
    rows: Rows = []
    for name, words in NAMES.items():
        if name in left_out or (several and name in ("kappa_max", "pi")) or (not several and name == "fleiss"):
            continue
        how = card["intervals"].get(name, {})
        known = _intervals(name, card, how)
        rows.append((f"{words} (Conger)" if several and name == "kappa" else words, number(card[name]), *known))
    columns = [place for place in range(5) if place < 2 or any(row[place] for row in rows)]
    return tuple(HEADER[place] for place in columns), [tuple(row[place] for place in columns) for row in rows]


def _intervals(name: str, card: Card, how: Mapping[str, Any]) -> list[str]:
    """By unit, by formula and by video; where nobody disagreed, the one-sided bound where there is one."""
    if card["percent"] == 1.0:
        bound = card["one_sided"].get(name)
        return [f"at least {number(bound[0])}" if bound else "", "", ""]
    return [interval(how.get(method)) for method in ("bca", "analytic", "cluster")]


def method(card: Card) -> str:
    """How the intervals were made, in a line; empty where there are none."""
    if card["percent"] is None:
        return ""
    share = f"{card['how']['confidence']:.0%}"
    if card["percent"] == 1.0:
        return "at least: 95 % one-sided, by the rule of three, since nobody disagreed"
    return f"{share} intervals; by unit and by video: BCa of {card['how']['drawn']:,} replicates"


def warnings(card: Card) -> list[str]:
    """Its warnings, but for those on coefficients that are not shown here."""
    left_out = ("no_scale", "places_as_values") if card["level"] == "nominal" else ()
    return [text for kind, text in zip(card["warning_kinds"], card["warnings"], strict=True) if kind not in left_out]


def by_label(card: Card) -> tuple[tuple[str, ...], Rows]:
    """Specific agreement of each label."""
    rows: Rows = [(label, number(of["agreement"]), str(of["codes"]), f"{of['share'] or 0:.1%}")
            for label, of in card["by_label"].items() if of["codes"]]  # fmt: skip
    return ("LABEL", "AGREEMENT", "CODES", "SHARE"), rows


def confusion(card: Card) -> tuple[tuple[str, ...], Rows]:
    """Which labels meet which; where their names do not fit side by side, columns have the numbers of the rows."""
    coders, labels = card["coders"], card["labels"]
    corner = f"{coders[0]} \\ {coders[1]}" if len(coders) == 2 else "coincidences"
    cells = [[str(value) if isinstance(value, int) else f"{value:.2f}" for value in row] for row in card["confusion"]]
    wide = sum(2 + max(map(len, [label, *(row[n] for row in cells)])) for n, label in enumerate(labels))
    numbered = max(len(corner), *map(len, labels)) + wide > WIDTH
    names = [f"{n} {label}" for n, label in enumerate(labels, start=1)] if numbered else labels
    columns = [str(n + 1) for n in range(len(labels))] if numbered else labels
    rows: Rows = [(name, *row) for name, row in zip(names, cells, strict=True)]
    return (corner, *columns), rows


def needed(card: Card) -> Iterator[str]:
    """How many more units there must be."""
    for of in card["needed_units"].values():
        if of["units"] is not None:
            more = f"{of['more']} more" if of["more"] else "enough"
            share = f"{of['rarest_label']} is {of['share']:.1%} of the codes"
            yield f"to tell alpha from {of['alpha']:g}: {of['units']} units coded twice ({share}), so {more}"


def undefined(card: Card) -> Iterator[str]:
    """Why coefficients have no value, each reason once."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in card["reasons"].items():
        if name in NAMES:
            by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        yield f"undefined ({reason}): {', '.join(names)}"


def with_blanks(card: Card) -> Iterator[str]:
    """The other reading of blanks."""
    other = card["blank_as_label"]
    if other:
        names = ("percent", "kappa", "alpha_nominal")
        said = ", ".join(f"{NAMES[name]} {number(other[name])}" for name in names)
        yield f"with blanks as a label of their own: {said}, of {other['units_both_coded']} units"
        yield f"  {other['pairs_both_blank']} pairs of codes are blank on both sides, and count as agreement there"


def line(name: str, card: Card) -> tuple[str, ...]:
    """A card as a row: name, units, percent, kappa, alpha by the level, its interval."""
    alpha = f"alpha_{card['level']}"
    how = card["intervals"].get(alpha, {})
    spread = how.get("cluster") or how.get("bca")
    return (name, str(card["units_both_coded"]), number(card["percent"]), number(card["kappa"]), number(card[alpha]),
            interval(spread))  # fmt: skip


LINE = ("", "UNITS", "PERCENT", "KAPPA", "ALPHA", "95 % OF ALPHA")
