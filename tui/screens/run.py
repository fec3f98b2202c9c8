"""Run: one run, live; what can be done to it, to its files and to its texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from textual import on

from tui import actions
from tui.entries import Entry
from tui.screens.charts import CurvesPane
from tui.screens.curving import CurveActs
from tui.screens.filing import FileActs
from tui.screens.logs import LogActs
from tui.series import Series
from tui.services.artifacts import path_of
from tui.widgets.entry import Typed
from tui.widgets.moves import Moves
from tui.widgets.table import Table


class RunScreen(FileActs, LogActs, CurveActs, inherit_bindings=False):
    """One run."""

    NAME = actions.RUN
    BINDINGS = actions.bindings(actions.RUN)

    @property
    def curves(self) -> CurvesPane:
        return self.panes.curves

    def curves_known(self) -> Mapping[str, Series]:
        return self.story.curves

    @on(Table.Opened)
    def _row_opened(self) -> None:
        self.action_act("open")

    # --- acting --------------------------------------------------------------------------------------------------

    def targets(self) -> Sequence[Entry]:
        if self.panes.name_in_view == "lineage" and (other := self.lab.entry(self.panes.relatives.rows.key)):
            return [other]
        entry = self.entry()
        return [entry] if entry is not None and not self.gone else []

    def copyable(self) -> str:
        return self._file or self.run_id

    @property
    def _file(self) -> str:
        return self.files.list.rows.key if self.panes.name_in_view == "files" else ""

    def facts(self) -> actions.Facts:
        known, text = super().facts(), self.text()
        lines, matches = (text.source.line_count, len(text.matches)) if text is not None else self.looked_for
        marks = len(self.panes.log_view.marks)
        return replace(known, pane=self.panes.name_in_view, lines=lines, matches=matches, marks=marks,
                       narrowed=self.is_narrowed, file=self.file_kind)  # fmt: skip

    def mover(self) -> Moves | None:
        return self.text() or self.folded if isinstance(self.focused, Typed) else super().mover()

    def do_copy(self) -> None:
        if self.panes.name_in_view == "log" and self.panes.log_view.count:
            self.copy_text(self.lines_to_copy()[0])
        elif self._file:
            where = partial(path_of, self.lab.workspace, self.run_id, self._file)
            self.work("finding the file", where, lambda path: self.copy_text(str(path)))
        else:
            super().do_copy()

    def do_open(self) -> None:
        if self.panes.name_in_view == "lineage":
            self.lab.opened = self.panes.relatives.rows.key
            self.on_screen_resume()
        elif self.panes.name_in_view == "curves":
            self.panes.curves.open()
        elif self.file_look.preview is not None:
            self.open_file()

    def do_zoom_in(self) -> None:
        if self.is_narrowed:
            self.more_context(1)
        else:
            super().do_zoom_in()

    def do_zoom_out(self) -> None:
        if self.is_narrowed:
            self.more_context(-1)
        else:
            super().do_zoom_out()

    def question(self, name: str) -> str:
        return self.what_to_save() if name == "save" else super().question(name)

    def do_log(self) -> None:
        self.show_pane("log")

    def do_describe(self) -> None:
        self.show_pane("spec" if self.panes.name_in_view == "about" else "about")

    def do_full(self) -> None:
        self.toggle_class("-full")
        if self.panes.name_in_view == "files":
            self.call_after_refresh(self.panes.files.ask)

    def step_back(self) -> bool:
        if self.has_class("-full"):
            self.do_full()
        elif self.searched is not None:
            self.forget_search()
        elif self.is_narrowed and self.asked:
            self.forget_filter()
        elif self._file and self.focused is not self.panes.in_view:
            self.focus_pane()
        elif self.panes.name_in_view == "curves" and self.panes.curves.step_back():
            pass
        else:
            return False
        return True

    # --- texts ---------------------------------------------------------------------------------------------------

    def pane_left(self) -> None:
        if self.searched is not None:
            self.forget_search()

    def text_changed(self) -> None:
        self.show_about_text()
        self.show_lines_said()
