"""One chart: a few curves over their steps, with their last values, or those at a cursor, in its title."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.widgets.line import Line, View, letter, placed, signed
from tui.widgets.plot import Plot
from tui.widgets.told import told
from tui.widgets.tones import Cell, Toned

TONES = ("accent", "warn", "good", "bad", "strong", "dim")


class Curve(Toned):
    """Curves that share their axes; the one that is named first is drawn on top."""

    class Pressed(Message):
        """Somebody clicked on a chart, at a step."""

        def __init__(self, curve: Curve, step: float | None) -> None:
            super().__init__()
            self.curve, self.step = curve, step

        @property
        def control(self) -> Curve:
            return self.curve

    def __init__(self, title: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.chart_title = title
        self.view = View()
        self._lines: Sequence[Line] = ()
        self._drawn: list[Strip] | None = None
        self._plot: Plot | None = None

    def show(self, lines: Sequence[Line], view: View | None = None) -> None:
        """Draw these; points may have been added to those that were there."""
        self._lines, self.view = lines, view or self.view
        self._plot = None
        self._redraw()

    @property
    def lines(self) -> Sequence[Line]:
        return self._lines

    def on_resize(self) -> None:
        self._redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._redraw()

    def _redraw(self) -> None:
        self._drawn = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if self._drawn is None:
            self._drawn = self._draw()
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(self.size.width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Pressed(self, self._plot.step_at(event.x) if self._plot else None))

    # --- where the cursor can go ---------------------------------------------------------------------------------

    @property
    def x_range(self) -> tuple[float, float] | None:
        """The first and the last step that are shown; None where nothing is."""
        return self.range_of(self.view)

    def range_of(self, view: View) -> tuple[float, float] | None:
        """The same for somebody who looked at it so."""
        plot = self._plot_of(view)
        return plot.x_range if plot.drawable else None

    def nearest_step(self, step: float) -> float | None:
        """The step of the point nearest to a step."""
        found = [line.steps[place] for line in self._lines if (place := line.nearest(step)) is not None]
        return min(found, key=lambda other: abs(other - step), default=None)

    def next_step(self, way: int) -> float | None:
        """The step of the next point on the right (1) or left (-1) of the cursor that stands in another cell."""
        plot = self._plot_of(self.view)
        if not plot.drawable:
            return None
        if self.view.cursor is None:
            return self.nearest_step(plot.x_range[1])
        return plot.next_step(self.view.cursor, way)

    # --- drawing -------------------------------------------------------------------------------------------------

    def _draw(self) -> list[Strip]:
        legend = self._legend()
        self._plot = self._plot_of(self.view, len(legend))
        rows = self._plot.rows() if not self.app.has_class("-plain") else self._told()
        return [self._strip(cells) for cells in [*legend, *rows]]

    def _told(self) -> list[list[Cell]]:
        """The curves in words."""
        return [[Cell(f"  {words}")] for line in self._lines for words in told(line)]

    def _plot_of(self, view: View, above: int = 1) -> Plot:
        return Plot(self._lines, self.size.width, self.size.height - above, view)

    def _legend(self) -> list[list[Cell]]:
        """The title and what there is to know of each curve, on a line; on two where there is room."""
        rows = [[Cell("▸ " * self.view.chosen + self.chart_title, "strong"), Cell(self._circumstances(), "dim")]]
        used, most = sum(cell_len(cell.text) for cell in rows[0]), 1 + (self.size.height >= 12)
        for index, (place, line) in enumerate(placed(self._lines)):
            words = self._said(place, line)
            if used + cell_len(words) > self.size.width - 4 * (len(rows) == most) * (index < len(self._lines) - 1):
                if len(rows) == most:
                    rows[-1].append(Cell(f"  +{len(self._lines) - index}", "dim"))
                    break
                rows.append([])
                used = 0
            rows[-1].append(Cell(words, self._tone(place)))
            used += cell_len(words)
        return rows

    def _circumstances(self) -> str:
        """How it is drawn, where that is not as it is told."""
        view = self.view
        parts = ["log" * view.log, f"smoothed {view.smooth:g}" * bool(view.smooth), "part" * bool(view.x_range)]
        said = [part for part in parts if part]
        return f"  ({', '.join(said)})" if said else ""

    def _said(self, index: int, line: Line) -> str:
        mark = f"{letter(index)} " if signed(self._lines) else ""
        return f"  {mark}{line.words(self.view)}"

    def _tone(self, index: int) -> str:
        return TONES[min(index, len(TONES) - 1)]

    def _strip(self, cells: Sequence[Cell]) -> Strip:
        base = self.rich_style
        strip = Strip([Segment(cell.text, base + self.tone(self._named(cell.tone))) for cell in cells])
        return strip.adjust_cell_length(self.size.width, base)

    def _named(self, tone: str) -> str:
        """The tone of a curve that is told by its number."""
        return self._tone(int(tone)) if tone.isdigit() else tone
