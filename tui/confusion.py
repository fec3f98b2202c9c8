"""Which labels are taken for which: the confusion of coders as rows of cells."""

from __future__ import annotations

from tui.agreeing import Card, Rows
from tui.widgets.columns import Column
from tui.widgets.tones import Cell


def columns(card: Card) -> list[Column]:
    """A column a label."""
    labels = [Column(f"to {place}", label, max(6, min(len(label), 14)), right=True)
              for place, label in enumerate(card["labels"])]  # fmt: skip
    return [Column("from", _first(card), 14, flex=1, most=24), *labels, Column("sum", "sum", 6, right=True),
            Column("agree", "specific agreement", 18, keep=6, right=True)]  # fmt: skip


def _first(card: Card) -> str:
    return f"{card['coders'][0]} ↓ {card['coders'][1]} →" if len(card["coders"]) == 2 else "all pairs of codes"


def rows(card: Card) -> Rows:
    """Rows by the label of the first coder (of more than two: coincidences); on the diagonal they agree: [12]."""
    found: Rows = {}
    for place, (label, counts) in enumerate(zip(card["labels"], card["confusion"], strict=True)):
        cells = [_count(count, place == other) for other, count in enumerate(counts)]
        own = card["by_label"][label]["agreement"]
        agree = Cell("–" if own is None else f"{own:.3f}", "dim" if own is None else "")
        found[label] = (Cell(label, "strong"), *cells, Cell(f"{sum(counts):g}", "dim"), agree)
    return found


def _count(count: float, agrees: bool) -> Cell:
    if agrees:
        return Cell(f"[{count:g}]", "good" if count else "dim")
    return Cell(f"{count:g}" if count else "·", "warn" if count else "dim")


def about(card: Card, label: str) -> list[str]:
    """How often each coder gave the label under the cursor, and what the table holds."""
    given = ", ".join(f"{name} {row[card['labels'].index(label)]}" for name, row in card["marginals"].items()
                      if label in card["labels"])  # fmt: skip
    gap = card["marginal_gap"]
    lines = [f"{label} was given by {given}"] if given else []
    lines += [f"largest gap between two coders' shares of labels: {gap:.1%}"] if gap is not None else []
    how = "rows by the first coder, columns by the second" if len(card["coders"]) == 2 else "coincidences of all coders"
    return [*lines, f"{how}; [n] where they agree, · for none; labels in the codebook's order"]
