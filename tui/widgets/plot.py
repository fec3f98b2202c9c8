"""A chart as rows of cells: dots, axes with round numbers, the signs of curves, and what could not be drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby

from tui.format import clip
from tui.widgets import braille
from tui.widgets.axis import Tick, decades, ticks
from tui.widgets.braille import Canvas, Column, thinned
from tui.widgets.columns import padded
from tui.widgets.line import above, letter
from tui.widgets.places import AXIS, Places, Range
from tui.widgets.tones import Cell

DIM, STRONG, PLAIN = "d", "s", ""
NAMES = {"d": "dim", "s": "strong", " ": PLAIN}


class Plot(Places):
    """Lines on a place of so many cells; tones are names, or the number of a line."""

    def rows(self) -> list[list[Cell]]:
        """All rows from the top; none where there is nothing to draw or no room."""
        if not self.drawable:
            return []
        if self._nothing:
            return [[Cell(" " * AXIS), Cell(self._nothing, "dim")]]
        return [*self._body(), self._axis_row(), self._steps_row()]

    @property
    def _nothing(self) -> str:
        if any(self._columns.values()):
            return ""
        return "nothing above 0 to draw on a log scale" if self.view.log else "no point in this part"

    # --- what is drawn -------------------------------------------------------------------------------------------

    @cached_property
    def y_range(self) -> Range:
        """The least and the greatest that is drawn, as logarithms on a log scale."""
        drawn = [*self._columns.values(), *self._smooth.values()]
        drawn += [columns for pair in self._bands.values() for columns in pair]
        everything = [column for columns in drawn for column in columns]
        return min(column.low for column in everything), max(column.high for column in everything)

    @cached_property
    def _columns(self) -> dict[int, list[Column]]:
        log = self.view.log
        return {index: self._thin(*(line.above if log else (line.steps, line.values))) for index, line in self.lines}

    @cached_property
    def _smooth(self) -> dict[int, list[Column]]:
        found = {index: line.smooth(self.view.smooth) for index, line in self.lines}
        chosen = {index: above(*both) if self.view.log else both for index, both in found.items() if both is not None}
        return {index: self._thin(*both) for index, both in chosen.items()}

    @cached_property
    def _bands(self) -> dict[int, tuple[list[Column], list[Column]]]:
        found = {}
        for index, line in self.lines:
            if line.band is not None:
                band = line.band
                floor = min((low for low in band.low if low > 0), default=None) if self.view.log else None
                lows = [max(low, floor) for low in band.low] if floor is not None else band.low
                highs = [max(high, floor) for high in band.high] if floor is not None else band.high
                if not self.view.log or floor is not None:
                    found[index] = self._thin(band.steps, lows), self._thin(band.steps, highs)
        return found

    def _thin(self, steps: Sequence[float], values: Sequence[float]) -> list[Column]:
        columns = thinned(steps, values, self.width * 2, self.x_range)
        if not self.view.log:
            return list(columns)
        return [_as_logarithms(column) for column in columns]

    def _layers(self) -> Iterator[tuple[str, Canvas]]:
        """Tones and dots, the topmost first."""
        for index, columns in self._smooth.items():
            yield str(index), self._canvas(braille.draw, columns)
        for index, columns in self._columns.items():
            faint = index in self._smooth
            yield DIM if faint else str(index), self._canvas(braille.ends if faint else braille.draw, columns)
        for lows, highs in self._bands.values():
            yield DIM, self._canvas(braille.band, lows, highs)

    def _canvas(self, draw: Callable[..., None], *columns: list[Column]) -> Canvas:
        canvas = Canvas(self.width, self.height)
        draw(canvas, *columns, self.y_range)
        return canvas

    def _body(self) -> Iterator[list[Cell]]:
        layers = list(self._layers())
        signs, tones = self._dots(layers)
        self._put_cursor(signs, tones)
        labels = {self._row_of(tick.at): tick.label for tick in reversed(self._y_ticks())}
        ends = self._ends()
        for row in range(self.height):
            label = labels.get(row, "")
            axis = f"{padded(clip(label, AXIS - 1), AXIS - 1, True)} {'┤' if label else '│'}"
            yield [Cell(axis, "dim"), *_runs("".join(signs[row]), tones[row]), *ends.get(row, ())]

    def _dots(self, layers: Sequence[tuple[str, Canvas]]) -> tuple[list[list[str]], list[bytearray]]:
        """The signs of all cells, and the tone of each: that of the topmost layer with a dot in it."""
        together = Canvas(self.width, self.height)
        tones = [bytearray(b" " * self.width) for _ in range(self.height)]
        for tone, canvas in reversed(layers):
            together.columns = [a | b for a, b in zip(together.columns, canvas.columns, strict=True)]
            code = tone.encode()[:1] if tone == DIM else bytes([min(int(tone), 9) + 48])
            for row, touched in enumerate(canvas.touched()):
                for run in re.finditer("[^0]+", touched):
                    tones[row][run.start() : run.end()] = code * (run.end() - run.start())
        return [list(row) for row in together.rows()], tones

    def _put_cursor(self, signs: list[list[str]], tones: list[bytearray]) -> None:
        """A line at the cursor's step, and at each curve's nearest point its sign."""
        cursor = self.view.cursor
        cell = self.cell_of(cursor) if cursor is not None else None
        if cursor is None or cell is None:
            return
        for row in range(self.height):
            if signs[row][cell] == " ":
                signs[row][cell], tones[row][cell] = "│", ord(DIM)
        for index, line in reversed(self.lines):
            place = line.nearest(cursor)
            at = None if place is None else self.cell_of(line.steps[place])
            if place is not None and at is not None and (row_of := self._row_of_value(line.values[place])) is not None:
                signs[row_of][at] = letter(index) if self.signed else "●"
                tones[row_of][at] = ord(STRONG)

    def _ends(self) -> dict[int, list[Cell]]:
        """The sign of each curve beside its last point; where two would meet, on the next free row."""
        found: dict[int, list[Cell]] = {}
        if not self.signed:
            return found
        for index, columns in (self._columns | self._smooth).items():
            free = [row for row in range(self.height) if row not in found]
            if columns and free:
                wanted = self._row_of(columns[-1].last)
                row = min(free, key=lambda row: abs(row - wanted))
                found[row] = [Cell(f" {letter(index)}", str(min(index, 9)))]
        return found

    # --- axes ----------------------------------------------------------------------------------------------------

    def _y_ticks(self) -> list[Tick]:
        most = max(2, (self.height + 1) // 3)
        return (decades if self.view.log else ticks)(*self.y_range, most)

    def _row_of(self, at: float) -> int:
        dot = braille.scaled(self.height * 4 - 1, self.y_range)(at)
        return min(self.height - 1, max(0, self.height - 1 - dot // 4))

    def _row_of_value(self, value: float) -> int | None:
        if self.view.log and value <= 0:
            return None
        return self._row_of(math.log10(value) if self.view.log else value)

    def _x_ticks(self) -> list[tuple[int, str]]:
        whole = all(step == int(step) for _, line in self.lines for step in (*line.steps[:1], *line.steps[-1:]))
        found = ticks(*self.x_range, max(1, self.width // 12))
        kept = [tick for tick in found if not whole or abs(tick.at - round(tick.at)) < 1e-9]
        return [(cell, tick.label) for tick in kept if (cell := self.cell_of(tick.at)) is not None]

    def _axis_row(self) -> list[Cell]:
        """The axis, with a mark where a point is not finite (×) or, on a log scale, not above 0 (▾)."""
        signs = ["─"] * self.width
        for cell, _ in self._x_ticks():
            signs[cell] = "┴"
        tones = bytearray(DIM.encode() * self.width)
        for sign, steps in (("▾", self._below()), ("×", (step for _, line in self.lines for step in line.lost))):
            for step in steps:
                if (at := self.cell_of(step)) is not None:
                    signs[at], tones[at] = sign, ord(STRONG)
        return [Cell(" " * AXIS + "└", "dim"), *_runs("".join(signs), tones)]

    def _below(self) -> Iterable[float]:
        if not self.view.log:
            return ()
        return (step for _, line in self.lines for step in line.below)

    def _steps_row(self) -> list[Cell]:
        text, width = "", AXIS + 1 + self.width
        for cell, label in self._x_ticks():
            start = max(0, min(AXIS + 1 + cell - len(label) // 2, width - len(label)))
            if start > len(text) or not text:
                text = text.ljust(start) + label
        return [Cell(text, "dim")]


def _as_logarithms(column: Column) -> Column:
    if column.low == column.high:  # most often one point
        value = math.log10(column.low)
        return Column(column.x, value, value, value, value)
    return Column(column.x, *map(math.log10, column[1:]))


def _runs(signs: str, tones: bytearray) -> Iterator[Cell]:
    """Signs of one tone together."""
    at = 0
    for tone, run in groupby(tones.decode("latin-1")):
        end = at + len(list(run))
        yield Cell(signs[at:end], NAMES.get(tone, tone))
        at = end
