"""Agreement over time, as charts."""

from __future__ import annotations

from collections.abc import Sequence

from tui.agreeing import NAMED, Card, alpha, number
from tui.cases import Cards
from tui.charting import Chart
from tui.format import several
from tui.widgets.line import Band, Line

ACROSS = "across: frames labelled by both"
LEAST = 3  # windows of a trend; of two nobody can tell where it goes


def drift(cards: Cards) -> list[Chart]:
    """Agreement in windows of as many frames each, in the order in which frames got their second label."""
    made = []
    for variable, found in cards.variables.items():
        if len(found["windows"]) >= LEAST:
            each = [one["card"] for one in found["windows"]]
            steps = _ends(each)
            name = alpha(each[0])
            lines = [line for line in (_line(name, steps, each, "alpha"), _line("percent", steps, each, "agree"))
                     if line.steps]  # fmt: skip
            title = f"{variable}: {len(each)} windows of {each[0]['units_both_coded']} frames; {ACROSS}"
            made.append(Chart(title, lines, [variable]))
    return made


def early(cards: Cards) -> list[str]:
    """In words what is no trend yet: variables with fewer windows than a trend takes."""
    found = {name: [one["card"] for one in of_it["windows"]] for name, of_it in cards.variables.items()}
    return [_early(name, each) for name, each in found.items() if 0 < len(each) < LEAST]


def _early(variable: str, each: Sequence[Card]) -> str:
    name, frames = alpha(each[0]), several(each[0]["units_both_coded"], "frame")
    values = ", ".join(number(card[name]) for card in each)
    agree = ", ".join(f"{card['percent']:.0%}" for card in each if card["percent"] is not None)
    count = several(len(each), "window")
    return f"{variable}: {count} of {frames}, too few for a trend: {NAMED[name]} {values}; agreement {agree}"


def _ends(each: Sequence[Card]) -> list[float]:
    total, steps = 0, []
    for card in each:
        total += card["units_both_coded"]
        steps.append(float(total))
    return steps


def _line(name: str, steps: Sequence[float], each: Sequence[Card], said: str) -> Line:
    known = [(step, card) for step, card in zip(steps, each, strict=True) if card[name] is not None]
    missing = len(each) - len(known)
    values = [card[name] for _, card in known]
    ends = [(step, *card["intervals"][name]["bca"]) for step, card in known
            if None not in (card["intervals"].get(name, {}).get("bca") or [None])]  # fmt: skip
    band = Band(*map(list, zip(*ends, strict=True))) if ends else None
    about = f" ({missing} windows undefined)" if missing else ""
    return Line(said, [step for step, _ in known], values, values[-1] if values else None, band=band, about=about,
                percent=name == "percent")  # fmt: skip
