"""What can be said of a frame, and what was said: a line a variable, each label with its key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content

from tui.widgets.words import Words

SIGNS = {"unseen": "○", "blank": "–", "label": "●", "cant_tell": "?"}
GAP = "  "


@dataclass(frozen=True)
class Choice:
    """A label and its key."""

    key: str
    label: str
    chosen: bool = False

    @property
    def words(self) -> str:
        return f"[{self.label}]" if self.chosen else f" {self.label} "


@dataclass(frozen=True)
class Line:
    """A variable: its name, its state, and what can be chosen."""

    name: str
    state: str
    choices: Sequence[Choice]


class Codes(Words):
    """The variables of a codebook."""

    _rows_shown = 1

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these; what does not fit into a line goes on in the next."""
        names = min(24, max((len(line.name) for line in lines), default=0))
        said = Content("\n").join(_content(line, names, self.size.width) for line in lines)
        rows = said.plain.count("\n") + 1
        if rows != self._rows_shown:  # else nothing on the screen has to be placed anew
            self._rows_shown = rows
            self.styles.height = rows
        self.show(said)


def _content(line: Line, names: int, width: int) -> Content:
    head = f"{SIGNS[line.state]} {line.name[:names]:<{names}} "
    done = "$success" if line.state in ("label", "cant_tell") else "$dim"
    rows = list(_rows(line.choices, width - len(head)))
    parts = [Content.assemble((head, done), rows[0] if rows else Content(""))]
    return Content("\n").join([*parts, *(Content.assemble(" " * len(head), row) for row in rows[1:])])


def _rows(choices: Sequence[Choice], width: int) -> Iterator[Content]:
    row, used = Content(""), 0
    for choice in choices:
        words = Content.assemble((choice.key, "bold $accent"), (choice.words, "bold $success" if choice.chosen else ""))
        if used and used + words.cell_length > width:
            yield row
            row, used = Content(""), 0
        row, used = row + words, used + words.cell_length
    yield row
