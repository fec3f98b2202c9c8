"""The rows of a log in which something was found, in their order, while the log grows and is still being searched."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from tui.services.growing import Growing
from tui.services.logfile import LogFile
from tui.services.sifting import Sifter


class Chosen:
    """Rows of lines that a sifter found, with so many rows around each, and inside of other chosen rows only."""

    def __init__(self, log: LogFile, sifter: Sifter, *, context: int = 0, inside: Chosen | None = None) -> None:
        self.rows = Growing()
        self.decided = 0  # of the rows before this one it is known whether they are chosen
        self.sifter = sifter
        self._log, self.context, self._inside = log, context, inside
        self._taken = 0

    def catch_up(self) -> None:
        """Take what was found since; rows that may still be drawn over, or get neighbours, are taken anew each time."""
        log, found = self._log, self.sifter.lines
        half = self.sifter.half if self.sifter.half == self.sifter.covered else -1
        decided = min(log.row_of(self.sifter.covered + (half >= 0)), log.count)
        if self._inside is not None:
            decided = min(decided, self._inside.decided)
        settled = max(0, min(log.settled, decided) - self.context)
        stop = bisect_left(found, log.line(settled), self._taken)
        self._keep(found[self._taken : stop])
        self._taken = stop
        later = {*found[stop:], half}
        self.rows.end_with(self._around([row for row in range(settled, decided) if log.line(row) in later], decided))
        self.decided = decided

    def is_found(self, row: int) -> bool:
        """Whether something was found in a row itself, and not near it."""
        line, lines = self._log.line(row), self.sifter.lines
        place = bisect_left(lines, line)
        return (place < len(lines) and lines[place] == line) or line == self.sifter.half

    def _keep(self, lines: Iterable[int]) -> None:
        kept = self.rows.kept
        if self._log.folds or self._inside is not None:
            lines = (row for row in map(self._visible, lines) if row >= 0)
        if not self.context:
            kept.extend(lines)
        for row in lines if self.context else ():
            first = max(kept[-1] + 1 if kept else 0, row - self.context)
            kept.extend(range(first, row + self.context + 1))

    def _visible(self, line: int) -> int:
        """The row that shows a line; -1 where something was drawn over it, or it is not inside."""
        row = self._log.row_of(line)
        if self._log.line(row) != line:
            return -1
        return row if self._inside is None or self._inside.rows.will_have(row) else -1

    def _around(self, rows: list[int], decided: int) -> Iterator[int]:
        last = self.rows.kept[-1] if self.rows.kept else -1
        for row in rows:
            if self._inside is None or self._inside.rows.will_have(row):
                yield from range(max(last + 1, row - self.context), min(row + self.context + 1, decided))
                last = max(last, min(row + self.context, decided - 1))
