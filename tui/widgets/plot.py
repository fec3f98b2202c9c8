"""A chart as rows of cells: dots, axes with round numbers, the signs of curves, and what could not be drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from operator import or_

from tui.format import clip
from tui.widgets import braille
from tui.widgets.axis import Tick, decades, ticks
from tui.widgets.braille import Canvas, Column, digits, thinned
from tui.widgets.columns import padded
from tui.widgets.line import as_logarithms, letter
from tui.widgets.places import AXIS, Places, Range
from tui.widgets.tones import Cell

# Tones as hexadecimal digits of a row: those of lines from 1 on.
PLAIN, DIM, STRONG = "0", "d", "e"
NAMES = {PLAIN: "", **{format(n + 1, "x"): str(n) for n in range(10)}, DIM: "dim", STRONG: "strong"}
RUNS = re.compile(r"(.)\1*")


class Plot(Places):
    """Lines on a place of so many cells; tones are names, or the number of a line."""

    def rows(self) -> list[list[Cell]]:
        """All rows from the top; none where there is nothing to draw or no room."""
        if not self.drawable:
            return []
        if self._nothing:
            return [[Cell(" " * AXIS), Cell(clip(self._nothing, self.width), "dim")]]
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
        return {index: line.columns(self.view, self.width * 2, self.x_range) for index, line in self.lines}

    @cached_property
    def _smooth(self) -> dict[int, list[Column]]:
        found = {index: line.smooth_columns(self.view, self.width * 2, self.x_range) for index, line in self.lines}
        return {index: columns for index, columns in found.items() if columns is not None}

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
        columns = list(thinned(steps, values, self.width * 2, self.x_range))
        return as_logarithms(columns) if self.view.log else columns

    def _layers(self) -> Iterator[tuple[str, Canvas]]:
        """Tones and dots, the topmost first."""
        for index, columns in self._smooth.items():
            yield _digit(index), self._canvas(braille.draw, columns)
        for index, columns in self._columns.items():
            faint = index in self._smooth
            yield DIM if faint else _digit(index), self._canvas(braille.ends if faint else braille.draw, columns)
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

    def _dots(self, layers: Sequence[tuple[str, Canvas]]) -> tuple[list[list[str]], list[list[str]]]:
        """The signs of all cells, and the tone of each: that of the topmost layer with a dot in it."""
        together, tones = Canvas(self.width, self.height), [0] * self.width
        for tone, canvas in reversed(layers):
            together.columns = list(map(or_, together.columns, canvas.columns))
            code = int(tone, 16)
            # Where a layer has dots its tone takes the place of what is there; all cells of a column at once.
            tones = [before & ~(ones * 15) | ones * code for before, ones in zip(tones, canvas.touched(), strict=True)]
        return [list(row) for row in together.rows()], [list(row) for row in digits(tones, self.height)]

    def _put_cursor(self, signs: list[list[str]], tones: list[list[str]]) -> None:
        """A line at the cursor's step, and at each curve's nearest point its sign."""
        cursor = self.view.cursor
        cell = self.cell_of(cursor) if cursor is not None else None
        if cursor is None or cell is None:
            return
        for row in range(self.height):
            if signs[row][cell] == " ":
                signs[row][cell], tones[row][cell] = "│", DIM
        for index, line in reversed(self.lines):
            place = line.nearest(cursor)
            at = None if place is None else self.cell_of(line.steps[place])
            if place is not None and at is not None and (row_of := self._row_of_value(line.values[place])) is not None:
                signs[row_of][at] = letter(index) if self.signed else "●"
                tones[row_of][at] = STRONG

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
        tones = [DIM] * self.width
        for sign, steps in (("▾", self._below()), ("×", (step for _, line in self.lines for step in line.lost))):
            for step in steps:
                if (at := self.cell_of(step)) is not None:
                    signs[at], tones[at] = sign, STRONG
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


def _digit(index: int) -> str:
    return format(min(index, 9) + 1, "x")


def _runs(signs: str, tones: Sequence[str]) -> Iterator[Cell]:
    """Signs of one tone together."""
    for run in RUNS.finditer("".join(tones)):
        yield Cell(signs[run.start() : run.end()], NAMES[run[1]])
