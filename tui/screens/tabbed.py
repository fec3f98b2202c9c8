"""Panes under tabs: one of them is in view and has the focus, and there is a way back out of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from tui.screens.base import FootplateScreen
from tui.widgets.bars import Bar
from tui.widgets.tones import Cell


class Panes(ContentSwitcher):
    """Panes by their names, which are the ids of what they show."""

    TABS: ClassVar[Sequence[str]] = ()
    WITHIN: ClassVar[Mapping[str, str]] = {}  # panes without a tab of their own, and the pane that leads to each
    FOCUSED: ClassVar[Mapping[str, str]] = {}  # what has the focus, where that is only a part of the pane

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(initial=self.TABS[0], id=id)

    @property
    def name_in_view(self) -> str:
        return self.current or self.TABS[0]

    @property
    def tab(self) -> str:
        """The tab of the pane in view."""
        return self.WITHIN.get(self.name_in_view, self.name_in_view)

    @property
    def in_view(self) -> Widget:
        """What has the focus when the pane in view has it."""
        return self.query_one(f"#{self.FOCUSED.get(self.name_in_view, self.name_in_view)}")

    def beside(self, step: int) -> str:
        """The pane so many tabs further on."""
        return self.TABS[(self.TABS.index(self.tab) + step) % len(self.TABS)]


class Tabbed(FootplateScreen, inherit_bindings=False):
    """A screen with a line of tabs, `#tabs`, and panes below it."""

    @property
    def panes(self) -> Panes:
        raise NotImplementedError

    def show(self) -> None:
        """Show how it stands now."""
        raise NotImplementedError

    def show_pane(self, name: str) -> None:
        """Bring a pane into view and put the focus into it."""
        self.panes.current = name
        self.set_focus(self.panes.in_view)  # at once: the next key may open a line to type in, which keeps it then
        self.show()

    def show_tabs(self, said: Cell) -> None:
        """Say which pane is in view, and at the right what there is to know of it."""
        here = self.panes.tab
        self.query_one("#tabs", Bar).show(
            [Bar.Part(f" {name} ", "", name, name == here) for name in self.panes.TABS], said
        )

    @on(Bar.Pressed, "#tabs")
    def _tab_pressed(self, message: Bar.Pressed) -> None:
        message.stop().prevent_default()  # a tab may be called as a screen is, and is none
        self.show_pane(message.name)

    def do_next_pane(self) -> None:
        self.show_pane(self.panes.beside(1))

    def do_previous_pane(self) -> None:
        self.show_pane(self.panes.beside(-1))

    # --- back ----------------------------------------------------------------------------------------------------

    def step_back(self) -> bool:
        """Out of what was opened last inside of this screen; False where nothing was."""
        if self.panes.name_in_view not in self.panes.WITHIN:
            return False
        self.show_pane(self.panes.tab)
        return True

    def do_back(self) -> None:
        if not self.step_back():
            super().do_back()

    def do_leave(self) -> None:
        if not self.step_back():
            super().do_leave()

    # --- kept ----------------------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "pane": self.panes.tab}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        if kept.get("pane") in self.panes.TABS:
            self.panes.current = kept["pane"]
