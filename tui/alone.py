"""Labelling alone: one screen for a coder who needs nothing else, and who hears of no run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any, ClassVar

from textual.screen import Screen

from tui import actions
from tui.app import FootplateApp
from tui.screens.annotate import AnnotateScreen
from tui.widgets.bars import Bar
from tui.widgets.tones import Cell


class AloneScreen(AnnotateScreen, inherit_bindings=False):
    """The screen annotate, from which there is nowhere to go."""

    NAME = actions.LABEL
    BINDINGS = actions.bindings(actions.LABEL)

    def news(self) -> Cell:
        return Cell("")

    def _places(self, taken: int) -> list[Bar.Part]:
        closed = "read-only " if self.lab.options.read_only else ""
        title = Bar.Part(f" footplate {closed}", "warn" if closed else "strong")
        return [title, Bar.Part(f" {self.coder} ", here=True)]

    def do_leave(self) -> None:
        self.do_quit()


class AloneApp(FootplateApp):
    """Footplate with that screen, and without the catalog of runs."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens.tcss"]
    DEFAULT_MODE = actions.LABEL
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {}

    def get_default_screen(self) -> Screen[Any]:
        return AloneScreen()

    def on_mount(self) -> None:
        self.add_mode(actions.LABEL, AloneScreen)
        self.take_own_keys()
        self.call_after_refresh(self.take_keys)

    def begin_telling(self) -> None:
        """Nothing: what happens to runs is not for a coder."""
