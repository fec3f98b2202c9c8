"""Run: one run, live. Its first three lines say what it is and how it goes, or why it failed; panes hold the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from engine.run import Status
from tui import actions, cells
from tui.entries import Entry
from tui.messages import EventsArrived, LogGrew, RunGone, StatusChanged
from tui.screens.acting import RunScreenActs
from tui.screens.charts import CurvesPane
from tui.screens.files import FilesPane
from tui.screens.head import head
from tui.screens.look import LookPane
from tui.screens.texts import TextActs
from tui.search import Search
from tui.services import acts
from tui.services.about import About, about
from tui.services.artifacts import Preview, preview
from tui.services.follow import Follower
from tui.services.watch import Watch
from tui.story import Story
from tui.widgets.bars import Bar
from tui.widgets.columns import Column
from tui.widgets.entry import Typed
from tui.widgets.lines import LineView
from tui.widgets.moves import Moves
from tui.widgets.paint import ansi, yaml
from tui.widgets.painter import LineSource, TextLines
from tui.widgets.rows import Row
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

PANES = ("look", "log", "curves", "files", "spec", "about", "lineage")
TEXTS = {"log": "log", "spec": "spec", "about": "about", "files": "preview-text"}
RELATIVES = (
    Column("how", "", 9),
    Column("state", "state", 11, keep=8),
    Column("name", "run", 14, flex=2),
    Column("result", "result", 13, flex=1, keep=7),
    Column("id", "id", 31, keep=6),
)
NOTHING = "no runs yet: press 4 to launch one"


class RunScreen(TextActs, RunScreenActs, inherit_bindings=False):
    """One run."""

    NAME = actions.RUN
    BINDINGS = actions.bindings(actions.RUN)

    def __init__(self) -> None:
        super().__init__()
        self._run_id = ""
        self._gone = ""
        self._status: Status | None = None
        self._story = Story()
        self._follower: Follower | None = None
        self._watch: Watch | None = None

    def body(self) -> ComposeResult:
        yield Words(id="head")
        yield Bar(id="tabs")
        with ContentSwitcher(initial="look", id="panes"):
            yield LookPane(id="look")
            yield LineView(paint=ansi, id="log")
            yield CurvesPane(id="curves")
            yield FilesPane(id="files")
            yield LineView(paint=yaml, id="spec")
            yield LineView(paint=yaml, id="about")
            yield Table(RELATIVES, empty="made from no other run, and none was made from it", id="lineage")
        yield Typed(placeholder="words or a regular expression", id="search")

    # --- which run -----------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        wanted = self.lab.opened or next((entry.id for entry in self.lab.entries or ()), "")
        if wanted != self._run_id:
            self._open(wanted)
        elif self._watch is None and wanted and not self._gone:
            self._follow()
        if self.lab.pane:
            self.show_pane(self.lab.pane)
            self.lab.pane = ""
        super().on_screen_resume()

    def on_screen_suspend(self) -> None:
        self._unfollow()

    def on_unmount(self) -> None:
        self._unfollow()

    def _open(self, run_id: str) -> None:
        self._unfollow()
        self._run_id, self._gone, self._status, self._story = run_id, "", None, Story()
        self._follower = None
        self.query_one("#panes", ContentSwitcher).current = "look"
        for name in ("spec", "about"):
            self.query_one(f"#{name}", LineView).show(TextLines(), empty="reading")
        self.query_one("#lineage", Table).show([])
        if run_id:
            self._follow()
            self.work("reading the run", partial(about, self.lab.workspace, run_id), self._show_about)

    def _follow(self) -> None:
        if self._follower is None:
            self._follower = Follower(self.lab.workspace, self._run_id, self.post_message)
            self.query_one("#log", LineView).show(self._follower.log, empty="it has printed nothing yet")
            self.query_one(LookPane).show_log(self._follower.log)
        words = "what is shown is as it was; it is tried again"
        self._watch = Watch("following the run", self._follower.step, self.post_message, what_to_do=words).start()

    def _unfollow(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    # --- what is new ---------------------------------------------------------------------------------------------

    def on_events_arrived(self, message: EventsArrived) -> None:
        if message.run_id == self._run_id:
            self._story.fold(message.events)
            self._show()

    def on_status_changed(self, message: StatusChanged) -> None:
        if message.run_id == self._run_id:
            before, self._status = self._status, message.status
            if before is None or (message.status.active and not before.active):
                self.query_one("#log", LineView).set_follow(True)
            self._show()

    def on_log_grew(self, message: LogGrew) -> None:
        if message.run_id == self._run_id:
            log = self.query_one("#log", LineView)
            log.grew(afresh=message.afresh)
            # A run that has ended is shown at its end as well, but there is nothing to follow.
            log.follow = log.follow and self._status is not None and self._status.active
            self.query_one(LookPane).log_grew(message.afresh)
            self._show_tabs()

    def on_run_gone(self, message: RunGone) -> None:
        if message.run_id == self._run_id:
            self._gone = message.words
            self._unfollow()
            self.tell_error("following the run", message.words, "q goes back; what was read of it stays in view")
            self._show()

    def runs_changed(self) -> None:
        if not self._run_id and self.lab.entries:
            self._open(self.lab.entries[0].id)
        self._show()

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def pane(self) -> str:
        return self.query_one("#panes", ContentSwitcher).current or "look"

    def entry(self) -> Entry | None:
        """The run, with the newest status that is known of it."""
        known = self.lab.entry(self._run_id)
        if self._status is None or not self._run_id:
            return known
        job, created_at = (known.job, known.created_at) if known else (self._run_id.split("-")[2], time.time())
        tags, note = (known.tags, known.note) if known else ((), "")
        return Entry(self._run_id, job, created_at, self._status, tags, note)

    def _show(self) -> None:
        entry = self.entry()
        self._show_head(entry)
        if entry is not None:
            self._show_pane(entry)
        self._show_tabs()
        self.show_frame()

    def _show_head(self, entry: Entry | None) -> None:
        here = self.query_one("#head", Words)
        if self._gone:
            here.show(f"✗ gone  {self._run_id}\n{self._gone}\nq goes back")
        elif entry is None:
            here.show("reading the run" if self._run_id or self.lab.entries is None else NOTHING)
        else:
            here.show(head(entry, self._story.pace, time.time(), self.size.width - 2))

    def _show_pane(self, entry: Entry) -> None:
        """Bring the pane in view up to date; the others follow when they are opened."""
        pane = self.pane
        if pane == "look":
            self.query_one(LookPane).show(entry.status, self._story)
        elif pane == "curves":
            self.query_one(CurvesPane).show(self._story.curves)
        elif pane == "files":
            words = (
                "nothing yet: a job hands over its files when they are complete" if entry.moving else "it made nothing"
            )
            self.query_one(FilesPane).show(entry.status.artifacts, words)

    def _show_tabs(self) -> None:
        parts = [Bar.Part(f" {name} ", "", name, name == self.pane) for name in PANES]
        text = self.text()
        state = "" if text is None else " · ".join(
            word for word in ("following" * text.follow, "wrapped" * text.wrap, text.where) if word
        )  # fmt: skip
        self.query_one("#tabs", Bar).show(parts, Cell(f"{state} ", "accent" if text and text.follow else "dim"))

    def _show_about(self, found: About) -> None:
        self.query_one("#spec", LineView).show(TextLines(found.spec), empty="it has no spec")
        self.query_one("#about", LineView).show(TextLines(found.rest))

    def _show_lineage(self, found: tuple[list[str], list[str]]) -> None:
        ways = [(run_id, "made from") for run_id in found[0]] + [(run_id, "made into") for run_id in found[1]]
        self.query_one("#lineage", Table).show([Row(run_id, self._relative(run_id, how)) for run_id, how in ways])

    def _relative(self, run_id: str, how: str) -> tuple[Cell, ...]:
        entry = self.lab.entry(run_id)
        if entry is None:
            return Cell(how, "dim"), Cell("archived", "dim"), Cell(""), Cell(""), Cell(run_id, "dim")
        return Cell(how, "dim"), cells.state(entry), cells.name(entry), cells.result(entry), Cell(run_id, "dim")

    # --- panes ---------------------------------------------------------------------------------------------------

    def show_pane(self, name: str) -> None:
        """Bring a pane into view and put the focus into it."""
        self.query_one("#panes", ContentSwitcher).current = name
        self.call_after_refresh(self._focus_pane)
        if name == "lineage" and self._run_id:
            read = partial(acts.relatives, self.lab.workspace, self._run_id)
            self.work("reading the lineage", read, self._show_lineage)
        self._show()

    def _focus_pane(self) -> None:
        target = {"files": "files-list"}.get(self.pane, self.pane)
        self.set_focus(self.query_one(f"#{target}"))
        if self.pane == "files":
            self.query_one(FilesPane).ask()
        self.show_frame()

    def do_next_pane(self) -> None:
        self.show_pane(PANES[(PANES.index(self.pane) + 1) % len(PANES)])

    def do_previous_pane(self) -> None:
        self.show_pane(PANES[PANES.index(self.pane) - 1])

    @on(Bar.Pressed, "#tabs")
    def _tab_pressed(self, message: Bar.Pressed) -> None:
        message.stop()
        self.show_pane(message.name)

    @on(Table.Moved, "#files-list")
    def _file_chosen(self) -> None:
        self.query_one(FilesPane).ask()
        self.show_frame()

    @on(FilesPane.Wanted)
    def _preview_wanted(self, message: FilesPane.Wanted) -> None:
        name, workspace, run_id = message.name, self.lab.workspace, self._run_id
        read = partial(preview, workspace, run_id, name, message.width, message.height)
        self.work("reading the file", read, partial(self._show_preview, name))

    def _show_preview(self, name: str, found: Preview) -> None:
        self.call_next(self.query_one(FilesPane).show_preview, name, found)

    # --- acting --------------------------------------------------------------------------------------------------

    def targets(self) -> Sequence[Entry]:
        if self.pane == "lineage" and (entry := self.lab.entry(self.query_one("#lineage", Table).rows.key)):
            return [entry]
        entry = self.entry()
        return [entry] if entry is not None and not self._gone else []

    def copyable(self) -> str:
        name = self.query_one(FilesPane).table.rows.key if self.pane == "files" else ""
        return str(self.lab.workspace.runs / self._run_id / "artifacts" / name) if name else self._run_id

    def facts(self) -> actions.Facts:
        known, text = super().facts(), self.text()
        lines, matches = (text.count, len(text.matches)) if text is not None else (0, 0)
        return actions.Facts(known.states, self.pane, lines, matches, known.undo, known.copyable)

    def mover(self) -> Moves | None:
        focused = super().mover()
        text = self.text()
        return focused if focused is not None or text is None else text

    def do_open(self) -> None:
        if self.pane == "lineage" and self.targets():
            self._go_to(self.targets()[0].id)
        elif self.pane == "files":
            target: Widget | None = self.query_one(FilesPane).preview
            if target is not None:
                self.set_focus(target)

    def _go_to(self, run_id: str) -> None:
        self.lab.opened = run_id
        self._open(run_id)
        self._show()

    def do_back(self) -> None:
        if not self._step_back():
            super().do_back()

    def do_leave(self) -> None:
        if not self._step_back():
            super().do_leave()

    def _step_back(self) -> bool:
        """Out of what was opened last inside of this screen, if anything was."""
        preview_focused = self.pane == "files" and self.focused is not self.query_one("#files-list")
        if self.has_class("-full"):
            self.do_full()
        elif self.searched is not None:
            self.forget_search()
        elif preview_focused:
            self._focus_pane()
        else:
            return False
        return True

    def do_log(self) -> None:
        self.show_pane("log")

    def do_describe(self) -> None:
        self.show_pane("spec" if self.pane == "about" else "about")

    def do_full(self) -> None:
        self.toggle_class("-full")
        if self.pane == "files":
            self.call_after_refresh(self.query_one(FilesPane).ask)

    # --- texts ---------------------------------------------------------------------------------------------------

    def text(self) -> LineView | None:
        if self.pane not in TEXTS:
            return None
        text = self.query_one(f"#{TEXTS[self.pane]}", LineView)
        return text if text.display else None

    def text_changed(self) -> None:
        self._show_tabs()

    def finder(self, source: LineSource, wanted: Search) -> Callable[[], Sequence[int]]:
        if self._follower is not None and source is self._follower.log:
            return partial(self._follower.log.search, wanted.raw)
        return super().finder(source, wanted)
