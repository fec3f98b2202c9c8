"""Bucket: folders and objects, page after page; how they begin, and what can be done to them."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer

from engine.words import size
from tui import actions, bucketing
from tui.actions import Facts
from tui.filter import compiled
from tui.format import several
from tui.screens.bucket_level import LISTING, BucketLevel
from tui.services import bucket as services
from tui.services.bucket import Head, Stored
from tui.widgets.entry import Typed
from tui.widgets.lines import LineView
from tui.widgets.moves import Moves
from tui.widgets.paint import json
from tui.widgets.painter import TextLines
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

NO_BUCKET = "no bucket: workspace.yaml names none; {another_bucket} looks into one, or into a folder"
PAUSE_S = 0.3  # of moving, after which the object under the cursor is looked at
LOOKING = "looking at the object"
EXAMPLES = "words  !not  this|that  /regex/  size>10MB"


class BucketScreen(BucketLevel, inherit_bindings=False):
    """What lies in a bucket."""

    NAME = actions.BUCKET
    BINDINGS = actions.bindings(actions.BUCKET)

    def __init__(self) -> None:
        super().__init__()
        self._pause: Timer | None = None
        self._looked_at = ""

    def body(self) -> ComposeResult:
        yield Words(id="bucket-head")
        yield Table(bucketing.COLUMNS, empty="asking what lies there", id="stored")
        yield Words(id="bucket-said")
        yield LineView(paint=json, id="bucket-look")
        yield Typed(placeholder=EXAMPLES, id="bucket-filter")

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
        keys = [*(one for one in self.folders if wanted.fits({"name": one})),
                *(name for name, one in self.objects.items() if wanted.fits(one.fields))]  # fmt: skip
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
        elif not self.url:
            head.show("")
        else:
            known = len(self.folders) + len(self.objects)
            total = size(sum(one.size_bytes for one in self.objects.values()))
            count = f"{shown:,} of {known:,}" if self.asked else f"{several(known, 'thing')}, {total}"
            more = " · more is coming" * bool(self.after)
            passed = f"\nthe filter passes over {fault}" if fault else ""
            simulated = "SIMULATED · " * self.simulated
            head.show(f"{simulated}{bucketing.place(self.url, self.prefix)} · {count}{more}{passed}")
        head.set_class(bool(self.trouble), "-bad")
        said = self.query_one("#bucket-said", Words)
        said.show(self.saying)
        said.display = bool(self.saying)

    @on(Table.Moved)
    def _moved(self) -> None:
        self._look_soon()
        self.show_frame()

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_act("open")

    # --- how an object begins ------------------------------------------------------------------------------------

    def _look_soon(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE_S, self._look_at)

    def _look_at(self) -> None:
        stored = self.stored()
        if stored is None:
            self._looked_at = ""
            self._say("")
        elif self._looked_at != stored.name:
            self._looked_at = stored.name
            self.work(LOOKING, partial(services.head, self.lab.gate, self.url, stored.name), self._show_look)

    def _show_look(self, head: Head) -> None:
        if head.name == self._looked_at:
            whole = "" if head.text is None or len(head.text) >= head.size_bytes else f"\n… of {size(head.size_bytes)}"
            self._say(f"{head.text}{whole}" if head.text is not None else f"{size(head.size_bytes)}, and no text")

    def _say(self, text: str) -> None:
        self.query_one("#bucket-look", LineView).show(TextLines(text), empty="")

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        if what == LOOKING:
            self._say(f"{why}\n{what_to_do}")
        else:
            super().tell_error(what, why, what_to_do)

    def row(self) -> str:
        return self.table.rows.key

    def stored(self) -> Stored | None:
        return self.objects.get(self.row())

    # --- acting --------------------------------------------------------------------------------------------------

    def facts(self) -> Facts:
        key = self.table.rows.key
        cloud = self.trouble or ("" if self.url else "there is no bucket; {another_bucket} looks into one")
        kind = "object" if key in self.objects else "folder" if key else ""
        return Facts(pane="bucket", read_only=self.lab.gate.closed, cloud=cloud, stored=kind)

    def mover(self) -> Moves | None:
        return self.table if isinstance(self.focused, Typed) else super().mover()

    def do_open(self) -> None:
        key = self.table.rows.key
        if key in self.folders:
            self.enter(key)
        elif key:
            self.set_focus(self.query_one("#bucket-look", LineView))

    def do_back(self) -> None:
        if not self._step_back():
            super().do_back()

    def _step_back(self) -> bool:
        """Out of an object, out of a filter, out of a folder."""
        if self.focused is not self.table and self.focused is not None:
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

    # --- the filter ----------------------------------------------------------------------------------------------

    def do_filter_bucket(self) -> None:
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
        return {**super().kept(), "url": self.url, "prefix": self.prefix, "row": self.table.rows.key}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        self.url, self.prefix, self.wanted_row = (str(kept.get(name) or "") for name in ("url", "prefix", "row"))
