"""Runs: every run in one table; filter, sort, mark, and act on one or many."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui import actions, runcolumns
from tui import format as words
from tui.detail import detail
from tui.entries import Entry
from tui.screens.listed import ListedRuns
from tui.widgets.entry import Typed
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

EXAMPLES = "words  state:failed  accuracy>0.8  age<2h  has:gpu  !toy  this|that  /regex/"


class RunsScreen(ListedRuns, inherit_bindings=False):
    """The list of all runs."""

    NAME = actions.RUNS
    BINDINGS = actions.bindings(actions.RUNS)

    def body(self) -> ComposeResult:
        yield Table([column.column for column in self.chosen], empty="reading the runs", id="runs")
        yield Words(id="detail")
        yield Typed(placeholder=EXAMPLES, id="filter")

    @property
    def line(self) -> Typed:
        return self.query_one("#filter", Typed)

    # --- what is shown -------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.tell_order()
        self.table.focus()

    def told(self) -> None:
        entry = self.lab.entry(self.table.rows.key)
        about = detail(entry) if entry else ""
        said = f"the filter passes over {self.filter.fault}\n{about}" if self.filter.fault else about
        self.query_one("#detail", Words).show(said)

    def news(self) -> Cell:
        if self.lab.trouble:
            return super().news()
        rows, known = self.table.rows, len(self.lab.entries or ())
        shown, marked, hidden = len(rows.keys), len(rows.marks), len(rows.hidden)
        count = words.several(known, "run") if shown == known else f"{shown:,} of {words.several(known, 'run')}"
        marks = f"{marked} of {marked + hidden} marked" if hidden else f"{marked} marked" if marked else ""
        parts = [*filter(None, (marks, f"/{self.asked}" if self.asked else "")), count]
        return Cell(f"{' · '.join(parts)} ", "warn" if self.filter.fault else "accent" if self.asked else "dim")

    def targets(self) -> Sequence[Entry]:
        found = (self.lab.entry(run_id) for run_id in self.table.rows.chosen)
        return [entry for entry in found if entry is not None]

    @on(Table.Moved, "#runs")
    def _moved(self) -> None:
        self.told()
        self.show_frame()

    @on(Table.Opened, "#runs")
    def _opened(self) -> None:
        self.action_act("open")

    def mover(self) -> Table:
        return self.table  # also while a filter is typed

    # --- the actions ---------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        self.footplate.open_run(self.table.rows.key)

    def do_back(self) -> None:
        if self.asked:
            self.line.value = ""
        else:
            super().do_back()

    def given(self, name: str, words: str) -> bool:
        if name not in ("runs", "filter"):
            return super().given(name, words)
        self.line.value = words
        return True

    def restore(self, kept: dict[str, object]) -> None:
        super().restore(kept)
        with self.line.prevent(Input.Changed):
            self.line.value = self.asked

    def do_compare_runs(self) -> None:
        self.lab.compared = sorted(entry.id for entry in self.targets())  # the oldest is what others are held against
        self.footplate.go(actions.COMPARE)

    # --- marks

    def do_mark(self) -> None:
        self.table.mark()

    def do_mark_range(self) -> None:
        self.table.mark_range()

    def do_mark_all(self) -> None:
        self.table.mark_all()

    # --- order and columns

    def do_sort(self) -> None:
        names = [key for key in self.table.shown if key in self.sortable]
        place = names.index(self.sort) if self.sort in names else -1
        self.sort, self.reverse = names[(place + 1) % len(names)], False
        self.sorted()

    def do_reverse(self) -> None:
        self.sort_by(self.sort)

    def do_sort_age(self) -> None:
        self.sort_by("age")

    def do_sort_state(self) -> None:
        self.sort_by("state")

    def do_sort_job(self) -> None:
        self.sort_by("job")

    def do_sort_name(self) -> None:
        self.sort_by("name")

    def do_sort_metric(self) -> None:
        self.sort_by("result")

    def do_sort_passed(self) -> None:
        self.sort_by("passed")

    def do_columns(self) -> None:
        from tui.screens.columns import Columns, Offer

        offered = runcolumns.offered(self.chosen, self.lab.entries or ())
        offers = [Offer(one.key, one.column.label, one.about) for one in offered]
        self.app.push_screen(Columns(offers, [one.key for one in self.chosen]), self._columns_chosen)

    def _columns_chosen(self, keys: tuple[str, ...] | None) -> None:
        if keys is not None:
            self.choose(keys)

    # --- the filter

    def do_filter(self) -> None:
        self.line.add_class("-shown")
        self.line.focus()

    @on(Input.Changed, "#filter")
    def _typed(self, message: Input.Changed) -> None:
        self.filter_by(message.value)

    @on(Typed.Closed, "#filter")
    def _filter_closed(self, message: Typed.Closed) -> None:
        if not message.kept:
            self.line.value = ""
        self.line.remove_class("-shown")
        self.table.focus()
