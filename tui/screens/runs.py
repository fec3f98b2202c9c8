"""Runs: every run in one table; filter, sort, mark, and act on one or many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui import actions, cells
from tui import format as words
from tui.entries import Entry
from tui.filter import Filter, compiled
from tui.screens.acting import RunScreenActs
from tui.widgets.columns import Column
from tui.widgets.entry import Typed
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

COLUMNS = (
    Column("state", "state", 11),
    Column("job", "job", 8, keep=5),
    Column("name", "run", 12, flex=4),
    Column("progress", "progress", 10, flex=1, keep=7),
    Column("eta", "left", 7, keep=2),
    Column("result", "result", 8, keep=7, right=True),
    Column("metric", "of", 8, flex=2, keep=4),
    Column("passed", "pass", 5, keep=8),
    Column("tags", "tags", 8, flex=1, keep=3),
    Column("device", "device", 7, keep=1),
    Column("age", "age", 4, right=True),
)
SORTS: dict[str, Callable[[Entry], Any]] = {
    "age": lambda entry: -entry.changed_at,
    "state": lambda entry: (state_order(entry), -entry.changed_at),
    "job": lambda entry: (entry.job, entry.name, -entry.changed_at),
    "name": lambda entry: (entry.name.lower(), -entry.changed_at),
    "result": lambda entry: -_value(entry),
    "passed": lambda entry: -_share(entry),
}
STATES = ("running", "pending", "failed", "lost", "preempted", "stopped", "done")


def state_order(entry: Entry) -> int:
    """What moves first, then what needs a look."""
    return STATES.index(entry.state) if entry.state in STATES else len(STATES)


def _value(entry: Entry) -> float:
    found = entry.headline
    return found[1] if found and found[1] == found[1] else float("-inf")


def _share(entry: Entry) -> float:
    judged = entry.status.criteria
    return sum(bool(one.passed) for one in judged) / len(judged) if judged else -1.0


class RunsScreen(RunScreenActs, inherit_bindings=False):
    """The list of all runs."""

    NAME = actions.RUNS
    BINDINGS = actions.bindings(actions.RUNS)

    def __init__(self) -> None:
        super().__init__()
        self._filter = Filter()
        self._asked = ""
        self._sort, self._reverse = "age", False

    def body(self) -> ComposeResult:
        yield Table(COLUMNS, empty="reading the runs", id="runs")
        yield Words(id="detail")
        yield Typed(placeholder="words  state:failed  tag:gold  !toy  this|that  /regex/", id="filter")

    @property
    def table(self) -> Table:
        return self.query_one("#runs", Table)

    @property
    def line(self) -> Typed:
        return self.query_one("#filter", Typed)

    # --- what is shown -------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.table.order(self._sort, self._reverse)
        self.table.focus()

    def runs_changed(self) -> None:
        if self.lab.entries is not None:
            self._show(self.lab.entries)

    def _show(self, everything: Sequence[Entry]) -> None:
        now = self.lab.now()
        found = {entry.id: entry for entry in everything if self._filter.fits(entry.fields(now))}
        keys = sorted(found, key=lambda key: SORTS[self._sort](found[key]), reverse=self._reverse)
        empty = f"no run fits {self._asked!r}; esc shows all" if everything else "no runs yet: press 4 to launch one"
        self.table.show(keys, lambda key: _cells(found[key], now), empty=empty)
        self._tell_detail()

    def _tell_detail(self) -> None:
        entry = self.lab.entry(self.table.rows.key)
        self.query_one("#detail", Words).show(detail(entry) if entry else "")

    def news(self) -> Cell:
        if self.lab.trouble:
            return super().news()
        shown, known, marked = len(self.table.rows.keys), len(self.lab.entries or ()), len(self.table.rows.marks)
        count = words.several(known, "run") if shown == known else f"{shown:,} of {words.several(known, 'run')}"
        parts = [*([f"{marked} marked"] if marked else []), *([f"/{self._asked}"] if self._asked else []), count]
        return Cell(f"{' · '.join(parts)} ", "warn" if self._filter.fault else "accent" if self._asked else "dim")

    def targets(self) -> Sequence[Entry]:
        found = (self.lab.entry(run_id) for run_id in self.table.rows.chosen)
        return [entry for entry in found if entry is not None]

    @on(Table.Moved)
    def _moved(self) -> None:
        self._tell_detail()
        self.show_frame()

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_act("open")

    def mover(self) -> Table:
        return self.table  # also while a filter is typed

    # --- the actions ---------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        self.footplate.open_run(self.table.rows.key)

    def do_back(self) -> None:
        if self._asked:
            self.line.value = ""
        else:
            super().do_back()

    def given(self, name: str, words: str) -> bool:
        if name not in ("runs", "filter"):
            return super().given(name, words)
        self.line.value = words
        return True

    def do_compare_runs(self) -> None:
        self.lab.compared = [entry.id for entry in self.targets()]
        self.footplate.go(actions.COMPARE)

    def do_mark(self) -> None:
        self.table.mark()

    def do_sort(self) -> None:
        names = list(SORTS)
        self._sort = names[(names.index(self._sort) + 1) % len(names)]
        self._sorted()

    def do_reverse(self) -> None:
        self._reverse = not self._reverse
        self._sorted()

    def _sorted(self) -> None:
        self.table.order(self._sort, self._reverse)
        self.runs_changed()

    def do_filter(self) -> None:
        self.line.add_class("-shown")
        self.line.focus()

    @on(Input.Changed, "#filter")
    def _typed(self, message: Input.Changed) -> None:
        self._asked = message.value.strip()
        self._filter = compiled(self._asked)
        self.runs_changed()
        self.show_frame()

    @on(Typed.Closed, "#filter")
    def _filter_closed(self, message: Typed.Closed) -> None:
        if not message.kept:
            self.line.value = ""
        self.line.remove_class("-shown")
        self.table.focus()


def _cells(entry: Entry, now: float) -> tuple[Cell, ...]:
    return (
        cells.state(entry), Cell(entry.job, "dim"), cells.name(entry), cells.progress(entry), cells.eta(entry),
        *cells.result_and_name(entry), cells.passed(entry), cells.tags(entry),
        Cell(entry.status.device, "dim"), cells.age(entry, now),
    )  # fmt: skip


def detail(entry: Entry) -> str:
    """Two lines on the run under the cursor: its id with its note, and what there is to know of its state."""
    return f"{entry.id}  {entry.note}\n{_more(entry)}"


def _more(entry: Entry) -> str:
    status = entry.status
    if entry.moving:
        return cells.phase(entry).text
    if status.error or status.hint:
        return f"{words.first_line(status.error)}  → {status.hint}" if status.hint else words.first_line(status.error)
    if status.criteria:
        return ", ".join(f"{one.name} {one.wanted} {_verdict(one.passed)}" for one in status.criteria)
    return ", ".join(f"{name} {said}" for name, said in words.results(status.metrics).items())


def _verdict(passed: bool | None) -> str:
    return {True: "✓", False: "✗", None: "not measured"}[passed]
