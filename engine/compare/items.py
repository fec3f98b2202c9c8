"""The items on which a run was tested: what it predicted for each, read from its table of predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine import tables
from engine.errors import DataError
from engine.run import Run
from engine.status import Status

TABLE = "predictions.csv"
KEYS = (
    ("video_id", "frame_index"),
    ("item",),
    ("path",),
    ("id",),
)  # columns that name an item, the first that are there
PREDICTED = ("after", "prediction", "predicted")
GROUPS = ("subject", "scene", "session", "group", "video_id")  # what makes items alike


@dataclass(frozen=True)
class Item:
    """One prediction; `groups` are (column, value) of all that it shares with other items."""

    label: str
    predicted: str
    groups: tuple[tuple[str, str], ...]


Items = Mapping[str, Mapping[tuple[str, ...], Item]]  # by variable, and by what names an item


def read(run: Run, status: Status) -> Items:
    """The items of each variable; under "" where the table has no column for variables.

    Raises:
        DataError: the run made no such table, or it is not what it has to be.
    """
    if not any(entry["name"] == TABLE for entry in status.artifacts):
        raise DataError(f"{run.id} made no {TABLE}", hint="only jobs that predict something leave one")
    rows = tables.read(run.artifacts / TABLE, ["label"])
    return _by_variable(f"{run.id}: artifacts/{TABLE}", rows)


def _by_variable(where: str, rows: Sequence[Mapping[str, str]]) -> Items:
    found: dict[str, dict[tuple[str, ...], Item]] = {}
    if not rows:
        return found
    columns = rows[0].keys()
    keys = next((names for names in KEYS if columns >= set(names)), None)
    predicted = next((name for name in PREDICTED if name in columns), None)
    if keys is None or predicted is None:
        wanted = "video_id and frame_index, or item" if keys is None else f"one of {', '.join(PREDICTED)}"
        raise DataError(f"{where}: no column {wanted}", hint=f"its columns are: {', '.join(columns)}")
    groups = [name for name in GROUPS if name in columns]
    # A fold that is told by a name is what was left out together; one that is a number is only a turn.
    groups += ["fold"] if any(not row.get("fold", "0").isdigit() for row in rows) else []
    for row in rows:
        name = tuple(row[key] for key in keys)
        items = found.setdefault(row.get("variable", ""), {})
        if name in items:
            raise DataError(f"{where}: {' '.join(name)} is predicted twice", hint="an item has one row a variable")
        items[name] = Item(row["label"], row[predicted], tuple((group, row[group]) for group in groups))
    return found


def clusters(names: Sequence[tuple[str, ...]], *sides: Mapping[tuple[str, ...], Item]) -> list[int]:
    """For each item the number of its cluster: items are together that share a group on any side."""
    first: dict[tuple[str, str], int] = {}
    parents = list(range(len(names)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    for place, name in enumerate(names):
        for side in sides:
            for group in side[name].groups:
                parents[root(place)] = root(first.setdefault(group, place))
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(place), len(numbers)) for place in range(len(names))]
