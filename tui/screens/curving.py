"""What can be done with curves on a screen: how they are drawn, which part, and which of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.screens.base import FootplateScreen
from tui.screens.charts import CurvesPane
from tui.series import Series


class CurveActs(FootplateScreen, inherit_bindings=False):
    """A screen with curves on it."""

    @property
    def curves(self) -> CurvesPane:
        """Where they are drawn."""
        raise NotImplementedError

    def curves_known(self) -> Mapping[str, Series]:
        """All curves that could be drawn, by name."""
        raise NotImplementedError

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "curves": self.curves.kept()}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        curves = kept.get("curves")
        if isinstance(curves, dict):
            self.curves.restore(curves)

    def do_log_scale(self) -> None:
        self.curves.other_scale()

    def do_smooth(self) -> None:
        self.curves.smoother()

    def do_zoom_in(self) -> None:
        self._zoom(2.0)

    def do_zoom_out(self) -> None:
        self._zoom(0.5)

    def _zoom(self, factor: float) -> None:
        if why_not := self.curves.zoom(factor):
            self.notify(why_not, severity="warning", markup=False)

    def do_choose_curves(self) -> None:
        from tui.screens.choose import Choose

        def chosen(hidden: frozenset[str] | None) -> None:
            if hidden is not None:
                self.curves.hidden = set(hidden)
                self.runs_changed()

        self.app.push_screen(Choose(self.curves_known(), self.curves.hidden), chosen)
