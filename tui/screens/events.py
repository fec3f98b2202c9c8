"""The list of events: what ended, failed or stalled, newest first, with a line where somebody looked last."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from engine.telling import FINISHED, FLAGGED, STOPPED, TROUBLE, Telling
from tui import format as words
from tui.filter import Filter, compiled
from tui.screens.dialog import MOVES, PAGES, Dialog
from tui.widgets.columns import Column
from tui.widgets.entry import Typed
from tui.widgets.table import Table
from tui.widgets.tones import Cell

COLUMNS = (
    Column("at", "at", 9),
    Column("kind", "event", 9),
    Column("name", "run", 14, flex=1),
    Column("words", "what happened", 20, flex=3),
)
EDGES = {"g": False, "home": False, "G": True, "end": True}
LOOKED = "looked"  # the key of the line where somebody looked last
TONES = {FINISHED: "good", STOPPED: "warn", FLAGGED: "warn", **dict.fromkeys(TROUBLE, "bad")}


class Events(Dialog[str], inherit_bindings=False):
    """Answers with the id of a run to open; empty where it was only looked at."""

    def __init__(self, newest_first: Sequence[Telling], looked_at: float, now: float) -> None:
        super().__init__()
        self._all, self._looked_at, self._now, self._filter = newest_first, looked_at, now, Filter()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide high"):
            yield Static("Events", classes="title", markup=False)
            yield Table(COLUMNS, empty="nothing happened yet: ends of runs and what goes wrong with them stand here")
            yield Typed(placeholder="words  event:failed  !toy  /regex/", id="filter")
            yield Static("enter: open the run     /: filter     esc: close", classes="hint", markup=False)

    def on_mount(self) -> None:
        self._show()
        self.query_one(Table).focus()

    def _show(self) -> None:
        found = [one for one in self._all if self._filter.fits(_fields(one))]
        new = sum(one.at > self._looked_at for one in found)
        rows = {str(place): _cells(one, self._now) for place, one in enumerate(found)}
        if self._looked_at > 0 and 0 < new < len(found):
            marked = [*list(rows)[:new], LOOKED, *list(rows)[new:]]
            rows[LOOKED] = _looked(self._now - self._looked_at)
        else:
            marked = list(rows)
        self._found = found
        empty = "no event fits; esc shows all" if self._all else None
        self.query_one(Table).show(marked, rows.__getitem__, empty=empty)

    # --- keys ----------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        table = self.query_one(Table)
        if event.key in MOVES:
            table.move(MOVES[event.key])
        elif event.key in PAGES:
            table.page(PAGES[event.key])
        elif event.key in EDGES:
            table.edge(EDGES[event.key])
        elif event.key in ("slash", "enter"):
            self._filter_line() if event.key == "slash" else self._open()
        elif event.key in ("escape", "q", "E", "backspace"):
            self._filter_line(close=True) if self._filter.terms else self.answer("")
        else:
            return
        event.stop()

    def _open(self) -> None:
        key = self.query_one(Table).rows.key
        if key.isdigit():
            self.answer(self._found[int(key)].run_id)

    @on(Table.Opened)
    def _clicked(self) -> None:
        self._open()

    def _filter_line(self, *, close: bool = False) -> None:
        line = self.query_one(Typed)
        line.set_class(not close, "-shown")
        if close:
            line.value = ""
            self.query_one(Table).focus()
        else:
            line.focus()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        self._filter = compiled(message.value.strip())
        self._show()

    @on(Typed.Closed)
    def _filter_closed(self, message: Typed.Closed) -> None:
        self._filter_line(close=not message.kept)
        self.query_one(Table).focus()


def _fields(telling: Telling) -> dict[str, str | float]:
    return {"event": telling.kind, "run": telling.run_id, "name": telling.name, "says": telling.words}


def _cells(telling: Telling, now: float) -> tuple[Cell, ...]:
    return (
        Cell(when(telling.at, now), "dim"), Cell(telling.kind, TONES.get(telling.kind, "")),
        Cell(telling.name), Cell(telling.words.removeprefix(telling.kind).lstrip()),
    )  # fmt: skip


def _looked(seconds: float) -> tuple[Cell, ...]:
    age = words.age(seconds)
    said = "just now" if age == "now" else f"{age} ago"
    return Cell(""), Cell("↑ new", "accent"), Cell("since you", "accent"), Cell(f"last looked, {said}", "accent")


def when(at: float, now: float) -> str:
    """The time of day; of days before also which one."""
    form = "%H:%M:%S" if now - at < 43200 else "%a %H:%M" if now - at < 6 * 86400 else "%b %d"
    return time.strftime(form, time.localtime(at))
