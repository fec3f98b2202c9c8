"""Overview: what moves, what needs attention, what is new; at a glance, and one key from each run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nlargest

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from tui import actions, cells
from tui import format as words
from tui.entries import Entry
from tui.screens.overview_machines import MachinesOverview
from tui.widgets.columns import Column
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

MOST = 50
DAY_S = 86400.0
RECENT_S = 7 * DAY_S


@dataclass(frozen=True)
class Section:
    """A part of the screen: which runs belong to it, and what is shown of them."""

    id: str
    title: str
    empty: str
    columns: Sequence[Column]
    cells: Callable[[Entry, float], tuple[Cell, ...]]
    states: Sequence[str]
    recent: bool = False  # whether what is older than a week is left out


MOVING = Section(
    "moving",
    "Moving",
    "nothing moves; 4 launches a run",
    (
        Column("state", "state", 9),
        Column("name", "run", 16, flex=2, most=44),
        Column("phase", "doing", 18, flex=3, keep=6),
        Column("progress", "progress", 10, flex=1),
        Column("eta", "left", 7, keep=8),
        Column("load", "uses", 12, flex=2, keep=4),
    ),
    lambda entry, _now: (
        cells.state(entry), cells.name(entry), cells.phase(entry), cells.progress(entry), cells.eta(entry),
        cells.load(entry),
    ),
    words.MOVING,
)  # fmt: skip
ATTENTION = Section(
    "attention",
    "Needs attention",
    "nothing failed or was lost in the last week",
    (
        Column("state", "state", 11),
        Column("name", "run", 16, flex=1, keep=8, most=32),
        Column("why", "why", 24, flex=3),
        Column("age", "age", 4, right=True),
    ),
    lambda entry, now: (cells.state(entry), cells.name(entry), cells.why(entry), cells.age(entry, now)),
    ("failed", "lost", "preempted"),
    recent=True,
)
RESULTS = Section(
    "results",
    "Newest results",
    "no results yet",
    (
        Column("state", "state", 9, keep=3),
        Column("name", "run", 18, flex=3, most=44),
        Column("result", "result", 15, most=26),
        Column("passed", "passed", 6, keep=8),
        Column("progress", "took", 7, keep=4),
        Column("age", "age", 4, right=True),
    ),
    lambda entry, now: (
        cells.state(entry), cells.name(entry), cells.result(entry), cells.passed(entry), cells.progress(entry),
        cells.age(entry, now),
    ),
    ("done",),
)  # fmt: skip
SECTIONS = (MOVING, ATTENTION, RESULTS)
BY_STATE = {state: section for section in SECTIONS for state in section.states}
NO_RUNS = "no runs yet: press 4 to launch one"


class OverviewScreen(MachinesOverview, inherit_bindings=False):
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
        first, now = not any(self.table(section).rows.keys for section in SECTIONS), self.lab.now()
        found = _parted(self.lab.entries, now)
        for section in SECTIONS:
            self._show(section, found[section.id], now)
        if first:
            self._focus_first()

    def _show(self, section: Section, found: Sequence[Entry], now: float) -> None:
        newest = nlargest(MOST, found, key=lambda entry: (entry.state == "running", entry.changed_at))
        rows = {entry.id: section.cells(entry, now) for entry in newest}
        table, empty = self.table(section), section.empty if self.lab.entries else NO_RUNS
        table.show(list(rows), rows.__getitem__)
        table.display = bool(rows)
        told = f"{len(found):,}{_lately(found, now)}" if found else empty
        self.query_one(f"#title-{section.id}", Words).show(
            Content.assemble(section.title, "  ", (told, "not bold $dim"))
        )
        self.query_one(f"#section-{section.id}").set_class(not rows, "-empty")
        if section is not RESULTS:
            table.styles.max_height = max(1, len(rows)) + 1

    def _focus_first(self) -> None:
        filled = [section for section in SECTIONS if self.table(section).rows.keys]
        if filled:
            self.set_focus(self.table(filled[0]))

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


def _parted(entries: Sequence[Entry], now: float) -> dict[str, list[Entry]]:
    """The runs of each section."""
    found: dict[str, list[Entry]] = {section.id: [] for section in SECTIONS}
    for entry in entries:
        section = BY_STATE.get(entry.status.state)
        if section is not None and not (section.recent and now - entry.changed_at > RECENT_S):
            found[section.id].append(entry)
    return found


def _lately(found: Sequence[Entry], now: float) -> str:
    """How many of them are of the last day, where that says more than their number."""
    new = sum(now - entry.changed_at < DAY_S for entry in found)
    return f", {new:,} of them in the last 24 hours" if 0 < new < len(found) else ""
