"""The columns that a list of runs can have: a metric of any name is one as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.words import duration
from tui import cells
from tui import format as words
from tui.entries import Entry, measured
from tui.widgets.columns import Column
from tui.widgets.tones import Cell

METRIC = "metric:"
STATES = ("running", "pending", "failed", "lost", "preempted", "stopped", "done")  # what moves, what needs a look


@dataclass(frozen=True)
class RunColumn:
    """A column, what stands in it, what it is about, and what is compared when somebody sorts by it."""

    column: Column
    about: str
    cell: Callable[[Entry, float], Cell]
    rank: Callable[[Entry], Any] | None = None
    falls: bool = False  # sorting by it puts the highest first

    @property
    def key(self) -> str:
        return self.column.key


def _number(value: float | None) -> float:
    """The highest first, and what is missing or not a number last."""
    return -value if value is not None and value == value else float("inf")


def _headline(entry: Entry) -> float:
    return _number(entry.headline[1] if entry.headline else None)


def _state(entry: Entry) -> int:
    return STATES.index(entry.state) if entry.state in STATES else len(STATES)


def _passed(entry: Entry) -> float:
    judged = entry.status.criteria
    return -sum(bool(one.passed) for one in judged) / len(judged) if judged else 1.0


def _duration(entry: Entry, now: float) -> Cell:
    status = entry.status
    return Cell(duration((status.ended_at or now) - status.started_at) if status.started_at else "", "dim")


COLUMNS: tuple[RunColumn, ...] = (
    RunColumn(Column("state", "state", 11, letter="S"), "how it is going", lambda entry, _: cells.state(entry),
              lambda entry: (_state(entry), -entry.changed_at)),
    RunColumn(Column("job", "job", 8, keep=5, letter="J"), "which job does it", lambda entry, _: Cell(entry.job, "dim"),
              lambda entry: (entry.job, entry.name, -entry.changed_at)),
    RunColumn(Column("name", "name", 12, flex=4, letter="N"), "its title", lambda entry, _: cells.name(entry),
              lambda entry: (entry.name.lower(), -entry.changed_at)),
    RunColumn(Column("progress", "progress", 10, flex=1, keep=7), "how much is done; afterwards how long it took",
              lambda entry, _: cells.progress(entry)),
    RunColumn(Column("eta", "left", 7, keep=2), "how long the phase still needs", lambda entry, _: cells.eta(entry)),
    RunColumn(Column("result", "metric", 8, keep=7, right=True, letter="M"), "its headline metric",
              lambda entry, _: cells.result_and_name(entry)[0], lambda entry: (_headline(entry), -entry.changed_at),
              falls=True),
    RunColumn(Column("metric", "of", 8, flex=2, keep=4), "the name of the headline metric",
              lambda entry, _: cells.result_and_name(entry)[1]),
    RunColumn(Column("passed", "pass", 5, keep=8, letter="P"), "criteria passed of those declared",
              lambda entry, _: cells.passed(entry), lambda entry: (_passed(entry), -entry.changed_at),
              falls=True),
    RunColumn(Column("tags", "tags", 8, flex=1, keep=3), "its tags", lambda entry, _: cells.tags(entry),
              lambda entry: (not entry.tags, entry.tags, -entry.changed_at)),
    RunColumn(Column("device", "device", 7, keep=1), "where it computes",
              lambda entry, _: cells.place(entry), lambda entry: (cells.place(entry).text, -entry.changed_at)),
    RunColumn(Column("age", "age", 4, right=True, letter="A"), "how long ago it began or ended", cells.age,
              lambda entry: -entry.changed_at),
    RunColumn(Column("duration", "took", 7, keep=6, right=True), "how long it has taken", _duration,
              lambda entry: _number((entry.status.ended_at or 0) - (entry.status.started_at or 0)), falls=True),
    RunColumn(Column("uses", "uses", 12, flex=1, keep=4), "processor, GPU and memory now",
              lambda entry, _: cells.load(entry)),
    RunColumn(Column("note", "note", 12, flex=2, keep=4, most=40), "its note",
              lambda entry, _: Cell(entry.note, "dim")),
    RunColumn(Column("id", "id", 12, keep=4, most=40), "the name of its folder", lambda entry, _: Cell(entry.id, "dim"),
              lambda entry: entry.id),
    RunColumn(Column("host", "host", 8, keep=3, most=24), "which machine it runs on",
              lambda entry, _: Cell(entry.status.host, "dim"), lambda entry: (entry.status.host, -entry.changed_at)),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
USUAL = ("state", "job", "name", "progress", "eta", "result", "metric", "passed", "tags", "device", "age")


def metric(name: str) -> RunColumn:
    """The column of a metric."""
    label = name.rpartition(".")[2]
    column = Column(METRIC + name, label, max(7, min(len(label), 12)), keep=7, right=True)
    return RunColumn(column, f"the metric {name}", lambda entry, _: _measured(entry, name),
                     lambda entry: (_number(measured(entry.status).get(name)), -entry.changed_at),
                     falls=True)  # fmt: skip


def _measured(entry: Entry, name: str) -> Cell:
    value = measured(entry.status).get(name)
    return Cell("" if value is None else words.number(value), "dim" if entry.moving else "")


def column(key: str) -> RunColumn | None:
    """A column by its key; None where this version has no such one."""
    return metric(key.removeprefix(METRIC)) if key.startswith(METRIC) else BY_KEY.get(key)


def named(keys: Iterable[str]) -> list[RunColumn]:
    """The columns of these keys, as far as they are known; the usual ones where none is."""
    found = [known for key in keys if (known := column(key)) is not None]
    return found or [BY_KEY[key] for key in USUAL]


def offered(shown: Sequence[RunColumn], entries: Iterable[Entry]) -> list[RunColumn]:
    """All columns that there can be: those that are shown first, and each metric that a run has."""
    there = {column.key for column in shown}
    metrics = sorted({name for entry in entries for name in measured(entry.status)})
    others = [*COLUMNS, *(metric(name) for name in metrics)]
    return [*shown, *(column for column in others if column.key not in there)]
