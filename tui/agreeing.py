"""Reliability cards as rows of cells and lines of words: scores, and all coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.cases import Cards
from tui.widgets.columns import Column
from tui.widgets.tones import Cell

Cells = tuple[Cell, ...]
Rows = dict[str, Cells]
Card = Mapping[str, Any]
UNDEFINED = "undefined"
EVERYBODY = "all coders"
ALPHA = {"nominal": "alpha_nominal", "ordinal": "alpha_ordinal"}
METHODS = ("bca", "percentile", "analytic", "cluster")
NAMED = {
    "percent": "percent agreement", "kappa": "Cohen's kappa", "kappa_linear": "kappa, linear weights",
    "kappa_quadratic": "kappa, quadratic weights", "alpha_nominal": "Krippendorff's alpha, nominal",
    "alpha_ordinal": "Krippendorff's alpha, ordinal", "alpha_interval": "Krippendorff's alpha, interval",
    "pi": "Scott's pi", "fleiss": "Fleiss' kappa", "ac1": "Gwet's AC1", "ac2_quadratic": "Gwet's AC2, quadratic",
    "s": "Brennan-Prediger S (PABAK)", "kappa_max": "highest kappa possible",
}  # fmt: skip
SCORES = (
    Column("variable", "variable", 11, flex=1, most=24),
    Column("who", "coders", 10, flex=1, most=30),
    Column("units", "both coded", 10, keep=8, right=True),
    Column("percent", "agree", 6, right=True),
    Column("kappa", "kappa", 9, right=True),
    Column("alpha", "alpha", 9, right=True),
    Column("interval", "alpha 95 %", 14, keep=7),
    Column("of", "interval", 9, keep=5),
)
CARD = (
    Column("name", "coefficient", 22, flex=1, most=32),
    Column("value", "value", 9, right=True),
    *(Column(name, {"bca": "95 % BCa", "cluster": "by video"}.get(name, name), 12, keep=keep)
      for name, keep in zip(METHODS, (7, 4, 5, 8), strict=True)),
    Column("blank", "blank a label", 13, keep=6, right=True),
)  # fmt: skip


def number(value: float | None, *, signed: bool = False) -> str:
    """A coefficient in three places; in words where it is undefined."""
    return UNDEFINED if value is None else f"{value:{'+' * signed}.3f}"


def interval(card: Card, name: str, method: str) -> str:
    """An interval of a coefficient; empty where there is none."""
    ends = card["intervals"].get(name, {}).get(method)
    return "" if ends is None or None in ends else f"{ends[0]:.2f} to {ends[1]:.2f}"


def alpha(card: Card) -> str:
    """The name of the alpha that fits the level."""
    return ALPHA.get(card["level"], "alpha_interval")


def best(card: Card, name: str) -> tuple[str, str]:
    """The interval to read, and its method: by video where there is one."""
    for method in ("cluster", "bca", "percentile", "analytic"):
        if found := interval(card, name, method):
            return found, {"cluster": "by video", "bca": "BCa"}.get(method, method)
    return "", ""


# --- scores -------------------------------------------------------------------------------------------------------


def chosen(cards: Cards | None, key: str) -> Card | None:
    """The card of a row of scores: `variable` for everybody, `variable\tpair` for two coders."""
    variable, _, pair = key.partition("\t")
    found = cards.variables.get(variable) if cards else None
    if found is None:
        return None
    card: Card | None = found["pairs"].get(pair) if pair else found["all"]
    return card


def scores(cards: Cards) -> Rows:
    """Each variable, and below it each two coders where there are more."""
    rows: Rows = {}
    for variable, found in cards.variables.items():
        rows[variable] = _score(variable, _everybody(found["all"]), found["all"], "strong")
        pairs = found["pairs"] if len(found["all"]["coders"]) > 2 else {}
        rows |= {f"{variable}\t{pair}": _score(variable, pair, card, "") for pair, card in pairs.items()}
    return rows


def _everybody(card: Card) -> str:
    coders = card["coders"]
    return ", ".join(coders) or "nobody" if len(coders) < 3 else EVERYBODY


def _score(variable: str, who: str, card: Card, tone: str) -> Cells:
    name = alpha(card)
    percent, (ends, method) = card["percent"], best(card, name)
    units = f"{card['units_both_coded']}/{card['units_both_saw']}"
    agree = Cell("–", "dim") if percent is None else Cell(f"{percent:.1%}")
    values = _value(card["kappa"]), _value(card[name])
    return Cell(variable, tone), Cell(who), Cell(units), agree, *values, Cell(ends), Cell(method, "dim")


def _value(value: float | None) -> Cell:
    return Cell(number(value), "dim" if value is None else "")


def about_score(card: Card) -> list[str]:
    """What to know of a row: the alpha with its intervals, how many more units, blanks read both ways, and warnings."""
    name = alpha(card)
    methods = {"cluster": "by video", "bca": "BCa", "analytic": "analytic"}
    ends = [f"{ends} {said}" for method, said in methods.items() if (ends := interval(card, name, method))]
    first = f"{NAMED[name]} {undefined(card, name)}" if card[name] is None else f"{NAMED[name]} {number(card[name])}"
    if not card["units_both_coded"]:
        return [first]
    cautions = card["warnings"]
    more = [f"! {len(cautions)} cautions, {{card_words}} reads them: {cautions[0]}"] if cautions else []
    return [" · ".join([first, *ends]), *needed(card), *blanks(card), *more]


def in_words(card: Card) -> list[str]:
    """Everything that a card says beside its numbers, in paragraphs."""
    saw, coded, coders = card["units_both_saw"], card["units_both_coded"], ", ".join(card["coders"])
    missing = [name for name in NAMED if name in card and card[name] is None]
    return [
        f"At least two of {coders} have seen {saw} frames and labelled {coded}.",
        f"Level: {card['level']}; labels in order: {', '.join(card['labels'])}.",
        *(f"{NAMED[name]} is {undefined(card, name)}." for name in missing),
        *(f"Mind: {words}." for words in card["warnings"]),
        *needed(card), *blanks(card), *card["definitions"],
    ]  # fmt: skip


def undefined(card: Card, name: str) -> str:
    """`undefined: no variation …`."""
    return f"{UNDEFINED}: {card['reasons'].get(name, 'no reason known')}"


def needed(card: Card) -> list[str]:
    """How many more frames two coders have to label."""
    said = []
    for one in card["needed_units"].values():
        if one["units"] is not None:
            more = f"{one['more']} more" if one["more"] else "there are enough"
            said.append(f"{one['units']} for alpha ≥ {one['alpha']:.3g} ({more})")
    rare = next((one for one in card["needed_units"].values() if one["rarest_label"]), None)
    rest = f"; the rarest label, {rare['rarest_label']}, has {rare['share']:.0%}" if rare else ""
    return [f"frames needed: {', '.join(said)}{rest}"] if said else []


def blanks(card: Card) -> list[str]:
    """The two readings of blanks, and apart from them who could not tell; where there are any."""
    by, other, unsure = _by_coder(card["blank"]["by_coder"]), card.get("blank_as_label"), card.get("cant_tell", {})
    tell = f"can't tell: {_by_coder(unsure)}; " if any(unsure.values()) else ""
    if not other:
        return [f"{tell}missing above"] if tell else []
    agree = "" if other["percent"] is None else f"{other['percent']:.1%}, "
    own = "blanks as a label" if tell else "as a label of their own"
    return [f"blanks: {by}; {tell}missing above; {own}: {agree}kappa {number(other['kappa'])}, alpha "
            f"{number(other['alpha_nominal'])} of {other['units_both_coded']} frames"]  # fmt: skip


def _by_coder(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count)


# --- the card of one row ------------------------------------------------------------------------------------------


def coefficients(card: Card) -> Rows:
    """All coefficients with their intervals, and beside them the reading in which a blank is a label."""
    other = card.get("blank_as_label") or {}
    rows: Rows = {}
    for name, said in NAMED.items():
        if name in card:
            ends = [Cell(interval(card, name, method)) for method in METHODS]
            second = number(other[name]) if name in other else ""
            rows[name] = (Cell(said, "strong" if name == alpha(card) else ""), _value(card[name]), *ends,
                          Cell(second, "dim"))  # fmt: skip
    return rows


def about_coefficient(card: Card, name: str) -> list[str]:
    """Why it is undefined; how it was computed; and what to know of the card."""
    lines = [f"{NAMED[name]}: {undefined(card, name)}"] if name in card and card[name] is None else []
    error = card["errors"].get(name)
    lines += [f"standard error {number(error['value'])}: {error['formula']}"] if error else []
    side = card["one_sided"].get(name)
    lines += [f"nobody ever disagreed: 95 % one-sided {side[0]:.3f} to {side[1]:.3f}"] if side else []
    lines += [words for words in card["definitions"] if words.startswith(f"{name}:")]
    return lines + needed(card) + blanks(card)
