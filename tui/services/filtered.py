"""A log as it is shown: all of it, or the lines that a filter lets through; and what a search finds in these."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from tui.services.chosen import Chosen
from tui.services.logfile import LogFile
from tui.services.sifting import Sifter
from tui.sieve import Sieve

ENOUGH, PATIENCE_S = 200, 0.2  # rows to show before the whole log has been looked at, and how long to wait for it


class FilteredLog:
    """Rows of a log. `tell` is called from threads whenever there is more to show."""

    def __init__(self, log: LogFile, tell: Callable[[], object]) -> None:
        self.log = log
        self.context = 0
        self._tell = tell
        self._filter: Sieve | None = None
        self._search: Sieve | None = None
        self._chosen: Chosen | None = None
        self._next: Chosen | None = None  # takes its place as soon as it has enough to show
        self._asked_at = 0.0
        self._shown: Chosen | None = None  # of these, what is shown since the last notice
        self._matches: Sequence[int] = ()
        self.shows = 0  # how often it has come to show other rows than before, and not only more of them
        self._found: Chosen | None = None
        self.knows_all = True  # whether all rows that are known have been filtered and searched, and can be shown
        self._catching = threading.Lock()

    # --- what is asked of it -------------------------------------------------------------------------------------

    def filter(self, sieve: Sieve | None, context: int = 0) -> None:
        """Show only the lines that pass, and so many rows before and after each; all of them for None."""
        with self._catching:
            newest = self._next or self._chosen
            sifter = newest.sifter if newest and sieve == self._filter else self._sifter(sieve)
            for chosen in (self._next, self._chosen):
                if chosen and chosen.sifter is not sifter:
                    chosen.sifter.close()
            self._filter, self.context, self._asked_at = sieve, context, time.monotonic()
            self._next = Chosen(self.log, sifter, context=context) if sifter else None
            self.knows_all = False
            if self._next is None:
                self._show(None)
        threading.Thread(target=self._catch_up, name="catching up", daemon=True).start()

    def _show(self, chosen: Chosen | None) -> None:
        self._chosen, self._next = chosen, None
        if self._found:  # the same lines are found, but others of them are shown
            self._found = Chosen(self.log, self._found.sifter, inside=chosen)

    def search(self, sieve: Sieve | None) -> None:
        """Find the lines that pass, among those that are shown."""
        if sieve == self._search:
            return
        self._search = sieve
        with self._catching:
            if self._found:
                self._found.sifter.close()
            sifter = self._sifter(sieve)
            self._found = Chosen(self.log, sifter, inside=self._chosen) if sifter else None
            self.knows_all = False

    def grew(self, *, afresh: bool) -> None:
        """The log is longer, or another one."""
        begun = (self._chosen is not None or self._next is not None, self._found is not None)
        if afresh or begun != (self._filter is not None, self._search is not None):
            self._begin()
        for chosen in (self._next, self._chosen, self._found):
            if chosen:
                chosen.sifter.go_on()

    def _begin(self) -> None:
        search, filtered = self._search, self._filter
        self.close()
        self.filter(filtered, self.context)
        self.search(search)

    def close(self) -> None:
        """Look for nothing any more."""
        self.search(None)
        self.filter(None)

    # --- what it shows -------------------------------------------------------------------------------------------

    def notice(self) -> None:
        """Show what has become of it meanwhile."""
        with self._catching:
            self.shows += self._shown is not self._chosen
            self._shown = self._chosen
            self._matches = self._found.rows if self._found else ()
            for chosen in (self._chosen, self._found):
                if chosen:
                    chosen.rows.notice()

    @property
    def filtered(self) -> bool:
        return self._filter is not None

    @property
    def count(self) -> int:
        return len(self._shown.rows) if self._shown else self.log.count

    @property
    def settled(self) -> int:
        return self._shown.rows.settled if self._shown else self.log.settled

    def number(self, row: int) -> int:
        return self._shown.rows[row] if self._shown else row

    def row(self, number: int) -> int:
        return self._shown.rows.place(number) if self._shown else number

    def lines(self, start: int, stop: int) -> list[str]:
        """Rows from `start` up to `stop`, as they are to be shown."""
        if not self._shown:
            return self.log.lines(start, stop)
        rows = self._shown.rows[max(0, start) : stop]
        return [line for row in rows for line in self.log.lines(row, row + 1)]

    def line(self, row: int) -> int:
        return self.log.line(self.number(row))

    @property
    def line_count(self) -> int:
        return self.log.line_count

    def aside(self, row: int) -> bool:
        """Whether a row is shown only because of its neighbours."""
        shown = self._shown if self.has_asides else None
        return shown is not None and not shown.is_found(self.number(row))

    @property
    def has_asides(self) -> bool:
        return self._shown is not None and self._shown.context > 0

    def shown_lines(self) -> list[int]:
        """The lines of the file that are shown, by their numbers."""
        return [self.line(row) for row in range(self.count)]

    @property
    def found(self) -> Sequence[int]:
        """The numbers of the rows in which the search has found something so far."""
        return self._matches

    @property
    def looked_at(self) -> float:
        """How much of the log has been filtered and searched, from 0 to 1."""
        sifters = [chosen.sifter for chosen in (self._next or self._chosen, self._found) if chosen]
        lines = max(1, self.log.line_count)
        return min((sifter.covered / lines for sifter in sifters if not sifter.done), default=1.0)

    @property
    def fault(self) -> str:
        return "".join(chosen.sifter.fault for chosen in (self._next or self._chosen, self._found) if chosen)

    # --- in threads ----------------------------------------------------------------------------------------------

    def _sifter(self, sieve: Sieve | None) -> Sifter | None:
        index = self.log.index  # there is none before the log exists
        return Sifter(index, sieve, self._catch_up) if sieve is not None and index is not None else None

    def _is_enough(self, chosen: Chosen) -> bool:
        """Whether it can be shown: a view that is empty for a moment with each letter typed is hard to look at."""
        patient = time.monotonic() - self._asked_at < PATIENCE_S
        return chosen.sifter.done or (chosen.rows.coming >= ENOUGH and not patient)

    def _catch_up(self) -> None:
        with self._catching:
            done = all(chosen.sifter.done for chosen in (self._next, self._chosen, self._found) if chosen)
            if self._next:
                self._next.catch_up()
                if self._is_enough(self._next):
                    self._show(self._next)
            for chosen in (self._chosen, self._found):
                if chosen:
                    chosen.catch_up()
            self.knows_all = done
        self._tell()
