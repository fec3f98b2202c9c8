"""What coders differ on, how far they are, and the gold set, as rows of cells and lines of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.annotations import goldwords
from tui.agreeing import Rows
from tui.cases import Cards, Case, GoldSide, Labels
from tui.format import age
from tui.widgets.columns import Column
from tui.widgets.tones import Cell

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CASES = (
    Column("variable", "variable", 11, flex=1, most=20),
    Column("kind", "kind", 11),
    Column("codes", "codes", 24, flex=3, most=44),
    Column("label", "adjudicated", 11, flex=1, most=18),
    Column("reason", "reason", 12, flex=2, keep=5),
    Column("frame", "frame", 5, keep=4, right=True),
    Column("video", "video", 14, flex=1, keep=3),
)
CODERS = (
    Column("coder", "coder", 12, flex=1, most=24),
    Column("seen", "seen", 16, flex=1),
    Column("shared", "of overlap", 10),
    Column("saved", "labels / can't tell / blank", 30, flex=2),
    Column("oneself", "with oneself", 16, flex=2, keep=6, most=50),
    Column("age", "newest", 6, keep=5, right=True),
)
GOLD = (
    Column("variable", "variable", 11, flex=1, most=24),
    Column("label", "label", 12, flex=1, most=24),
    Column("gold", "gold", 12, right=True),
    Column("left", "left out", 12, right=True),
    Column("why", "of all: origin, and why others are not gold", 30, flex=4, keep=5),
)


def lettered(case: Case) -> str:
    """`A personal · B social`: the codes without names."""
    return " · ".join(f"{LETTERS[place % 26]} {code or 'blank'}" for place, code in enumerate(case.codes))


def row(case: Case) -> tuple[Cell, ...]:
    """A frame and a variable on which coders differ."""
    tone = {"genuine": "warn", "blank": "dim"}.get(case.kind, "")
    settled = Cell("open", "dim") if case.label is None else Cell(f"✓ {case.label}", "good")
    rest = (Cell(case.reason, "dim"), Cell(str(case.frame_index), "dim"), Cell(case.video_id, "dim"))
    return Cell(case.variable), Cell(case.kind, tone), Cell(lettered(case)), settled, *rest


def about_case(case: Case) -> list[str]:
    """All of a case: its codes without names, and what was decided."""
    said = [f"{case.variable}: {lettered(case)}"]
    if case.label is not None:
        said.append(f"✓ adjudicated: {case.label} ({case.reason}), by {case.by}")
    return said


def coders(labels: Labels, cards: Cards | None, now: float) -> Rows:
    """How far each coder is, and how often each says the same of a frame that comes back."""
    rows: Rows = {}
    for one in labels.coders:
        seen = f"{one.seen:,} of {one.asked:,}" if one.asked else f"{one.seen:,}"
        saved = "  ".join(f"{name} {given}/{unsure}/{blank}" for name, given, unsure, blank in one.saved)
        part = one.seen / one.asked if one.asked else None
        rows[one.coder] = (
            Cell(one.coder, "strong"), Cell(seen, "", part), Cell(f"{one.shared} of {labels.overlap[0]}"), Cell(saved),
            Cell(_oneself(cards, one.coder)), Cell(age(now - one.newest) if one.newest > 1 else "", "dim"),
        )  # fmt: skip
    return rows


def _oneself(cards: Cards | None, coder: str) -> str:
    said = []
    for name, found in (cards.variables if cards else {}).items():
        card = found["repeats"].get(coder)
        if card and card["percent"] is not None:
            said.append(f"{name} {card['percent']:.0%} of {card['units_both_coded']}")
    return ", ".join(said)


def gold(sides: Sequence[GoldSide]) -> Rows:
    """The classes of what is gold, beside those of what was left out."""
    rows: Rows = {}
    for side in sides:
        total, rest = side.agreed + side.adjudicated, sum(share.left_out for share in side.mix)
        rows[side.variable] = (Cell(side.variable, "strong"), Cell("all"), Cell(str(total), "strong"),
                               Cell(str(side.missed)), Cell(" · ".join(origins(side))))  # fmt: skip
        for share in side.mix:
            rows[f"{side.variable}\t{share.label}"] = (
                Cell(side.variable, "dim"), Cell(share.label), Cell(_part(share.gold, total)),
                Cell(_part(share.left_out, rest)), Cell(""),
            )  # fmt: skip
    return rows


def _part(count: float, total: float) -> str:
    return f"{count:.3g} {count / total:4.0%}" if total else f"{count:.3g}"


def origins(side: GoldSide) -> Iterator[str]:
    """How many frames are gold by what, and how many are not, and why."""
    yield f"{side.agreed} agreed"
    if side.adjudicated:
        yield f"{side.adjudicated} adjudicated"
    if side.overruled:
        yield f"{side.overruled} against what all agree on"
    yield from goldwords.reasons(side.why_not)
