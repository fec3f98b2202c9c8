"""The runs in one table: which of them, in which order, with which columns; kept from one session to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from textual import on

from tui import runcolumns
from tui.entries import Entry
from tui.filter import Filter, compiled
from tui.listing import Listed, Wanted, listed, listing
from tui.screens.acting import RunScreenActs
from tui.widgets.table import Table
from tui.widgets.tones import Cell

MUCH = 500  # runs to look at, from which on it is done in steps
NO_RUNS = "no runs yet: press 4 to launch one"


class ListedRuns(RunScreenActs, inherit_bindings=False):
    """A screen with a table `#runs` of all runs that fit."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = ""
        self.filter = Filter()
        self.chosen = runcolumns.named(runcolumns.USUAL)
        self.sort, self.reverse = "age", False
        self._listed = Listed()
        self._awaited: set[str] = set()  # marks of an earlier session whose runs are not there yet
        self._cursor = ""  # and where its cursor was

    @property
    def table(self) -> Table:
        return self.query_one("#runs", Table)

    def told(self) -> None:
        """Other runs are shown, or the cursor is on another one."""

    # --- which runs, in which order ------------------------------------------------------------------------------

    @property
    def _wanted(self) -> Wanted:
        column = runcolumns.column(self.sort) or runcolumns.BY_KEY["age"]
        rank = column.rank or runcolumns.BY_KEY["age"].rank
        assert rank is not None
        return Wanted(self.filter, self.sort, rank, self.reverse)

    def runs_changed(self) -> None:
        entries = self.lab.entries
        if entries is None:
            return
        before, wanted, now = self._listed, self._wanted, self.lab.now()
        if before.much(entries, wanted, now) > MUCH:
            if not before.keys:
                self.footplate.hold()  # there is nothing yet that a key could mark
            self.run_worker(self._find(before, entries, wanted, now), group="finding runs", exclusive=True)
        else:
            self._show(listed(before, entries, wanted, now))

    async def _find(self, before: Listed, entries: Sequence[Entry], wanted: Wanted, now: float) -> None:
        """In steps on the loop itself, and not in a thread, which would keep the interpreter from it for longer."""
        steps = listing(before, entries, wanted, now)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                self._found(entries, end.value)
                await self.footplate.release()
                return
            await asyncio.sleep(0)

    def _found(self, entries: Sequence[Entry], found: Listed) -> None:
        """What has changed while they were looked for is little."""
        self._listed = found
        if entries is self.lab.entries:
            self._show(found)
        else:
            self.runs_changed()
        self.show_frame()

    def _show(self, found: Listed) -> None:
        self._listed = found
        none = f"no run fits {self.asked!r}; esc shows all" if self.lab.entries else NO_RUNS
        self.table.show(found.keys, self._cells(), empty=none)
        self._go_back()
        self.told()

    def _cells(self) -> Any:
        """What stands in the cells of a row, in the columns that are shown."""
        now, entries, columns = self.lab.now(), self._listed.entries, self.chosen

        def cells(key: str) -> Sequence[Cell]:
            entry = entries[key]
            return [column.cell(entry, now) for column in columns]

        return cells

    def filter_by(self, text: str) -> None:
        """Show the runs that fit from now on."""
        self.asked = text.strip()
        self.filter = compiled(self.asked)
        self.runs_changed()
        self.show_frame()

    # --- sorting -------------------------------------------------------------------------------------------------

    def sort_by(self, key: str) -> None:
        """Sort by a column; by the same once more, the other way round."""
        self.reverse = not self.reverse if key == self.sort else False
        self.sort = key
        self.sorted()

    def sorted(self) -> None:
        """The order is another one."""
        self.tell_order()
        self.runs_changed()

    def tell_order(self) -> None:
        """Say in the header by what the runs are sorted: ▼ where the highest stands first."""
        column = runcolumns.column(self.sort)
        self.table.order(self.sort, self.reverse != (column is not None and column.falls))

    @property
    def sortable(self) -> list[str]:
        """The columns by which one can sort, in their order."""
        return [column.key for column in self.chosen if column.rank is not None]

    @on(Table.Titled, "#runs")
    def _titled(self, message: Table.Titled) -> None:
        if message.key in self.sortable:
            self.sort_by(message.key)

    # --- columns -------------------------------------------------------------------------------------------------

    def choose(self, keys: Sequence[str]) -> None:
        """Show these columns."""
        self.chosen = runcolumns.named(keys)
        self.table.choose([column.column for column in self.chosen], self._cells())
        if self.sort not in self.sortable:
            self.sort, self.reverse = "age", False
        self.sorted()

    # --- from one session to the next ----------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        rows = self.table.rows
        return {
            "filter": self.asked, "sort": self.sort, "reverse": self.reverse, "cursor": rows.key,
            "marks": sorted(rows.marks | rows.hidden), "columns": [column.key for column in self.chosen],
        }  # fmt: skip

    def restore(self, kept: dict[str, Any]) -> None:
        marks, columns = kept.get("marks"), kept.get("columns")
        self._awaited = {mark for mark in marks if isinstance(mark, str)} if isinstance(marks, list) else set()
        self._cursor = str(kept.get("cursor") or "")
        self.sort, self.reverse = str(kept.get("sort") or "age"), kept.get("reverse") is True
        self.choose([key for key in columns if isinstance(key, str)] if isinstance(columns, list) else ())
        self.filter_by(str(kept.get("filter") or ""))

    def _go_back(self) -> None:
        """Marks and cursor of an earlier session, as far as their runs have been read by now."""
        rows = self.table.rows
        known = self._listed.entries.keys()
        rows.hidden &= known  # what has been archived takes its mark along
        if found := self._awaited & known:
            rows.mark(found)
            self._awaited -= found
            self.table.refresh()
        if self._cursor and self.table.go_to(self._cursor):
            self._cursor = ""
