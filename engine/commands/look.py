"""A look into a file, for people and programs: tables with filter and order, JSON, pictures and videos in words."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from engine import child
from engine.commands.verb import Asked, Verb, answer, file, table, whole
from engine.errors import AskError, DataError
from engine.filter import compiled, must_be_whole, must_know
from engine.look import files, tree
from engine.look.picture import picture
from engine.look.rows import field
from engine.look.view import Arrangement, View

ROWS = 20
WIDEST = 40


def look(asked: Asked) -> int:
    """What is in a file."""
    path = file(asked.file)
    return {"table": _table, "json": _json, "picture": _picture, "video": _video, "text": _text}[files.kind(path)](
        asked, path
    )


def _table(asked: Asked, path: Path) -> int:
    view = View(files.rows(path))
    columns = view.rows.columns
    place = None if asked.sort is None else _place(columns, asked.sort, path)
    view.arrange(Arrangement(asked.filter, place, asked.reverse), lambda: False)
    wanted, fields = compiled(asked.filter), {field(name) for name in columns}
    must_be_whole(asked.filter, wanted)
    must_know(wanted, fields)
    while not view.rows.complete:
        view.rows.more()
    rows = view.page(0, asked.rows or view.count)[1]
    facts = [view.facts(_place(columns, name, path), lambda: False) for name in asked.column]
    if asked.json:
        found = {"columns": list(columns), "count": view.count, "of": view.rows.count, "rows": rows,
                 "facts": [vars(fact) for fact in facts]}  # fmt: skip
        return answer(asked, found, "")
    cells = [tuple(" ".join(cell.split())[:WIDEST] for cell in row) for row in rows]
    said = f"{view.count:,} of {view.rows.count:,} rows" if asked.filter else f"{view.count:,} rows"
    print("\n".join([said, *(fact.words() for fact in facts), ""]))
    return answer(asked, {}, table(cells, columns) if cells else "no row fits")


def _place(columns: tuple[str, ...], name: str, path: Path) -> int:
    if name not in columns:
        raise AskError(f"{path}: no column {name!r}", hint=f"it has {', '.join(columns)}")
    return columns.index(name)


def _json(asked: Asked, path: Path) -> int:
    found = tree.document(path)
    return answer(asked, found, json.dumps(found, indent=2, ensure_ascii=False))


def _picture(asked: Asked, path: Path) -> int:
    found = picture(path, 1, 1)
    return answer(asked, {"words": found.words}, found.words)


def _video(asked: Asked, path: Path) -> int:
    found = child.ask("engine.vision.glance", str(path.absolute()), path.name)
    if "error" in found:
        raise DataError(found["error"], hint=found["hint"])
    return answer(asked, found, found["words"])


def _text(asked: Asked, path: Path) -> int:
    data = path.read_bytes()
    if b"\0" in data[:4096]:
        raise DataError(f"{path}: binary, nothing to read here")
    text = data.decode("utf-8", "replace")
    return answer(asked, {"text": text}, text.rstrip("\n"))


def _arguments(parser: argparse.ArgumentParser) -> Any:
    parser.add_argument(
        "file", metavar="FILE", help="a table (CSV, TSV, JSON lines, Parquet), JSON, a picture, a video, text"
    )
    parser.add_argument("--filter", default="", metavar="FILTER", help="only rows that fit: column:word column>0.8")
    parser.add_argument("--sort", metavar="COLUMN", help="sort by a column")
    parser.add_argument("--reverse", action="store_true", help="the other way round")
    parser.add_argument("--column", action="append", default=[], metavar="COLUMN", help="tell what is in a column")
    parser.add_argument("--rows", type=whole, default=ROWS, metavar="N", help=f"the first N ({ROWS}); 0 for all")


VERBS = (Verb("look", "what is in a file that a run has made", _arguments, look),)
