"""Bucket: folders and objects, page after page; a look into each, and what can be done to them."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from engine.words import size
from tui import actions, bucketing
from tui.actions import Facts
from tui.format import several
from tui.screens.bucket_acts import BucketActs
from tui.screens.bucket_known import BucketKnown
from tui.screens.bucket_level import LISTING
from tui.screens.bucket_order import BucketOrder
from tui.screens.filelook import FileLook
from tui.services import bucket as services
from tui.widgets.entry import Typed
from tui.widgets.moves import Moves
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

NO_BUCKET = "no bucket: workspace.yaml names none; {another_bucket} looks into one, or into a folder"
EXAMPLES = "words  !not  this|that  /regex/  size>10MB"


class BucketScreen(BucketActs, BucketKnown, BucketOrder, inherit_bindings=False):
    """What lies in a bucket."""

    NAME = actions.BUCKET
    BINDINGS = actions.bindings(actions.BUCKET)

    def body(self) -> ComposeResult:
        yield Words(id="bucket-head")
        yield Words(id="bucket-labels")
        with Container(id="bucket-both"):
            yield Table(bucketing.COLUMNS, empty="asking what lies there", id="stored")
            yield FileLook(id="bucket-look")
        yield Words(id="bucket-said")
        yield Typed(placeholder=EXAMPLES, id="bucket-filter")
        yield Typed(placeholder="words or a regular expression", id="search")

    def on_mount(self) -> None:
        self.table.focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.table.order(*self.order)
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
        keys, fault = self.rows_shown()
        none = f"none fits {self.asked!r}; esc shows all" if self.asked else self.empty
        self.table.show(keys, self._cells, empty=self.lab.worded(NO_BUCKET) if not self.url else none)
        if self.wanted_row and (self.table.go_to(self.wanted_row) or not (self.after or self.at_work(LISTING))):
            self.wanted_row = ""
        self._show_head(len(keys), fault)
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
        self.look_soon()
        self.show_frame()

    @on(Table.Opened, "#stored")
    def _opened(self) -> None:
        self.action_act("open")

    # --- acting --------------------------------------------------------------------------------------------------

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

    def do_copy_object(self) -> None:
        self.app.copy_to_clipboard(f"{self.url.rstrip('/')}/{self.table.rows.key}")

    def do_mark_object(self) -> None:
        self.table.mark()
        self.show()

    def do_mark_objects(self) -> None:
        self.table.mark_all()
        self.show()

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "url": self.url, "prefix": self.prefix, "row": self.table.rows.key,
                "order": [*self.order]}  # fmt: skip

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        self.url, self.prefix, self.wanted_row = (str(kept.get(name) or "") for name in ("url", "prefix", "row"))
        match kept.get("order"):
            case [str(by), bool(reverse)] if by in bucketing.SORTS:
                self.order = by, reverse
