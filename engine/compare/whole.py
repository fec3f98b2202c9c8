"""A whole comparison: sides, metrics with differences, criteria, and in what the runs differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.compare import code, differ, items, paired, reliability, side
from engine.compare.code import Changed
from engine.compare.differ import Row
from engine.compare.items import Items
from engine.compare.paired import Paired, Unpaired
from engine.compare.parts import Part
from engine.compare.reliability import BinRow
from engine.compare.side import Side
from engine.criteria import Judged
from engine.errors import DataError
from engine.run import Run
from engine.status import Status
from engine.workspace import Workspace


@dataclass(frozen=True)
class MetricRow:
    """One metric on all sides; `paired` holds the paired difference of each side, where there is one."""

    name: str
    values: tuple[float | None, ...]
    paired: tuple[Paired | None, ...]

    @property
    def differences(self) -> tuple[float | None, ...]:
        """Of each side to the first one."""
        first = self.values[0]
        return tuple(None if value is None or first is None else value - first for value in self.values)


@dataclass(frozen=True)
class Comparison:
    """Runs side by side, the first of them the reference."""

    sides: tuple[Side, ...]
    metrics: tuple[MetricRow, ...]
    criteria: tuple[tuple[str, tuple[Judged | None, ...]], ...]
    spec: tuple[Row, ...]
    code: tuple[Row, ...]
    files: tuple[tuple[Changed, ...] | str, ...]  # of each side to the reference, or why nobody can tell
    environment: tuple[Row, ...]
    same_keys: int  # of the specs
    reliability: tuple[BinRow, ...] = ()
    unpaired: tuple[Unpaired, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def comparisons(self) -> int:
        """How many differences were tested."""
        return sum(one is not None for row in self.metrics for one in row.paired)


def named(workspace: Workspace, names: Sequence[str]) -> Comparison:
    """The runs of these names, or what one run holds, as `side.chosen` finds them; it is noted which do not stand here.

    Raises:
        AskError: they cannot be compared.
    """
    found, left = of(workspace, side.chosen(workspace, names)), side.left_out(workspace, names)
    return with_note(found, left) if left else found


def of(workspace: Workspace, chosen: Sequence[Part]) -> Comparison:
    """Everything but the paired differences, which take a second."""
    sides, runs = tuple(side.read(one) for one in chosen), [one.run for one in chosen]
    return Comparison(
        sides,
        metrics(sides),
        _criteria(sides),
        tuple(differ.rows([one.spec for one in sides])),
        tuple(differ.rows([one.code for one in sides])),
        tuple(_files(workspace, runs[0], run) for run in runs),
        tuple(differ.rows([one.environment for one in sides])),
        differ.same([one.spec for one in sides]),
        reliability.rows(chosen),
    )


def with_paired(plain: Comparison, *, common: bool = False) -> Comparison:
    """The same with paired differences where the test items are the same.

    Raises:
        DataError: they could not be computed.
    """
    computed, unpaired = paired.paired([_items(one) for one in plain.sides], common=common)
    rows = (*plain.metrics, *_untold(plain.metrics, computed))
    names = {row.name for row in rows}
    found = paired.holm([one for one in computed if one.metric in names])
    notes = plain.notes if common else (*plain.notes, *_contradictions(plain, found))
    return replace(plain, metrics=tuple(_with(row, found) for row in rows), unpaired=tuple(unpaired), notes=notes)


def with_note(found: Comparison, note: str) -> Comparison:
    """The same with something to know about it."""
    return replace(found, notes=(*found.notes, note))


def now(found: Comparison, statuses: Mapping[str, Status]) -> Comparison:
    """The same with what its runs say by now, by their ids."""
    sides = tuple(replace(one, status=statuses.get(one.run.id, one.status)) for one in found.sides)
    pairs = {row.name: row.paired for row in found.metrics}
    rows = [replace(row, paired=pairs.pop(row.name, row.paired)) for row in metrics(sides)]
    rest = [row for row in found.metrics if row.name in pairs and any(row.paired)]
    return replace(found, sides=sides, metrics=(*rows, *rest), criteria=_criteria(sides))


def _with(row: MetricRow, found: Sequence[Paired]) -> MetricRow:
    at = {one.side: one for one in found if one.metric == row.name}
    return replace(row, paired=tuple(at.get(place) for place in range(len(row.values))))


def _untold(told: Sequence[MetricRow], computed: Sequence[Paired]) -> list[MetricRow]:
    """Rows for predictions of which no run told a score; their values are those of the predictions."""
    scored = {row.name.rpartition(".")[0] for row in told if row.name.rpartition(".")[2] in paired.SCORES}
    rows: dict[str, MetricRow] = {}
    for one in computed:
        if one.metric.rpartition(".")[0] not in scored:
            values = {0: one.one, one.side: one.other}
            before = rows.get(one.metric)
            count = 1 + max(other.side for other in computed)
            known = before.values if before else (None,) * count
            merged = tuple(values.get(place, value) for place, value in enumerate(known))
            rows[one.metric] = MetricRow(one.metric, merged, (None,) * count)
    return list(rows.values())


def _contradictions(plain: Comparison, found: Sequence[Paired]) -> Iterator[str]:
    """Where a run said another number than its predictions give."""
    said = {row.name: row.values for row in plain.metrics}
    for one in found:
        for place, value in ((0, one.one), (one.side, one.other)):
            told = said.get(one.metric, ())[place : place + 1]
            if told and told[0] is not None and abs(told[0] - value) > 1e-6:
                run = plain.sides[place].id
                yield f"{run}: it says {one.metric} {told[0]:.6g}, its {items.TABLE} gives {value:.6g}"


def metrics(sides: Sequence[Side]) -> tuple[MetricRow, ...]:
    """All metrics of all sides, in the order in which they first occur."""
    names = dict.fromkeys(name for one in sides for name in one.metrics)
    nothing = (None,) * len(sides)
    return tuple(MetricRow(name, tuple(one.metrics.get(name) for one in sides), nothing) for name in names)


def _criteria(sides: Sequence[Side]) -> tuple[tuple[str, tuple[Judged | None, ...]], ...]:
    known = [{judged.name: judged for judged in one.status.criteria} for one in sides]
    names = dict.fromkeys(name for one in known for name in one)
    return tuple((name, tuple(one.get(name) for one in known)) for name in names)


def _files(workspace: Workspace, reference: Run, other: Run) -> tuple[Changed, ...] | str:
    if reference == other:
        return ()
    try:
        return tuple(code.changed(workspace, reference, other))
    except DataError as error:
        return error.message


def _items(one: Side) -> Items | str:
    try:
        found = items.read(one.run, one.status)
        return {"": found.get(one.stage, {})} if one.stage else found
    except DataError as error:
        return error.message


def differences(found: Comparison) -> Mapping[str, Sequence[Row]]:
    """The groups of keys that differ."""
    return {"spec": found.spec, "code": found.code, "environment": found.environment}
