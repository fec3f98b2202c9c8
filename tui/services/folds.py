"""Which lines of a log a terminal would have drawn over, found while the log is indexed."""

from __future__ import annotations

from bisect import bisect_right

from tui.bars import CLIP, Bars, Run, begins, next_bar
from tui.services.logindex import CHUNK, Index

MOST = 20_000  # runs of bars; of a log with more, the rest is shown line by line


class Folds:
    """From rows, as they are shown, to lines of the file and back; all other lines are rows."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._bars: Bars | None = None
        self._open: list[Run] = []  # what is being drawn, where it hides anything yet
        self.settled = 1 << 62  # rows before this one are not drawn any more
        self._at = self._number = 0

    def __bool__(self) -> bool:
        return bool(self._runs or self._open)

    @property
    def _all(self) -> list[Run]:
        return self._runs + self._open if self._open else self._runs

    @property
    def hidden(self) -> int:
        """How many lines are no rows."""
        return sum(run.hidden_before + run.hidden for run in (self._open or self._runs[-1:]))

    # --- asking --------------------------------------------------------------------------------------------------

    def line(self, row: int) -> tuple[int, bytes | None]:
        """The line of the file that a row shows, and the text where it is not simply that line's."""
        runs = self._all
        place = bisect_right(runs, row, key=lambda run: run.first_row) - 1
        if place < 0:
            return row, None
        run = runs[place]
        inside = row - run.first_row
        return run.rows[inside][:2] if inside < len(run.rows) else (row + run.hidden_before + run.hidden, None)

    def row(self, line: int) -> int:
        """The row that shows a line, or what was drawn over it."""
        runs = self._all
        place = bisect_right(runs, line, key=lambda run: run.first) - 1
        if place < 0:
            return line
        run = runs[place]
        if line >= run.stop:
            return line - run.hidden_before - run.hidden
        later = (place for place, row in enumerate(run.rows) if row.line >= line)
        return run.first_row + next(later, len(run.rows) - 1)

    # --- finding -------------------------------------------------------------------------------------------------

    def follow(self, index: Index) -> None:
        """Look at what is new in the file."""
        while self._at < index.extent.whole:
            data = index.read(self._at, min(self._at + CHUNK, index.extent.whole))
            end = data.rfind(b"\n") + 1
            if not end:  # a line longer than that is none of a bar's steps
                self._skip(index)
                continue
            if self._bars is not None or next_bar(data, 0) >= 0:
                self._look(data[:end], index)
            self._at += end
        self._publish(index.read(max(self._at, index.extent.size - CLIP), index.extent.size))

    def _skip(self, index: Index) -> None:
        self._close()
        self._at = index.start(index.number(self._at) + 1)

    def _look(self, data: bytes, index: Index) -> None:
        at = 0
        while at < len(data):
            if self._bars is None:
                place = next_bar(data, at) if len(self._runs) < MOST else -1
                if place < 0:
                    return
                at = data.rfind(b"\n", at, place) + 1 or at
                self._number = index.number(self._at + at)
            end = data.find(b"\n", at) + 1
            self._take(data[at:end], index)
            at = end

    def _take(self, line: bytes, index: Index) -> None:
        if self._bars is not None and not self._bars.take(line):
            self._close()
        if self._bars is None and begins(line):
            lowest = self._runs[-1].stop if self._runs else 0
            self._bars = Bars(self._number, line, lambda n: index.read(*_clipped(index, n)), lowest)
            self._bars.take(line)
        self._number += 1

    def _close(self) -> None:
        if self._bars is not None:
            run = self._bars.run(self._hidden_before)
            self._bars, self._open, self.settled = None, [], 1 << 62
            if run.hidden:
                self._runs.append(run)

    @property
    def _hidden_before(self) -> int:
        return self._runs[-1].hidden_before + self._runs[-1].hidden if self._runs else 0

    def _publish(self, half: bytes) -> None:
        if self._bars is not None:
            run = (self._bars.with_half(half) if half else self._bars).run(self._hidden_before)
            self._open, self.settled = [run] if run.hidden else [], run.first_row


def _clipped(index: Index, number: int) -> tuple[int, int]:
    begin, end = index.start(number), index.start(number + 1)
    return max(begin, end - CLIP), end
