"""A comparison as words: for the terminal, as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from engine.compare.differ import ABSENT, Row
from engine.compare.paired import METHOD, Paired
from engine.compare.reliability import Bin
from engine.compare.side import sign
from engine.compare.whole import Comparison, MetricRow, differences
from engine.criteria import Judged
from engine.words import number

Table = tuple[Sequence[str], list[Sequence[str]]]
CSV_COLUMNS = (
    "kind", "name", "sign", "run", "value", "difference", "low", "high", "p", "holm_p", "items", "groups", "said"
)  # fmt: skip


def signed(value: float) -> str:
    """A difference: +0.125."""
    return f"+{number(value)}" if value > 0 else number(value)


def chance(p: float) -> str:
    """A p value: 0.031, <0.001."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def interval(one: Paired) -> str:
    """A paired difference with its interval and the p value that holds for all together."""
    return f"{signed(one.difference)} [{signed(one.low)}, {signed(one.high)}] p {chance(one.adjusted_p)}"


def judged(one: Judged | None) -> str:
    """0.75 > 0.35 ✓"""
    if one is None:
        return ABSENT
    return f"{ABSENT if one.value is None else number(one.value)} {one.wanted} {_verdict(one.passed)}"


def _verdict(passed: bool | None) -> str:
    return {True: "✓", False: "✗", None: "not measured"}[passed]


def footnotes(found: Comparison) -> list[str]:
    """What has to be known to read the table of metrics."""
    notes = []
    if found.comparisons:
        groups = sorted({one.groups for row in found.metrics for one in row.paired if one})
        sizes = sorted({one.items for row in found.metrics for one in row.paired if one})
        notes.append(METHOD)
        notes.append(
            f"{found.comparisons} differences were tested, p is corrected for all of them (Holm). "
            f"Same items: {_range(sizes)}; groups: {_range(groups)}."
        )
    notes += [f"{sign(one.side)} not paired with a{_of(one.variable)}: {one.why}" for one in found.unpaired]
    return [*notes, *dict.fromkeys(found.notes), *(fault for side in found.sides for fault in side.faults)]


def _of(variable: str) -> str:
    return f" for {variable}" if variable else ""


def _range(sizes: Sequence[int]) -> str:
    return str(sizes[0]) if sizes[0] == sizes[-1] else f"{sizes[0]} to {sizes[-1]}"


# --- tables -------------------------------------------------------------------------------------------------------


def tables(found: Comparison) -> Iterator[tuple[str, Table]]:
    """All tables with their titles, those without rows left out."""
    signs = [sign(place) for place in range(len(found.sides))]
    yield "Runs", (("sign", "run", "state", "title", "tags", "note"), [*_runs(found)])
    made: list[tuple[str, Table]] = [
        ("Metrics", (("metric", *signs), [(row.name, *map(_value, row.values)) for row in found.metrics])),
        ("Differences to a", (("metric", *signs[1:]), [*_differences(found)])),
        ("Reliability: accuracy (less confidence), images", (("confidence", *signs), [*_reliability(found)])),
        ("Criteria", (("criterion", *signs), [(name, *map(judged, all_of)) for name, all_of in found.criteria])),
    ]
    for name, rows in differences(found).items():
        made.append((f"{name.capitalize()}: what differs", (("key", *signs), [_row(row) for row in rows])))
    made.append(("Code: files that differ from a", (("sign", "file", "how", "+", "-"), [*_files(found)])))
    yield from ((title, table) for title, table in made if table[1])


def _runs(found: Comparison) -> Iterator[Sequence[str]]:
    for place, side in enumerate(found.sides):
        labels = side.labels
        yield sign(place), side.id, side.status.state, side.status.title, " ".join(labels.tags), labels.note


def _value(value: float | None) -> str:
    return ABSENT if value is None else number(value)


def _differences(found: Comparison) -> Iterator[Sequence[str]]:
    for row in found.metrics:
        cells = [_difference(row, place) for place in range(1, len(row.values))]
        if any(cell != ABSENT for cell in cells):
            yield row.name, *cells


def _difference(row: MetricRow, place: int) -> str:
    pair, plain = row.paired[place], row.differences[place]
    if pair is not None:
        return interval(pair)
    return ABSENT if plain is None else signed(plain)


def _reliability(found: Comparison) -> Iterator[Sequence[str]]:
    for row in found.reliability:
        yield row.name, *map(bin_, row.values)


def bin_(one: Bin | None) -> str:
    """A bin: how often right, how far that is from how sure, and of how many images."""
    return ABSENT if one is None else f"{one.accuracy:.2f} ({one.gap:+.2f}) {one.images}"


def _row(row: Row) -> Sequence[str]:
    return row.key, *row.values


def _files(found: Comparison) -> Iterator[Sequence[str]]:
    for place, files in enumerate(found.files):
        if isinstance(files, str):
            yield sign(place), files, "", "", ""
        else:
            yield from ((sign(place), file.path, file.how, str(file.plus), str(file.minus)) for file in files)


# --- whole texts ----------------------------------------------------------------------------------------------------


def same(found: Comparison) -> str:
    """How much of the specs is the same."""
    return f"{found.same_keys} keys of their specs are the same."


def markdown(found: Comparison) -> str:
    """As Markdown."""
    lines = [f"# {len(found.sides)} runs side by side", "", "a is the reference.", ""]
    for title, (head, rows) in tables(found):
        lines += [f"## {title}", "", _cells(head), _cells(["---"] * len(head)), *map(_cells, rows), ""]
    return "\n".join([*lines, *(f"- {note}" for note in [*footnotes(found), same(found)]), ""])


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def as_csv(found: Comparison) -> str:
    """As CSV: a row for each value of each run, numbers in full."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(CSV_COLUMNS)
    for row in found.metrics:
        for place in range(len(found.sides)):
            table.writerow(["metric", row.name, *_who(found, place), *_numbers(row, place)])
    for name, all_of in found.criteria:
        for place, one in enumerate(all_of):
            value = [one.value if one else None, *[None] * 7, judged(one)]
            table.writerow(["criterion", name, *_who(found, place), *value])
    for bins in found.reliability:
        for place, each in enumerate(bins.values):
            numbers = [each.accuracy, each.gap, *[None] * 4, each.images] if each else [None] * 7
            table.writerow(["reliability", bins.name, *_who(found, place), *numbers, None, bin_(each)])
    for group, rows in differences(found).items():
        for differing in rows:
            for place, value_of in enumerate(differing.values):
                table.writerow([group, differing.key, *_who(found, place), *[None] * 8, value_of])
    return out.getvalue()


def _who(found: Comparison, place: int) -> tuple[str, str]:
    return sign(place), found.sides[place].id


def _numbers(row: MetricRow, place: int) -> list[object]:
    pair = row.paired[place]
    if pair is None:
        return [row.values[place], row.differences[place], *[None] * 7]
    numbers = [row.values[place], pair.difference, pair.low, pair.high, pair.p, pair.adjusted_p]
    return [*numbers, pair.items, pair.groups, None]
