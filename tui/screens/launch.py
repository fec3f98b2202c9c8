"""Launch: pick a job and a preset; its commented YAML is the form, checked while somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import TextArea

from tui import actions
from tui.screens.launch_on import LaunchOn
from tui.services import launching
from tui.services.launching import Checked, Preset
from tui.widgets.bars import Key
from tui.widgets.columns import Column
from tui.widgets.editor import Editor
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

COLUMNS = (Column("name", "preset", 12, flex=1), Column("job", "job", 8, keep=5))
PAUSE_S = 0.15  # of typing, after which the form is checked


class LaunchScreen(LaunchOn, inherit_bindings=False):
    """Presets on the left, the form on the right, what is wrong with it or whose turn it would be below."""

    NAME = actions.LAUNCH
    BINDINGS = actions.bindings(actions.LAUNCH)

    def __init__(self) -> None:
        super().__init__()
        self._presets: dict[str, Preset] = {}
        self._typed: dict[str, str] = {}  # what was made of each preset, kept while one looks at another
        self._chosen: Preset | None = None
        self._checked: Checked | None = None
        self._pause: Timer | None = None
        self._start_wanted = False  # somebody was quicker than the check of the form

    def body(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="presets-side"):
                yield Table(COLUMNS, empty="reading the presets", id="presets")
            with Vertical(id="form-side"):
                yield Words(id="form-title")
                yield Editor(id="form")
        yield Words(id="verdict")

    @property
    def form(self) -> Editor:
        return self.query_one(Editor)

    @property
    def table(self) -> Table:
        return self.query_one(Table)

    # --- presets -------------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.work("reading the presets", partial(launching.all_presets, self.lab.workspace), self._show_presets)
        if self._chosen is not None:
            self._check()  # the queue may have moved on meanwhile

    def _show_presets(self, found: Sequence[Preset]) -> None:
        self._presets = {preset.name: preset for preset in found}
        rows = {preset.name: (Cell(preset.name), Cell(preset.job, "dim")) for preset in found}
        self.table.show(list(rows), rows.__getitem__, empty="there is no job")
        self._take_over()
        if self._chosen is None:
            self.table.focus()
            self._choose()

    def _take_over(self) -> None:
        """Show the form that another screen has filled in."""
        (name, text), self.lab.form = self.lab.form, ("", "")
        if name not in self._presets:
            if name:
                self.tell_error("filling in the form", f"no preset is called {name}", "footplate jobs lists all")
            return
        self._typed[name] = text
        if self._chosen is not None and self._chosen.name == name:
            self.form.load_text(text)
        self.table.go_to(name)
        self._choose()
        self.form.focus()

    @on(Table.Moved)
    def _choose(self) -> None:
        preset = self._presets.get(self.table.rows.key)
        if preset is None or preset == self._chosen:
            return
        if self._chosen is not None:
            self._typed[self._chosen.name] = self.form.text
        self._chosen, self._checked = preset, None
        self.show_title()
        self.form.load_text(self._typed.get(preset.name, preset.text))
        self._check()

    def show_title(self) -> None:
        preset, where = self._chosen, self.where
        if preset is not None:
            there = (f"  {where.words}", "bold $warning" if where.wish else "$dim")
            title = Content.assemble((preset.job, "bold $accent"), there, "  ", (preset.title, "$dim"))
            self.query_one("#form-title", Words).show(title)

    def place_changed(self) -> None:
        self.show_title()
        self._check()

    def chosen(self) -> tuple[Preset, str] | None:
        return (self._chosen, self.form.text) if self._chosen is not None else None

    # --- the form ------------------------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._checked = None
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE_S, self._check)

    def _check(self) -> None:
        if self._chosen is not None:
            check = partial(launching.check, self.lab.workspace, self._chosen.job, self.form.text, self.where.wish)
            self.work("checking the form", check, self._show_checked)

    def _show_checked(self, checked: Checked) -> None:
        self._checked = checked
        self.form.show_faults(frozenset(line for line, _ in checked.faults if line))
        self.query_one("#verdict", Words).show(verdict(checked))
        if self._start_wanted:
            self.action_act("start")

    def facts(self) -> actions.Facts:
        faults = None if self._checked is None else len(self._checked.faults)
        pane = "presets" if self.focused is self.table else "form"
        return actions.Facts(pane=pane, faults=faults, read_only=self.lab.gate.closed)

    def _keys(self) -> list[Key]:
        """In the form letters and enter are text: of the footer only keys that write nothing."""
        keys = super()._keys()
        if self.focused is not self.form:
            return keys
        return [*(key for key in keys if len(key.key) > 1 and key.key != "enter"), Key("back", "esc", "presets")]

    def question(self, name: str) -> str:
        chosen, queue = self._chosen, self._checked.queue if self._checked else ""
        named = f"{chosen.job} ({chosen.name})" if chosen else ""
        return f"Start {named} on this machine?\n\n  {queue}\n  it costs nothing: the machine is yours"

    # --- the actions ---------------------------------------------------------------------------------------------

    def action_act(self, name: str) -> None:
        self._start_wanted = name == "start" and self._checked is None
        if not self._start_wanted:
            super().action_act(name)

    def do_open(self) -> None:
        self.form.focus()

    def do_next_pane(self) -> None:
        self.set_focus(self.form if self.focused is self.table else self.table)

    def do_previous_pane(self) -> None:
        self.do_next_pane()

    def do_back(self) -> None:
        if self.focused is self.form:
            self.table.focus()
        else:
            super().do_back()


def verdict(checked: Checked) -> Content:
    """The first fault with its line, and how many there are; else which queue the run would join."""
    if not checked.faults:
        if checked.loose:
            return _loose(checked)
        if checked.missing:
            return _missing(checked)
        rest = f"   {checked.queue}"
        return Content.assemble(("✓ ", "$success"), "fits", (rest, "$dim"))
    line, words = checked.faults[0]
    more = len(checked.faults) - 1
    place = f"line {line}: " if line else ""
    rest = f"\nand {more} more fault{'s' * (more > 1)}" if more else ""
    return Content.assemble(("✗ ", "$error"), (place, "bold"), words, (rest, "$dim"))


def _missing(checked: Checked) -> Content:
    """The form fits, but what it names is not there; a run that comes first may make it, so it can be started."""
    more = len(checked.missing) - 1
    words = f", but {checked.missing[0]}\n{f'and {more} more missing; ' * (more > 0)}the run fails if it comes too late"
    return Content.assemble(("! ", "$warning"), "fits", (words, "$warning"))


def _loose(checked: Checked) -> Content:
    """The form fits, and yet the run would be refused: its code is nowhere but here."""
    more = len(checked.loose) - 1
    files = f"{checked.loose[0]}{f' and {more} more' if more else ''}"
    advice = "commit first, or take it along: u where the place is chosen"
    words = f"   {checked.queue}, but no commit holds {files}\n{advice}"
    return Content.assemble(("! ", "$warning"), "fits", (words, "$warning"))
