"""The curves of a run, or of several, in a grid of charts; one of them is chosen, and has a cursor."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from textual import on
from textual.app import ComposeResult

from tui import smoothing
from tui.charting import Chart
from tui.widgets.curve import Curve
from tui.widgets.line import View
from tui.widgets.moves import Scroll
from tui.widgets.words import Words

FEW = 4  # charts that share a large screen
NONE_YET = "no curve yet: a job draws one by out.metric(name, value, step)"
NONE_CHOSEN = "no curve is chosen"


class CurvesPane(Scroll, inherit_bindings=False):
    """A chart for each thing that is measured."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.can_focus = True
        self.view = View()
        self.hidden: set[str] = set()  # names of curves that somebody does not want to see
        self.single = False
        self._place = 0
        self._charts: Sequence[Chart] = ()
        self._ranges: dict[str, tuple[float, float]] = {}

    def compose(self) -> ComposeResult:
        yield Words(NONE_YET, id="no-curves")

    # --- what is shown -------------------------------------------------------------------------------------------

    def wants(self, name: str) -> bool:
        """Whether a curve is to be seen."""
        return name not in self.hidden

    def show(self, charts: Sequence[Chart]) -> None:
        """Draw these."""
        self._charts = charts
        self._place = max(0, min(self._place, len(charts) - 1))
        drawn = list(self.query(Curve))
        new = [Curve() for _ in range(len(drawn), len(charts))]
        if new:
            self.mount(*new)
        for spare in drawn[len(charts) :]:
            spare.remove()
        self._draw([*drawn, *new][: len(charts)])
        self.query_one("#no-curves", Words).show(NONE_CHOSEN if self.hidden else NONE_YET)
        self.query_one("#no-curves").display = not charts
        self.set_class(len(charts) == 1 or self.single, "-single")
        self.set_class(len(charts) <= FEW, "-few")

    def _draw(self, widgets: Sequence[Curve]) -> None:
        several = len(widgets) > 1
        for place, (widget, chart) in enumerate(zip(widgets, self._charts, strict=True)):
            chosen = place == self._place
            widget.display = chosen or not self.single
            widget.chart_title = chart.title
            cursor = self.view.cursor if chosen else None
            x_range = self._ranges.get(chart.title)
            widget.show(chart.lines, replace(self.view, cursor=cursor, x_range=x_range, chosen=chosen and several))

    def draw_again(self) -> None:
        """Something about how it is looked at is not what it was."""
        self.show(self._charts)

    @property
    def chosen(self) -> Curve | None:
        """The chart that the keys mean."""
        widgets = list(self.query(Curve))
        return widgets[self._place] if self._place < len(widgets) else None

    # --- moving --------------------------------------------------------------------------------------------------

    def move(self, lines: int) -> None:
        self._choose(self._place + (1 if lines > 0 else -1))

    def page(self, pages: int) -> None:
        chosen = self.chosen
        self._choose(self._place + pages * max(1, self.size.height // max(1, chosen.size.height if chosen else 1)))

    def edge(self, bottom: bool) -> None:
        self._choose(len(self._charts) if bottom else 0)

    def _choose(self, place: int) -> None:
        place = max(0, min(place, len(self._charts) - 1))
        if place != self._place:
            self._place = place
            self.view = replace(self.view, cursor=None)
            self.draw_again()
        if self.chosen is not None:
            self.chosen.scroll_visible(animate=False)

    def sideways(self, cells: int) -> None:
        """The cursor to the next point on that side that stands in another column."""
        if self.chosen is None:
            return
        step = self.chosen.next_step(1 if cells > 0 else -1)
        if step is not None:
            self._set_cursor(step)

    def _set_cursor(self, step: float | None) -> None:
        self.view = replace(self.view, cursor=step)
        title = self._charts[self._place].title if self._place < len(self._charts) else ""
        if step is not None and title in self._ranges:
            low, high = self._ranges[title]
            shift = min(0.0, step - low) + max(0.0, step - high)
            self._ranges[title] = low + shift, high + shift
        self.draw_again()

    @on(Curve.Pressed)
    def _pressed(self, message: Curve.Pressed) -> None:
        self._choose(list(self.query(Curve)).index(message.curve))
        if message.step is not None and (step := message.curve.nearest_step(message.step)) is not None:
            self._set_cursor(step)

    def step_back(self) -> bool:
        """Out of what was opened last: the cursor, the part, the large chart."""
        if self.view.cursor is not None:
            self._set_cursor(None)
        elif self._place < len(self._charts) and self._ranges.pop(self._charts[self._place].title, None) is not None:
            self.draw_again()
        elif self.single:
            self.open()
        else:
            return False
        return True

    # --- how it is looked at -------------------------------------------------------------------------------------

    def open(self) -> None:
        """The chosen chart alone, or all of them again."""
        self.single = not self.single
        self.draw_again()

    def other_scale(self) -> None:
        """From a linear scale to a logarithmic one, and back."""
        self.view = replace(self.view, log=not self.view.log)
        self.draw_again()

    def smoother(self) -> None:
        """The next level of smoothing; after the last one none."""
        self.view = replace(self.view, smooth=smoothing.following(self.view.smooth))
        self.draw_again()

    def zoom(self, factor: float) -> str:
        """Show a part so many times as large, around the cursor or else at the end; why not, where it cannot be."""
        chart = self._charts[self._place] if self._charts else None
        if chart is None or self.chosen is None or (now := self.chosen.x_range) is None:
            return "there is no curve to look at"
        whole = replace(self.chosen.view, x_range=None)
        first, last = self.chosen.range_of(whole) or now
        span = (now[1] - now[0]) / factor
        if span >= last - first:
            if self._ranges.pop(chart.title, None) is None:
                return "all of it is shown"
        else:
            found = _around(self.view.cursor if self.view.cursor is not None else now[1], span, first, last)
            if max((_inside(line.steps, found) for line in chart.lines), default=0) < 2:
                return "there are no two points in a smaller part"
            self._ranges[chart.title] = found
        self.draw_again()
        return ""

    # --- kept ----------------------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        """How it is looked at, for the next time."""
        return {"log": self.view.log, "smooth": self.view.smooth, "hidden": sorted(self.hidden)}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """As it was the last time; what is not of the right kind is passed over."""
        smooth, hidden = kept.get("smooth"), kept.get("hidden")
        self.view = View(kept.get("log") is True, smooth if smooth in smoothing.LEVELS else 0.0)
        self.hidden = {name for name in hidden if isinstance(name, str)} if isinstance(hidden, list) else set()


def _around(middle: float, span: float, first: float, last: float) -> tuple[float, float]:
    start = max(first, min(middle - span / 2, last - span))
    return start, start + span


def _inside(steps: Sequence[float], part: tuple[float, float]) -> int:
    return bisect_left(steps, part[1]) - bisect_left(steps, part[0])
