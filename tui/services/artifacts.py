"""A look into a file that a run has made, by the run's id and the file's name."""

from __future__ import annotations

from pathlib import Path

from engine.errors import DataError
from engine.look.tree import Node
from engine.look.view import Arrangement
from engine.run import find as find_run
from engine.workspace import Workspace
from tui.pages import Found, Page, Preview
from tui.services import peek


def path_of(workspace: Workspace, run_id: str, name: str) -> Path:
    """Where an artifact lies; one whose name leads out of the run's folder is refused."""
    folder = find_run(workspace, run_id).artifacts
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise DataError(f"{name!r} would lie outside its run")
    return path


def preview(workspace: Workspace, run_id: str, name: str, width: int, height: int) -> Preview:
    """Look into an artifact; a picture is made to fit into so many cells."""
    return peek.preview(path_of(workspace, run_id, name), width, height)


def rows(
    workspace: Workspace, run_id: str, name: str, filter: str, column: int, reverse: bool, first: int, count: int,  # noqa: A002
    around: int,
) -> Page | None:  # fmt: skip
    """Rows of a table, sorted by a column (below 0: as they stand), from a place on or around a row of the file.

    None where something newer was asked meanwhile.
    """
    arranged = Arrangement(filter, column if column >= 0 else None, reverse)
    return peek.rows(path_of(workspace, run_id, name), arranged, first, count, around)


def facts(workspace: Workspace, run_id: str, name: str, filter: str, column: int) -> str:  # noqa: A002
    """What there is to know of a column, in a line; empty where something newer was asked meanwhile."""
    return peek.facts(path_of(workspace, run_id, name), filter, column)


def below(workspace: Workspace, run_id: str, name: str, place: tuple[str | int, ...]) -> tuple[Node, ...]:
    """What is directly below a place of a document."""
    return peek.nodes(path_of(workspace, run_id, name), place)


def find(workspace: Workspace, run_id: str, name: str, text: str) -> Found:
    """Where a text stands in a document."""
    return peek.find(path_of(workspace, run_id, name), text)
