"""What reports tell of runs: the numbers in their JSON artifacts, side by side, each with its origin."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from typing import Any

from engine.compare.side import sign
from engine.errors import DataError
from engine.reports.document import Block, Cell, Code, Heading, Paragraph, Table
from engine.reports.number import Number
from engine.reports.origin import Origin, Reader, pointer
from engine.run import Run

DEEP = 3  # levels of keys
MOST = 60  # numbers of one file, where nobody says which
ASIDE = ("format", "bins", "bins_before", "confusion", "preprocess", "intervals", "gain", "weights")
MEASURED = ("accuracy", "macro_f1", "balanced_accuracy", "nll", "ece", "temperature")
NAMES = ("*.json", "*.csv")


def files(run: Run) -> list[str]:
    """The artifacts of a run out of which numbers can be read."""
    found = (path for pattern in NAMES for path in run.artifacts.rglob(pattern))
    return sorted(path.relative_to(run.artifacts).as_posix() for path in found if not path.name.startswith("."))


def reference(run: Run, name: str) -> str:
    """How an artifact of a run is named."""
    return f"run:{run.id}/{name}"


def overview(runs: Sequence[Run]) -> list[Block]:
    """Which runs these are."""
    rows: list[list[Cell]] = []
    for place, run in enumerate(runs):
        made = time.strftime("%Y-%m-%d %H:%M", time.gmtime(run.created_at))
        status = run.status()
        rows.append([[sign(place)], [Code(run.id)], [Code(made)], [status.state], [Code(status.title or "-")]])
    return [Heading(2, "Runs"), Table([[""], ["run"], ["made (UTC)"], ["state"], ["title"]], rows)]


def results(runs: Sequence[Run], reader: Reader, wanted: Sequence[str] = ()) -> Iterator[Block]:
    """A table for each file that the runs made, a column for each run that made it."""
    made = {run.id: files(run) for run in runs}
    for name in dict.fromkeys(name for run in runs for name in made[run.id]):
        those = [(sign(place), run) for place, run in enumerate(runs) if name in made[run.id]]
        wholes = [reader.whole(reference(run, name)) for _, run in those]
        if keys := _keys(wholes, wanted, table=name.endswith(".csv")):
            yield Heading(2, name)
            if not wanted and len(keys) > MOST:
                keys = keys[:MOST]
                yield Paragraph(("Not all numbers of this file; ", Code("numbers"), " in the spec names others."))
            head: list[Cell] = [["key"], *([one] for one, _ in those)]
            yield Table(
                head,
                [
                    [[Code(_spoken(wholes[0], key))], *(_cell(reader, run, name, key) for _, run in those)]
                    for key in keys
                ],
            )


def _keys(wholes: Sequence[Any], wanted: Sequence[str], *, table: bool) -> list[str]:
    """The keys that hold a number in one of these files, in the order of the first."""
    if table:
        return ["/rows"] if not wanted or any(fnmatch("/rows", pattern) for pattern in wanted) else []
    leaves = dict.fromkeys(key for whole in wholes for key in _leaves(whole, "", deep=9 if wanted else DEEP))
    if wanted:
        return [key for key in leaves if any(fnmatch(key, pattern) for pattern in wanted)]
    return [key for key in leaves if not set(key.split("/")) & set(ASIDE)]


def _spoken(whole: Any, key: str) -> str:
    """A key with the names of what stands in lists: `teachers/resnet18/weight` and not `teachers/0/weight`."""
    words = []
    for part in key[1:].split("/"):
        inner = whole[int(part)] if isinstance(whole, list) and part.isdecimal() and int(part) < len(whole) else None
        words.append(str(inner.get("name", part)) if isinstance(inner, dict) else part)
        whole = inner if inner is not None else whole.get(part) if isinstance(whole, dict) else None
    return "/".join(words)


def _leaves(value: Any, place: str, deep: int) -> Iterator[str]:
    if isinstance(value, dict) and deep:
        for key, inner in value.items():
            yield from _leaves(inner, place + pointer(key), deep - 1)
    elif isinstance(value, list) and deep:
        for number, inner in enumerate(value):
            yield from _leaves(inner, place + pointer(number), deep - 1)
    elif isinstance(value, int | float) or (value is None and place.rpartition("/")[2] in MEASURED):
        yield place


def _cell(reader: Reader, run: Run, name: str, key: str) -> Cell:
    """A number, with its interval where the same file has one."""
    file = reference(run, name)
    value = number(reader, Origin(file, key))
    if value is None:
        return ["no such key"]
    before, _, last = key.rpartition("/")
    ends = [number(reader, Origin(file, f"{before}/intervals/{last}/{end}")) for end in (0, 1)]
    low, high = ends
    return [value] if low is None or high is None else [value, " [", low, ", ", high, "]"]


def number(reader: Reader, origin: Origin) -> Number | None:
    """The number of an origin; None where there is no such key."""
    try:
        return Number(reader.value(origin), origin)
    except DataError:
        return None
