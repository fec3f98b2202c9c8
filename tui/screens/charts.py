"""The curves of a run: what is measured of several things stands in one chart, and the charts in a grid."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult

from tui.story import Series
from tui.widgets.curve import Curve, Line
from tui.widgets.moves import Scroll
from tui.widgets.words import Words

MOST = 6  # curves in one chart: more cannot be told apart
Chart = tuple[str, list[Line]]


def charts(curves: Mapping[str, Series]) -> list[Chart]:
    """`train.loss` and `validation.loss` belong into a chart `loss`; of many curves the last ones are shown."""
    found: dict[str, list[Line]] = {}
    for name, series in curves.items():
        whose, _, what = name.replace("/", ".").rpartition(".")
        line = Line(whose, series.steps, series.values, series.last, series.not_finite)
        found.setdefault(what, []).append(line)
    return [(f"{what} (last {MOST} of {len(lines)})" if len(lines) > MOST else what, lines[-MOST:])
            for what, lines in found.items()]  # fmt: skip


class CurvesPane(Scroll, inherit_bindings=False):
    """A chart for each thing that is measured."""

    def compose(self) -> ComposeResult:
        yield Words("no curve yet: a job draws one by out.metric(name, value, step)", id="no-curves")

    def show(self, curves: Mapping[str, Series]) -> None:
        """Draw all of them."""
        found = charts(curves)
        drawn = list(self.query(Curve))
        for _ in range(len(drawn), len(found)):
            drawn.append(Curve())
            self.mount(drawn[-1])
        for curve, (title, lines) in zip(drawn, found, strict=False):
            curve.chart_title = title
            curve.show(lines)
        for spare in drawn[len(found) :]:
            spare.remove()
        self.query_one("#no-curves").display = not found
        self.set_class(len(found) == 1, "-single")
