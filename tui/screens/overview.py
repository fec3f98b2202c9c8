"""Overview: what moves, what needs attention, what is new; at a glance, and one key from each run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from tui import actions, cells
from tui.entries import Entry
from tui.screens.acting import RunScreenActs
from tui.widgets.columns import Column
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

MOST = 50
RECENT_S = 7 * 86400.0
TROUBLE = ("failed", "lost", "preempted")


@dataclass(frozen=True)
class Section:
    """A part of the screen: which runs belong to it, and what is shown of them."""

    id: str
    title: str
    empty: str
    columns: Sequence[Column]
    cells: Callable[[Entry, float], tuple[Cell, ...]]
    belongs: Callable[[Entry, float], bool]


def _fresh(entry: Entry, now: float) -> bool:
    return now - entry.changed_at < RECENT_S


MOVING = Section(
    "moving",
    "Moving",
    "nothing moves; 4 launches a run",
    (
        Column("state", "state", 9),
        Column("name", "run", 16, flex=3),
        Column("phase", "doing", 18, flex=3, keep=6),
        Column("progress", "progress", 10, flex=1),
        Column("eta", "left", 7, keep=8),
        Column("load", "uses", 12, flex=2, keep=4),
    ),
    lambda entry, _now: (
        cells.state(entry), cells.name(entry), cells.phase(entry), cells.progress(entry), cells.eta(entry),
        cells.load(entry),
    ),
    lambda entry, _now: entry.moving,
)  # fmt: skip
ATTENTION = Section(
    "attention",
    "Needs attention",
    "nothing failed or was lost in the last week",
    (
        Column("state", "state", 11),
        Column("name", "run", 16, flex=1, keep=8),
        Column("why", "why", 24, flex=3),
        Column("age", "age", 4, right=True),
    ),
    lambda entry, now: (cells.state(entry), cells.name(entry), cells.why(entry), cells.age(entry, now)),
    lambda entry, now: entry.state in TROUBLE and _fresh(entry, now),
)
RESULTS = Section(
    "results",
    "Newest results",
    "no results yet",
    (
        Column("state", "state", 9, keep=3),
        Column("name", "run", 18, flex=3),
        Column("result", "result", 15, flex=1),
        Column("passed", "passed", 6, keep=8),
        Column("progress", "took", 7, keep=4),
        Column("age", "age", 4, right=True),
    ),
    lambda entry, now: (
        cells.state(entry), cells.name(entry), cells.result(entry), cells.passed(entry), cells.progress(entry),
        cells.age(entry, now),
    ),
    lambda entry, _now: entry.state == "done",
)  # fmt: skip
SECTIONS = (MOVING, ATTENTION, RESULTS)
NO_RUNS = "no runs yet: press 4 to launch one"


class OverviewScreen(RunScreenActs, inherit_bindings=False):
    """The first screen."""

    NAME = actions.OVERVIEW
    BINDINGS = actions.bindings(actions.OVERVIEW)

    def body(self) -> ComposeResult:
        yield from self._section(MOVING)
        with Container(id="below"):
            yield from self._section(ATTENTION)
            yield from self._section(RESULTS)

    def _section(self, section: Section) -> ComposeResult:
        with Vertical(classes="section", id=f"section-{section.id}"):
            yield Words(section.title, classes="section-title", id=f"title-{section.id}")
            yield Table(section.columns, empty="reading the runs", id=section.id)

    def table(self, section: Section) -> Table:
        return self.query_one(f"#{section.id}", Table)

    def runs_changed(self) -> None:
        if self.lab.entries is None:
            return
        first = not any(self.table(section).rows.keys for section in SECTIONS)
        for section in SECTIONS:
            self._show(section, self.lab.entries)
        if first:
            self._focus_first()

    def _show(self, section: Section, entries: Sequence[Entry]) -> None:
        now = self.lab.now()
        found = [entry for entry in entries if section.belongs(entry, now)]
        found.sort(key=lambda entry: (entry.state == "running", entry.changed_at), reverse=True)
        rows = {entry.id: section.cells(entry, now) for entry in found[:MOST]}
        self.table(section).show(list(rows), rows.__getitem__, empty=section.empty if entries else NO_RUNS)
        count = f"  {len(found)}" if found else ""
        self.query_one(f"#title-{section.id}", Words).show(f"{section.title}{count}")
        self.query_one(f"#section-{section.id}").set_class(not rows, "-empty")
        if section is not RESULTS:
            self.table(section).styles.max_height = max(2, len(rows)) + 1

    def _focus_first(self) -> None:
        filled = [section for section in SECTIONS if self.table(section).rows.keys]
        self.set_focus(self.table(filled[0] if filled else MOVING))

    def targets(self) -> Sequence[Entry]:
        table = self.focused
        entry = self.lab.entry(table.rows.key) if isinstance(table, Table) else None
        return [entry] if entry else []

    @on(Table.Moved)
    def _moved(self) -> None:
        self.show_frame()

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_act("open")
