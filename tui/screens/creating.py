"""Plan a machine: its kind and its name; what would be asked for and what it costs is shown while one chooses."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Input, Static

from tui import machinewords
from tui.screens.dialog import Dialog
from tui.services import renting
from tui.services.renting import Planned
from tui.widgets.columns import Column
from tui.widgets.entry import Line
from tui.widgets.lines import LineView
from tui.widgets.paint import report
from tui.widgets.painter import TextLines
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words
from vmops.provider import Kind

COLUMNS = (
    Column("name", "kind", 10, flex=1, most=20),
    Column("type", "machine", 14, keep=6),
    Column("gpu", "gpu", 16, keep=7),
    Column("spot", "", 8),
    Column("hours", "at most", 8, keep=4, right=True),
)
STEPS = {"down": 1, "up": -1, "tab": 1, "shift+tab": -1}
PAGES = {"pagedown": 1, "pageup": -1}
MOST = 6  # lines for the kinds
ROOMY = 20  # lines of a screen, from which on there is room for what explains the name
PAUSE_S = 0.3  # of typing, after which the plan is made
NAME = "its name (what you type goes here; ctrl+u empties it)"
HINT = "↑ ↓: kind  pgup pgdn: plan  enter: ask  esc: leave"
Ask = Callable[[str, str, Callable[[Planned], None]], None]


def _folded(line: str, width: int) -> list[str]:
    """A line in as many as it takes, broken between words and indented as it was."""
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, width, subsequent_indent=indent) if len(line) > width > len(indent) else [line]


class Creating(Dialog[Planned | None], inherit_bindings=False):
    """Answers with the plan that somebody wants carried out; None where nobody does."""

    def __init__(self, kinds: Sequence[Kind], taken: Sequence[str], ask: Ask) -> None:
        super().__init__()
        self._kinds = {kind.name: kind for kind in kinds}
        self._taken, self._ask = taken, ask
        self._planned: Planned | None = None
        self._proposed = ""
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide tall", id="creating"):
            yield Static("A new machine", classes="title", markup=False)
            yield Table(COLUMNS, empty="configs/machines.yaml names no kind", id="kinds")
            if self.app.size.height >= ROOMY:
                yield Static(NAME, classes="label", markup=False)
            yield Line(placeholder="small letters, digits, -", id="machine-name")
            yield Words(id="name-fault")
            yield LineView(paint=report, id="plan")
            yield Static(HINT, classes="hint", markup=False)

    def on_mount(self) -> None:
        table = self.query_one(Table)
        table.styles.height = max(2, min(MOST, len(self._kinds) + 1))
        table.show(list(self._kinds), self._cells)
        self.query_one("#plan", LineView).set_wrap(True)
        self.query_one(Line).focus()
        self._propose()

    def _cells(self, name: str) -> Sequence[Cell]:
        kind = self._kinds[name]
        gpu = f"{kind.gpus} {kind.gpu}" if kind.gpus else ""
        spot = Cell("spot", "warn") if kind.spot else Cell("standard", "dim")
        return Cell(name), Cell(kind.machine_type, "dim"), Cell(gpu), spot, Cell(f"{kind.max_hours:g} h", "dim")

    @property
    def _kind(self) -> str:
        return self.query_one(Table).rows.key

    @property
    def _called(self) -> str:
        return self.query_one(Line).value

    def _propose(self) -> None:
        """A name for a machine of this kind, where nobody has typed another one."""
        line = self.query_one(Line)
        if line.value == self._proposed:
            self._proposed = machinewords.named(list(self._kinds), self._taken, self._kind)
            line.value = self._proposed
            line.cursor_position = len(line.value)
        self._plan_soon()

    @on(Table.Moved)
    def _moved(self) -> None:
        self._propose()

    @on(Input.Changed)
    def _plan_soon(self) -> None:
        self._planned = None
        fault = self._fault()
        said = self.query_one("#name-fault", Words)
        said.show(f"✗ {fault}" if fault else "")
        said.display = bool(fault)
        if self._pause is not None:
            self._pause.stop()
        if not fault and self._kind:
            self._say(["planning"])
            self._pause = self.set_timer(PAUSE_S, self._plan)
        else:
            self._say([])

    def _fault(self) -> str:
        """Why a machine cannot be called so; empty where it can."""
        if self._called in self._taken:
            return f"{self._called} is there already"
        return renting.fault(self._called) if self._called else "it needs a name"

    def _plan(self) -> None:
        self._ask(self._kind, self._called, self._take)

    def _take(self, planned: Planned) -> None:
        if not self.query(Table):  # it was left while this was on its way
            return
        if (planned.kind, planned.name) != (self._kind, self._called):
            return
        self._planned = planned
        if planned.plan is not None:
            self._say(machinewords.plan(planned.plan))
        else:
            self._say([f"✗ {planned.trouble}", *[f"  → {planned.advice}"] * bool(planned.advice)])

    def _say(self, lines: Sequence[str]) -> None:
        view = self.query_one("#plan", LineView)
        folded = [part for line in lines for part in _folded(line, view.size.width - 2)]
        view.show(TextLines("\n".join(folded)), empty="")

    @on(Input.Submitted)
    def _wanted(self) -> None:
        """Only what was planned and seen can be wanted."""
        planned = self._planned
        if self.too_small or planned is None or planned.plan is None:
            return
        if planned.plan.problems:
            self.notify(planned.plan.problems[0], title="that would be refused", severity="warning", markup=False)
            return
        self.answer(planned)

    def on_key(self, event: events.Key) -> None:
        if event.key in STEPS:
            self.query_one(Table).move(STEPS[event.key])
        elif event.key in PAGES:
            self.query_one("#plan", LineView).page(PAGES[event.key])
        elif event.key == "ctrl+u":
            self.query_one(Line).value = ""
        elif event.key == "escape":
            self.answer(None)
        else:
            return
        event.stop()
