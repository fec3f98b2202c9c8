"""A look into a file that a run has made: text, JSON, a table or a picture, and never more of it than can be read."""

from __future__ import annotations

import csv
import importlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.run import find
from engine.words import size
from engine.workspace import Workspace

MOST_BYTES = 2 << 20
MOST_ROWS = 2000
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
Pixels = Sequence[Sequence[tuple[int, int, int]]]


@dataclass(frozen=True)
class Preview:
    """What a file shows; `words` says what is left out, or why nothing can be shown."""

    kind: str  # text, json, table, picture, nothing
    words: str = ""
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    pixels: Pixels = ()


def path_of(workspace: Workspace, run_id: str, name: str) -> Path:
    """Where an artifact lies; one whose name leads out of the run's folder is refused."""
    folder = find(workspace, run_id).artifacts
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise DataError(f"{name!r} would lie outside its run")
    return path


def preview(workspace: Workspace, run_id: str, name: str, width: int, height: int) -> Preview:
    """Look into an artifact; a picture is made to fit into so many cells."""
    path = path_of(workspace, run_id, name)
    try:
        if path.suffix.lower() in PICTURES:
            return _picture(path, width, height)
        data = _beginning(path)
    except OSError as error:
        return Preview("nothing", f"cannot be read: {error.strerror or error}")
    return _of_bytes(path, data)


def _of_bytes(path: Path, data: bytes) -> Preview:
    if b"\0" in data[:4096]:
        return Preview("nothing", f"binary, {size(path.stat().st_size)}: nothing to read here")
    text = data.decode("utf-8", "replace")
    rest = path.stat().st_size - len(data)
    words = f"the first {size(len(data))}; {size(rest)} more are not shown" if rest > 0 else ""
    if path.suffix in (".csv", ".tsv"):
        return _table(text, "\t" if path.suffix == ".tsv" else ",", words)
    if path.suffix == ".json" and not words:
        return Preview("json", words, _pretty(text))
    return Preview("text", words, text)


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def _table(text: str, delimiter: str, words: str) -> Preview:
    try:
        rows = [tuple(row) for row in csv.reader(text.splitlines(), delimiter=delimiter) if row]
    except csv.Error:
        return Preview("text", words, text)
    if not rows:
        return Preview("nothing", "an empty table")
    header, body = rows[0], rows[1:]
    some = "the first " if words or len(body) > MOST_ROWS else ""
    body = body[:MOST_ROWS]
    words = f"{some}{len(body):,} rows, {len(header)} columns"
    even = (tuple((*row, *("",) * len(header))[: len(header)]) for row in body)
    return Preview("table", words, columns=header, rows=tuple(even))


def _picture(path: Path, width: int, height: int) -> Preview:
    try:
        # By name, since Pillow comes with the engine and is loaded only by who looks at a picture.
        image_module: Any = importlib.import_module("PIL.Image")
    except ImportError:
        return Preview(
            "nothing", "Pillow is not installed here, so pictures are not shown; pip install footplate[engine]"
        )
    try:
        with image_module.open(path) as image:
            full = f"{image.width}×{image.height}"
            small = image.convert("RGB")
            small.thumbnail((max(1, width), max(2, height * 2)))
            data, across = small.tobytes(), small.width * 3
    except (ValueError, SyntaxError) as error:
        return Preview("nothing", f"not a picture that can be read: {error}")
    lines = (data[at : at + across] for at in range(0, len(data), across))
    return Preview("picture", full, pixels=[list(zip(*[iter(line)] * 3, strict=True)) for line in lines])
