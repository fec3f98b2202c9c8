"""Bucket: folders and objects, page after page; a look into each, and what can be done to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer

from engine.words import size
from tui import actions, bucketing
from tui.actions import Facts
from tui.filter import compiled
from tui.format import several
from tui.pages import Preview
from tui.screens.bucket_acts import BucketActs
from tui.screens.bucket_known import BucketKnown
from tui.screens.bucket_level import LISTING
from tui.screens.filelook import FileLook
from tui.screens.looks import LookActs
from tui.services import bucket as services
from tui.services import stored
from tui.services.bucket import Stored
from tui.widgets.entry import Typed
from tui.widgets.lines import LineView
from tui.widgets.moves import Moves
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

NO_BUCKET = "no bucket: workspace.yaml names none; {another_bucket} looks into one, or into a folder"
PAUSE_S = 0.2  # of moving, after which the object under the cursor is looked at
READING = "reading the file"
EXAMPLES = "words  !not  this|that  /regex/  size>10MB"


class BucketScreen(BucketActs, BucketKnown, LookActs, inherit_bindings=False):
    """What lies in a bucket."""

    NAME = actions.BUCKET
    BINDINGS = actions.bindings(actions.BUCKET)

    def __init__(self) -> None:
        super().__init__()
        self._pause: Timer | None = None
        self._seen: Stored | None = None
        self._order = "name", False

    def body(self) -> ComposeResult:
        yield Words(id="bucket-head")
        yield Words(id="bucket-labels")
        with Container(id="bucket-both"):
            yield Table(bucketing.COLUMNS, empty="asking what lies there", id="stored")
            yield FileLook(id="bucket-look")
        yield Words(id="bucket-said")
        yield Typed(placeholder=EXAMPLES, id="bucket-filter")
        yield Typed(placeholder="words or a regular expression", id="search")

    @property
    def table(self) -> Table:
        return self.query_one("#stored", Table)

    @property
    def line(self) -> Typed:
        return self.query_one("#bucket-filter", Typed)

    def on_mount(self) -> None:
        self.table.focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.table.order(*self._order)
        self.look_at_labels()
        if not self.url:
            self.work("reading workspace.yaml", partial(services.own, self.lab.workspace), self._settled)
        elif not self.begun:
            self.begin()

    def _settled(self, url: str) -> None:
        if url:
            self.go_to_bucket(url)
        else:
            self.show()

    # --- what is shown -------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Show how it stands now."""
        wanted = compiled(self.asked)
        keys = [*self.folders, *bucketing.ordered(self.objects, *self._order)]
        if self.asked:
            fields = {one: {"name": one} for one in self.folders} | {n: one.fields for n, one in self.objects.items()}
            keys = [key for key in keys if wanted.fits(fields[key])]
        none = f"none fits {self.asked!r}; esc shows all" if self.asked else self.empty
        self.table.show(keys, self._cells, empty=self.lab.worded(NO_BUCKET) if not self.url else none)
        if self.wanted_row and (self.table.go_to(self.wanted_row) or not (self.after or self.at_work(LISTING))):
            self.wanted_row = ""
        self._show_head(len(keys), wanted.fault)
        self.show_frame()

    def _cells(self, key: str) -> tuple[Cell, ...]:
        return bucketing.row(key, self.prefix, self.objects.get(key))

    def _show_head(self, shown: int, fault: str) -> None:
        head = self.query_one("#bucket-head", Words)
        if self.trouble:
            head.show(f"✗ {self.trouble}\n  → {self.advice}" if self.advice else f"✗ {self.trouble}")
        else:
            head.show(self._head(shown, fault) if self.url else "")
        head.set_class(bool(self.trouble), "-bad")
        said = self.query_one("#bucket-said", Words)
        said.show(f"{self.saying}   {self.lab.worded('{give_up} gives up')}")
        said.display = bool(self.saying)

    def _head(self, shown: int, fault: str) -> str:
        known, marks = len(self.folders) + len(self.objects), len(self.table.rows.marks)
        count = f"{shown:,} of {known:,}" if self.asked else f"{several(known, 'thing')}, {size(self.size_bytes)}"
        parts = [bucketing.place(self.url, self.prefix), count, f"{marks:,} marked" * bool(marks),
                 "more is coming" * bool(self.after), "asking" * self.asks]  # fmt: skip
        passed = f"\nthe filter passes over {fault}" if fault else ""
        return " · ".join(filter(None, ["SIMULATED" * self.simulated, *parts])) + passed

    @on(Table.Moved, "#stored")
    def _moved(self) -> None:
        self._look_soon()
        self.show_frame()

    @on(Table.Opened, "#stored")
    def _opened(self) -> None:
        self.action_act("open")

    # --- a look into an object -----------------------------------------------------------------------------------

    def _look_soon(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE_S, self._look_at)

    def _look_at(self) -> None:
        found, room = self.stored(), self.file_look.size
        if found is None:
            self._seen = None
            self.file_look.show_preview("", Preview("nothing"))
        elif self._seen != found and room.width:
            self._seen = found
            self.look_into(found.name, room.width - 2, room.height - 2)

    def asked_of(self, what: str, name: str) -> Callable[..., Any]:
        found = self.objects.get(name) or Stored(name, 0, 0)
        whole = [found.size_bytes] if what == "preview" else []
        return partial(getattr(stored, what), self.lab.gate, self.url, name, found.generation, *whole)

    def text(self) -> LineView | None:
        """The text in view, where it is one."""
        return self.file_look.query_one("#preview-text", LineView) if self.file_look.kind == "text" else None

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        if what == READING and self._seen is not None:
            words = f"{why}  → {what_to_do}" if what_to_do else why
            self.file_look.show_preview(self._seen.name, Preview("nothing", words))
        else:
            super().tell_error(what, why, what_to_do)

    def row(self) -> str:
        return self.table.rows.key

    def stored(self) -> Stored | None:
        """The object under the cursor."""
        return self.objects.get(self.row())

    # --- acting --------------------------------------------------------------------------------------------------

    @property
    def inside(self) -> bool:
        """Whether one is in the look and not in the list."""
        return self.focused is not None and self.focused is self.file_look.preview

    def facts(self) -> Facts:
        key, text = self.table.rows.key, self.text()
        cloud = self.trouble or ("" if self.url else "there is no bucket; {another_bucket} looks into one")
        kind = "object" if key in self.objects else "folder" if key else ""
        lines, matches = (text.source.line_count, len(text.matches)) if text is not None else self.looked_for
        return Facts(pane="bucket", read_only=self.lab.gate.closed, cloud=cloud, stored=kind, lines=lines,
                     matches=matches, file=self.file_kind, under_way=bool(self.saying))  # fmt: skip

    def targets(self) -> tuple[list[str], list[str]]:
        keys = [key for key in self.table.rows.keys if key in self.table.rows.marks] or [self.table.rows.key]
        return [key for key in keys if key in self.objects], [key for key in keys if key in self.folders]

    def mover(self) -> Moves | None:
        if isinstance(self.focused, Typed):
            return self.table if self.focused is self.line else self.text() or self.folded
        return super().mover()

    def do_open(self) -> None:
        key = self.table.rows.key
        if self.inside:
            self.open_file()
        elif key in self.folders:
            self.enter(key)
        elif self.file_look.preview is not None:
            self.set_focus(self.file_look.preview)

    def do_next_pane(self) -> None:
        self.set_focus(self.table if self.inside else self.file_look.preview or self.table)

    def do_previous_pane(self) -> None:
        self.do_next_pane()

    def do_back(self) -> None:
        if not self._step_back():
            super().do_back()

    def _step_back(self) -> bool:
        """Out of a search, out of an object, out of marks and a filter, out of a folder."""
        if self.has_class("-full"):
            self.do_full()
        elif self.searched is not None:
            self.forget_search()
        elif self.focused is not self.table and self.focused is not None:
            self.table.focus()
        elif self.asked:
            self.line.value = ""
        elif self.prefix:
            self.enter(bucketing.above(self.prefix), self.prefix)
        else:
            return False
        return True

    def do_full(self) -> None:
        self.toggle_class("-full")
        self._seen = None
        self.set_focus(self.file_look.preview if self.has_class("-full") else self.table)
        self.call_after_refresh(self._look_at)

    def do_copy_object(self) -> None:
        self.app.copy_to_clipboard(f"{self.url.rstrip('/')}/{self.table.rows.key}")

    def do_mark_object(self) -> None:
        self.table.mark()
        self.show()

    def do_mark_objects(self) -> None:
        self.table.mark_all()
        self.show()

    # --- order and filter ----------------------------------------------------------------------------------------

    def do_sort(self) -> None:
        if self.inside and self.file_look.kind == "table":
            self.do_sort_column()
        else:
            self._sort(bucketing.SORTS[(bucketing.SORTS.index(self._order[0]) + 1) % len(bucketing.SORTS)])

    def do_reverse(self) -> None:
        if self.inside and self.file_look.kind == "table":
            self.do_reverse_column()
        else:
            self._sort(self._order[0])

    @on(Table.Titled, "#stored")
    def _title(self, message: Table.Titled) -> None:
        if message.key in bucketing.SORTS:
            self._sort(message.key)

    def _sort(self, by: str) -> None:
        """By a column, the largest and the newest first; by the same one again the other way round."""
        self._order = by, not self._order[1] if by == self._order[0] else by != "name"
        self.table.order(*self._order)
        self.show()

    def do_filter_bucket(self) -> None:
        if self.inside:
            self.do_search()
            return
        self.line.add_class("-shown")
        self.line.focus()

    @on(Typed.Changed, "#bucket-filter")
    def _typed(self, message: Typed.Changed) -> None:
        self.asked = message.value.strip()
        self.show()

    @on(Typed.Closed, "#bucket-filter")
    def _filter_closed(self, message: Typed.Closed) -> None:
        if not message.kept:
            self.line.value = ""
        self.line.remove_class("-shown")
        self.table.focus()

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "url": self.url, "prefix": self.prefix, "row": self.table.rows.key,
                "order": [*self._order]}  # fmt: skip

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        self.url, self.prefix, self.wanted_row = (str(kept.get(name) or "") for name in ("url", "prefix", "row"))
        match kept.get("order"):
            case [str(by), bool(reverse)] if by in bucketing.SORTS:
                self._order = by, reverse
