"""The part of the Overview about labels: how far coders are, whether they agree, and what the newest round found."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from tui import actions
from tui.format import bar, counted, fraction, several
from tui.services.standing import Coder, Standing
from tui.widgets.columns import Column
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

ID = "labels"
COLUMNS = (
    Column("what", "who", 10, most=16),
    Column("progress", "labelled", 18, most=24),
    Column("words", "", 30, flex=1),
)
PLACES = {"coder": actions.ANNOTATE, "overlap": actions.AGREEMENT, "round": actions.ROUNDS}
Cells = tuple[Cell, ...]
BAR = 8
_SCORE = re.compile(r"(?:^|; )(\S+) macro-F1 ([^\s,]+)")
AROUND = 8  # cells beside and between the columns
NOT_YET = "{agreement} computes how far they agree"


class LabelsSection(Vertical):
    """A row for each coder, one for what several have seen, and one for the newest round."""

    def __init__(self, standing: Standing, worded: Callable[[str], str]) -> None:
        super().__init__(classes="section", id=f"section-{ID}")
        self._standing, self._worded = standing, worded

    def compose(self) -> ComposeResult:
        yield Words("Labels", classes="section-title", id=f"title-{ID}")
        yield Table(COLUMNS, id=ID)

    def on_mount(self) -> None:
        self.show(self._standing)

    def on_resize(self) -> None:
        self.show(self._standing)

    def show(self, standing: Standing) -> None:
        """Show how the labels stand."""
        self._standing = standing
        found, table = rows(standing, self._worded, self.app.size.width), self.query_one(Table)
        table.show(list(found), found.__getitem__)
        table.display = bool(found)
        words = self._worded(standing.hint) or _told(standing)
        told = (standing.fault, "not bold $error") if standing.fault else (words, "not bold $dim")
        self.query_one(f"#title-{ID}", Words).show(Content.assemble("Labels  ", told))


def place(key: str) -> str:
    """The screen on which there is more to see of a row."""
    return PLACES.get(key.partition(":")[0], "")


def rows(standing: Standing, worded: Callable[[str], str], width: int = 160) -> dict[str, Cells]:
    """The rows by their keys; `worded` puts in the keys of actions, `width` is that of the screen."""
    found = {f"coder:{coder.name}": _coder(coder) for coder in standing.coders}
    if standing.coders:
        words = Cell(standing.agreement or worded(NOT_YET), "" if standing.agreement else "dim")
        done = _progress(standing.double_coded, standing.overlap) if standing.overlap else Cell("")
        found["overlap"] = (Cell("agreement", "strong"), done, words)
    if standing.newest:
        room = width - AROUND - COLUMNS[0].width - COLUMNS[1].width
        fits = cell_len(standing.newest.partition(": ")[2]) <= room
        name, _, words_ = (standing.newest if fits else _shortly(standing.newest)).partition(": ")
        found["round"] = (Cell(name, "strong"), Cell(""), Cell(words_))
    return found


def _shortly(newest: str) -> str:
    """The line of a round without intervals and advice, which the Rounds screen has."""
    name, _, rest = newest.partition(": ")
    scores = [f"{variable} {value}" for variable, value in _SCORE.findall(rest)]
    return f"{name}: macro-F1 {', '.join(scores)}" if scores else newest


def _coder(coder: Coder) -> Cells:
    blanks = f"! {several(coder.recode, 'frame')} left blank, to be coded again" if coder.recode else ""
    return Cell(coder.name), _progress(coder.done, coder.asked), Cell(blanks, "warn")


def _progress(done: int, asked: int) -> Cell:
    part = fraction(done, asked)
    words = f"{bar(part, BAR)} {counted(done, asked)}" if part is not None else "no frames"
    return Cell(words, "accent" if done else "")


def _told(standing: Standing) -> str:
    if not standing.overlap:
        return ""
    return f"{standing.double_coded:,} of {standing.overlap:,} overlap frames double-coded"
