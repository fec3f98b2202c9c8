"""What all verbs share: the workspace they mean, and how they answer."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import workspace as workspaces
from engine.errors import AskError
from engine.run import Run, find
from engine.workspace import Workspace

Asked = argparse.Namespace


@dataclass(frozen=True)
class Verb:
    """A word of the command line."""

    name: str
    help: str
    arguments: Callable[[argparse.ArgumentParser], Any]
    do: Callable[[Asked], int]


def workspace(asked: Asked) -> Workspace:
    """The workspace that was named, or the one around the current folder."""
    return workspaces.at(Path(asked.workspace)) if asked.workspace else workspaces.find()


def the_run(asked: Asked) -> Run:
    """The run that was named."""
    return find(workspace(asked), asked.run)


def names_run(parser: argparse.ArgumentParser) -> None:
    """Let a verb take a run."""
    parser.add_argument("run", metavar="RUN", help="its id, a part that only one id has, or: latest")


def answer(asked: Asked, value: Any, words: str | Table) -> int:
    """Print for a program or for a person; 0."""
    said = words.plain() if isinstance(words, Table) and asked.plain else words
    print(_json(value) if asked.json else said)
    return 0


def _json(value: Any) -> str:
    """An object over many lines; a list, which may hold thousands, with an entry a line."""
    if isinstance(value, list):
        return "[" + ",\n ".join(json.dumps(entry, ensure_ascii=False) for entry in value) + "]"
    return json.dumps(value, indent=2, ensure_ascii=False)


def file(name: str | Path) -> Path:
    """A file that was named, and is there."""
    path = Path(name)
    if not path.is_file():
        raise AskError(f"{path}: {'a folder, and no file' if path.is_dir() else 'no such file'}")
    return path


def several(text: str) -> int:
    """A number of things of which there has to be one."""
    if not whole(text):
        raise argparse.ArgumentTypeError("expected 1 or more, got 0")
    return int(text)


def whole(text: str) -> int:
    """A number of things on the command line, 0 or more."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(text)


def confirmed(asked: Asked, name: str, words: str) -> None:
    """Raise AskError where the name of what will be gone was neither typed nor given by --yes."""
    if asked.yes is None and sys.stdin.isatty() and not asked.json:
        say(words)
        asked.yes = input(f"type {name} to go on: ").strip()
    if asked.yes != name:
        given = "nothing" if asked.yes is None else repr(asked.yes)
        raise AskError(f"{words}: expected its name, got {given}", hint=f"--yes {name} says so without a question")


def say(text: str) -> None:
    """To the person and not into the answer."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Table:
    """Rows under a header."""

    rows: Sequence[tuple[str, ...]]
    header: tuple[str, ...]

    def __str__(self) -> str:
        """Columns as wide as their longest cell, two spaces apart."""
        everything = [self.header, *self.rows]
        widths = [max(len(row[n]) for row in everything) for n in range(len(self.header))]
        cells = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in everything)
        return "\n".join("  ".join(row).rstrip() for row in cells)

    def plain(self) -> str:
        """A block a row and a line a cell, for those who have it read out: `name: value`."""
        names = [self._spoken(n) for n in range(len(self.header))]
        blocks = ([f"{name}: {cell}" for name, cell in zip(names, row, strict=True) if cell] for row in self.rows)
        return "\n\n".join("\n".join(block) for block in blocks)

    def _spoken(self, column: int) -> str:
        """The name of a column; an arrow stands for what is to its left, afterwards."""
        name = self.header[column].strip().lower()
        return f"{self._spoken(column - 1)} after" if name == "→" else name


def table(rows: Sequence[tuple[str, ...]], header: tuple[str, ...]) -> Table:
    """Rows as they are answered: in columns, or in blocks where somebody asked for --plain."""
    return Table(rows, header)
