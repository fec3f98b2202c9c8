"""A comparison as rows of cells, for the tables of the Compare screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from engine.compare import words
from engine.compare.differ import ABSENT, Row
from engine.compare.paired import SCORES, Paired
from engine.compare.reliability import Bin
from engine.compare.side import Side, sign
from engine.compare.whole import Comparison, MetricRow
from engine.criteria import Judged
from engine.words import headline, number
from tui import format as said
from tui.widgets.columns import Column
from tui.widgets.tones import Cell

T = TypeVar("T")
Cells = tuple[Cell, ...]
Rows = dict[str, Cells]
LEVEL = 0.05
FAR = 0.1  # accuracy from confidence
BAR = 10  # cells of an accuracy of 1
FILE = "file:"  # how the keys of rows begin that stand for a file of the code
RUNS = (
    Column("sign", "", 5),
    Column("state", "state", 11),
    Column("name", "run", 12, flex=2),
    Column("result", "result", 14, flex=1, keep=7),
    Column("tags", "tags", 6, keep=3, most=16),
    Column("note", "note", 6, flex=1, keep=2),
    Column("id", "id", 30, keep=5),
)


def name(side: Side) -> str:
    """What people call a run, here."""
    return side.stage or side.status.title or side.run.job


def curves(side: Side, known: Mapping[str, T]) -> Mapping[str, T]:
    """The curves of a run by their names; of a stage only its own."""
    begin = f"{side.stage}." if side.stage else ""
    return {name.removeprefix(begin): curve for name, curve in known.items() if name.startswith(begin)}


def columns(found: Comparison, first: str, width: int) -> list[Column]:
    """A column for the key, and one for each run."""
    heads = [f"{sign(place)} {name(side)}" for place, side in enumerate(found.sides)]
    rest = [Column(sign(place), head, width, flex=1) for place, head in enumerate(heads)]
    return [Column("key", first, 20, flex=1), *rest]


def runs(found: Comparison) -> Rows:
    """The runs themselves."""
    rows: Rows = {}
    for place, side in enumerate(found.sides):
        state = Cell(said.state(side.status.state), said.TONES.get(side.status.state, ""))
        known = headline(side.metrics, [judged.name for judged in side.status.criteria])
        result = f"{number(side.metrics[known])} {known.rpartition('.')[2]}" if known else ""
        tags, note = " ".join(side.labels.tags), side.labels.note
        rest = (Cell(result), Cell(tags, "dim"), Cell(note, "dim"), Cell(side.id, "dim"))
        rows[side.id] = (Cell(sign(place) + " ref" * (not place), "strong"), state, Cell(name(side)), *rest)
    return rows


def metrics(found: Comparison) -> Rows:
    """Values, with the difference to the first run; a star where it is more than chance explains."""
    return {
        row.name: (Cell(row.name), *(_metric(row, place) for place in range(len(row.values)))) for row in found.metrics
    }


def _metric(row: MetricRow, place: int) -> Cell:
    value, difference, pair = row.values[place], row.differences[place], row.paired[place]
    if value is None:
        return Cell(ABSENT, "dim")
    text = number(value)
    if place and difference is not None:
        certain = pair is not None and pair.adjusted_p < LEVEL
        return Cell(f"{text} {words.signed(difference)}{'*' * certain}", "strong" if certain else "")
    return Cell(text)


def about_metric(found: Comparison, name: str) -> list[str]:
    """All there is to know of one metric: intervals, or why there are none."""
    row = next((row for row in found.metrics if row.name == name), None)
    if row is None:
        return []
    lines = [_interval(place, pair) for place, pair in enumerate(row.paired) if pair is not None]
    variable, _, score = name.rpartition(".")
    whys: dict[str, list[str]] = {}
    for one in found.unpaired if score in SCORES else ():
        if one.variable in ("", variable):
            whys.setdefault(one.why, []).append(sign(one.side))
    return lines + [f"{' '.join(signs)} not paired with a: {why}" for why, signs in whys.items()]


def _interval(place: int, pair: Paired) -> str:
    low, high = words.signed(pair.low), words.signed(pair.high)
    chance = f"p {words.chance(pair.p)}, Holm {words.chance(pair.adjusted_p)}"
    same = f"{pair.items} items, {pair.groups} groups"
    return f"{sign(place)} − a  {words.signed(pair.difference)}  95 % {low} to {high}  {chance}  {same}"


def reliability(found: Comparison) -> Rows:
    """Of each bin of confidence how often each run is right: a bar of that, and how far it is from how sure it is."""
    return {row.name: (Cell(f"sure {row.name}", "dim"), *map(_bin, row.values)) for row in found.reliability}


def _bin(one: Bin | None) -> Cell:
    if one is None:
        return Cell(ABSENT, "dim")
    return Cell(f"{words.bin_(one)} {'█' * round(BAR * one.accuracy)}", "warn" if abs(one.gap) > FAR else "")


def criteria(found: Comparison) -> Rows:
    """Each criterion with what it was held against."""
    return {name: (Cell(name), *map(_judged, judged)) for name, judged in found.criteria}


def _judged(one: Judged | None) -> Cell:
    tone = "dim" if one is None or one.passed is None else "good" if one.passed else "bad"
    return Cell(words.judged(one), tone)


def differing(rows: Sequence[Row]) -> Rows:
    """Keys with their values; what is not as in the first run stands out, and has a sign for screens without colour."""
    return {row.key: (Cell(row.key), *map(_value, row.values, row.differs)) for row in rows}


def _value(text: str, differs: bool) -> Cell:
    return Cell(f"≠ {text}", "warn") if differs else Cell(f"  {text}")


def code(found: Comparison) -> Rows:
    """What the code is, and below it the files that differ from those of the first run."""
    rows = differing(found.code)
    changes = [{} if isinstance(files, str) else {file.path: file for file in files} for files in found.files]
    for path in dict.fromkeys(path for files in changes for path in files):
        cells = []
        for files in changes:
            file = files.get(path)
            cells.append(Cell(f"≠ {file.how} +{file.plus} −{file.minus}", "warn") if file else Cell("  same", "dim"))
        rows[FILE + path] = (Cell(path, "accent"), *cells)
    for place, why in enumerate(found.files):
        if isinstance(why, str):
            rows[f"why {place}"] = (Cell(f"{sign(place)}: {why}", "warn"), *(Cell("") for _ in found.sides))
    return rows


def values(found: Mapping[str, Cells], key: str) -> list[str]:
    """A row of a table in full, a line a run."""
    cells = found.get(key, ())
    return [f"{sign(place)}  {cell.text.strip()}" for place, cell in enumerate(cells[1:])]
