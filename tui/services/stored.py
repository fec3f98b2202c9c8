"""A look into an object of a bucket: so much of it as the look needs is fetched, and thrown away with the screens.

Where an object is, its generation says which one: what was changed meanwhile is never shown as what was listed.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from weakref import WeakKeyDictionary

from engine.errors import DataError
from engine.look.files import kind
from engine.look.tree import Node
from engine.look.view import Arrangement
from engine.words import size
from tui.pages import Found, Page, Preview
from tui.services import bucket, peek
from tui.services.gate import Gate
from vmops.files import why_no_file

MIB = 1 << 20
WHOLE = {"table": 16 * MIB, "json": 16 * MIB, "picture": 32 * MIB, "video": 16 * MIB, "text": MIB}
PARQUET = 64 * MIB  # its index is at its end: of a larger one nothing is shown
PART = {"table": 4 * MIB, "json": MIB, "text": MIB // 4, "video": 4 * MIB}
KEPT = 512 * MIB
_folders: WeakKeyDictionary[Gate, Path] = WeakKeyDictionary()
_lock = threading.Lock()


def preview(gate: Gate, url: str, name: str, generation: int, whole: int, width: int, height: int) -> Preview:
    """Look into an object of so many bytes; a picture is made to fit into so many cells."""
    of = kind(Path(name))
    most = PARQUET if name.endswith((".parquet", ".pq")) else WHOLE[of]
    if whole > most and (of not in PART or most == PARQUET):
        return Preview("nothing", f"{size(whole)}: more than the {size(most)} that are fetched for a look")
    path, part = _path(gate, url, name, generation), min(whole, PART.get(of, most))
    if whole > most and of == "json":
        path = path.with_suffix(".txt")  # the beginning of a document is none
    if not path.is_file():
        _make_room(path.parent.parent, min(whole, most))
        ends = "ends" if of == "video" else "beginning"
        bucket.ask(gate, "bucket_fetch", url, name=name, generation=generation, path=str(path), most=most, part=part,
                   what=ends)  # fmt: skip
    found = peek.preview(path, width, height)
    if whole <= most:
        return found
    seen = f"{size(part)} of each end" if of == "video" else f"the first {size(part)}"
    return replace(found, part=f"{seen} of {size(whole)}")


def rows(
    gate: Gate, url: str, name: str, generation: int, filter: str, column: int, reverse: bool, first: int, count: int,  # noqa: A002
    around: int,
) -> Page | None:  # fmt: skip
    """Rows of a table, sorted by a column (below 0: as they stand), from a place on or around a row of the file."""
    arranged = Arrangement(filter, column if column >= 0 else None, reverse)
    return peek.rows(_known(gate, url, name, generation), arranged, first, count, around)


def facts(gate: Gate, url: str, name: str, generation: int, filter: str, column: int) -> str:  # noqa: A002
    """What there is to know of a column, in a line."""
    return peek.facts(_known(gate, url, name, generation), filter, column)


def below(gate: Gate, url: str, name: str, generation: int, place: tuple[str | int, ...]) -> tuple[Node, ...]:
    """What is directly below a place of a document."""
    return peek.nodes(_known(gate, url, name, generation), place)


def find(gate: Gate, url: str, name: str, generation: int, text: str) -> Found:
    """Where a text stands in a document."""
    return peek.find(_known(gate, url, name, generation), text)


def _known(gate: Gate, url: str, name: str, generation: int) -> Path:
    path = _path(gate, url, name, generation)
    if not path.is_file():
        raise DataError(f"{name}: what was fetched of it is gone", hint="look at it again")
    return path


def _path(gate: Gate, url: str, name: str, generation: int) -> Path:
    """Where a generation of an object is kept, under a name that says what it is."""
    digest = hashlib.sha256(f"{url}\0{name}\0{generation}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
    own = name.rpartition("/")[2]
    return _folder(gate) / digest / (own if not why_no_file(own) else f"object{Path(own).suffix[:16]}")


def _folder(gate: Gate) -> Path:
    with _lock:
        if gate not in _folders:
            _folders[gate] = folder = Path(tempfile.mkdtemp(prefix="footplate-look-"))
            gate.ends.append(partial(shutil.rmtree, folder, ignore_errors=True))
        return _folders[gate]


def _make_room(folder: Path, wanted: int) -> None:
    """Throw away what was fetched longest ago, until there is room."""
    kept = sorted((one for one in folder.glob("*/*") if one.is_file()), key=lambda one: one.stat().st_mtime)
    total = wanted + sum(one.stat().st_blocks * 512 for one in kept)
    while kept and total > KEPT:
        total -= kept[0].stat().st_blocks * 512
        shutil.rmtree(kept.pop(0).parent, ignore_errors=True)
