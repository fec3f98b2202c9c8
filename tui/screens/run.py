"""Run: one run, live. Its first three lines say what it is and how it goes, or why it failed; panes hold the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from textual import on
from textual.app import ComposeResult

from tui import actions
from tui.entries import Entry
from tui.screens.files import FilesPane
from tui.screens.followed import FollowedRun
from tui.screens.head import head
from tui.screens.panes import PANES, Lineage, RunPanes
from tui.screens.texts import TextActs
from tui.search import Search
from tui.services import acts
from tui.services.about import about
from tui.services.artifacts import Preview, path_of, preview
from tui.widgets.bars import Bar
from tui.widgets.entry import Typed
from tui.widgets.lines import LineView
from tui.widgets.moves import Moves
from tui.widgets.painter import LineSource
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

NOTHING = "no runs yet: press 4 to launch one"


class RunScreen(TextActs, FollowedRun, inherit_bindings=False):
    """One run."""

    NAME = actions.RUN
    BINDINGS = actions.bindings(actions.RUN)

    def body(self) -> ComposeResult:
        yield Words(id="head")
        yield Bar(id="tabs")
        yield RunPanes()
        yield Typed(placeholder="words or a regular expression", id="search")

    @property
    def panes(self) -> RunPanes:
        return self.query_one(RunPanes)

    # --- what is shown -------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        wanted, self.lab.pane = self.lab.pane, ""
        self.show_pane(wanted or self.panes.name_in_view)

    def begin(self) -> None:
        assert self.follower is not None
        self.searched = None
        self.panes.begin(self.follower.log)
        self.work("reading the run", partial(about, self.lab.workspace, self.run_id), self.panes.show_about)

    def show_run(self) -> None:
        entry = self.entry()
        self.query_one("#head", Words).show(self._head(entry))
        if entry is not None:
            self.panes.show(entry, self.story)
        self._show_tabs()
        self.show_frame()

    def _head(self, entry: Entry | None) -> Words.Said:
        if self.gone:
            return f"✗ gone  {self.run_id}\n{self.gone}\nq goes back"
        if entry is None:
            return "reading the run" if self.run_id or self.lab.entries is None else NOTHING
        return head(entry, self.story.pace, time.time(), self.size.width - 2)

    def _show_tabs(self) -> None:
        here, text, entry = self.panes.name_in_view, self.text(), self.entry()
        parts = [Bar.Part(f" {name} ", "", name, name == here) for name in PANES]
        following = text is not None and text.follow and here == "log" and entry is not None and entry.moving
        said = ["following" * following, "wrapped" * text.wrap, text.where] if text is not None else []
        words = " · ".join(word for word in said if word)
        self.query_one("#tabs", Bar).show(parts, Cell(f"{words} ", "accent" if following else "dim"))

    def log_grew(self, afresh: bool) -> None:
        self.panes.log_grew(afresh)
        self._show_tabs()

    # --- panes ---------------------------------------------------------------------------------------------------

    def show_pane(self, name: str) -> None:
        """Bring a pane into view and put the focus into it."""
        if name != self.panes.name_in_view and self.searched is not None:
            self.forget_search()
        self.panes.current = name
        self.call_after_refresh(self._focus_pane)
        if name == "lineage" and self.run_id:
            read = partial(acts.relatives, self.lab.workspace, self.run_id)
            self.work("reading the lineage", read, self._show_lineage)
        self.show_run()

    def _focus_pane(self) -> None:
        self.set_focus(self.panes.focus_target)
        if self.panes.name_in_view == "files":
            self.panes.files.ask()
        self.show_frame()

    def _show_lineage(self, found: Lineage) -> None:
        self.panes.show_lineage(found, self.lab.entry)

    @on(Bar.Pressed, "#tabs")
    def _tab_pressed(self, message: Bar.Pressed) -> None:
        message.stop()
        self.show_pane(message.name)

    @on(Table.Moved, "#files-list")
    def _file_chosen(self) -> None:
        self.panes.files.ask()
        self.show_frame()

    @on(Table.Opened)
    def _row_opened(self) -> None:
        self.action_act("open")

    @on(FilesPane.Wanted)
    def _preview_wanted(self, message: FilesPane.Wanted) -> None:
        read = partial(preview, self.lab.workspace, self.run_id, message.name, message.width, message.height)
        self.work("reading the file", read, partial(self._show_preview, message.name))

    def _show_preview(self, name: str, found: Preview) -> None:
        self.call_next(self.panes.files.show_preview, name, found)

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
        return self.panes.files.table.rows.key if self.panes.name_in_view == "files" else ""

    def facts(self) -> actions.Facts:
        known, text = super().facts(), self.text()
        lines, matches = (text.count, len(text.matches)) if text is not None else (0, 0)
        return actions.Facts(known.states, self.panes.name_in_view, lines, matches, known.undo, known.copyable)

    def mover(self) -> Moves | None:
        return self.text() if isinstance(self.focused, Typed) else super().mover()

    def do_copy(self) -> None:
        if self._file:
            where = partial(path_of, self.lab.workspace, self.run_id, self._file)
            self.work("finding the file", where, lambda path: self.copy_text(str(path)))
        else:
            super().do_copy()

    def do_open(self) -> None:
        if self.panes.name_in_view == "lineage":
            self.lab.opened = self.panes.relatives.rows.key
            self.on_screen_resume()
        elif self.panes.files.preview is not None:
            self.set_focus(self.panes.files.preview)

    def do_next_pane(self) -> None:
        self._step_pane(1)

    def do_previous_pane(self) -> None:
        self._step_pane(-1)

    def _step_pane(self, step: int) -> None:
        self.show_pane(PANES[(PANES.index(self.panes.name_in_view) + step) % len(PANES)])

    def do_log(self) -> None:
        self.show_pane("log")

    def do_describe(self) -> None:
        self.show_pane("spec" if self.panes.name_in_view == "about" else "about")

    def do_full(self) -> None:
        self.toggle_class("-full")
        if self.panes.name_in_view == "files":
            self.call_after_refresh(self.panes.files.ask)

    def do_back(self) -> None:
        if not self._step_back():
            super().do_back()

    def do_leave(self) -> None:
        if not self._step_back():
            super().do_leave()

    def _step_back(self) -> bool:
        """Out of what was opened last inside of this screen, if anything was."""
        if self.has_class("-full"):
            self.do_full()
        elif self.searched is not None:
            self.forget_search()
        elif self._file and self.focused is not self.panes.focus_target:
            self._focus_pane()
        else:
            return False
        return True

    # --- texts ---------------------------------------------------------------------------------------------------

    def text(self) -> LineView | None:
        return self.panes.text

    def text_changed(self) -> None:
        self._show_tabs()

    def finder(self, source: LineSource, wanted: Search) -> Callable[[], Sequence[int]]:
        if self.follower is not None and source is self.follower.log:
            return partial(self.follower.log.search, wanted.raw)
        return super().finder(source, wanted)
