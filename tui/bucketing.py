"""What lies in a bucket, as rows and in words; and how the labels here stand to those there."""

from __future__ import annotations

import time
from collections.abc import Mapping

from engine.words import duration, size
from tui.filter import compiled
from tui.services.bucket import Stored
from tui.services.labelsync import LabelSync
from tui.widgets.columns import Column
from tui.widgets.tones import Cell

COLUMNS = (
    Column("name", "name", 24, flex=1),
    Column("size", "size", 9, right=True),
    Column("at", "changed", 16, keep=6),
    Column("generation", "generation", 17, keep=3, right=True),
)
SORTS = ("name", "size", "at")


def row(key: str, prefix: str, stored: Stored | None) -> tuple[Cell, ...]:
    """A folder, or an object, without the folder in which one is."""
    name = key.removeprefix(prefix)
    if stored is None:
        return Cell(name, "accent"), Cell(""), Cell(""), Cell("")
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(stored.updated_at)) if stored.updated_at else ""
    return Cell(name), Cell(size(stored.size_bytes)), Cell(at, "dim"), Cell(str(stored.generation), "dim")


def ordered(objects: Mapping[str, Stored], by: str, reverse: bool) -> list[str]:
    """Names of objects in an order; equal ones by their names."""
    if by == "name":
        return sorted(objects, reverse=reverse)
    value = (lambda name: objects[name].size_bytes) if by == "size" else (lambda name: objects[name].updated_at)
    return sorted(sorted(objects), key=value, reverse=reverse)


def fitting(rows: Mapping[str, Stored | None], asked: str) -> dict[str, bool]:
    """Which folders (those without an object) and objects fit a filter."""
    wanted = compiled(asked)
    return {name: wanted.fits(one.fields if one is not None else {"name": name}) for name, one in rows.items()}


def place(url: str, prefix: str) -> str:
    """Where one is."""
    return f"{url.rstrip('/')}/{prefix}" if prefix else url


def above(prefix: str) -> str:
    """The folder that a folder lies in."""
    rest = prefix.rstrip("/").rpartition("/")[0]
    return f"{rest}/" if rest else ""


def divided(address: str) -> tuple[str, str]:
    """A typed address as that of its bucket, and the folder in it; a folder of this machine is a bucket by itself."""
    if not address.startswith("gs://"):
        return address, ""
    name, _, rest = address[5:].partition("/")
    return f"gs://{name}", f"{rest.strip('/')}/" if rest.strip("/") else ""


def labels(known: LabelSync, now: float) -> tuple[str, bool]:
    """How labels here stand to the bucket's, and whether somebody should do something."""
    synced = f"synced {duration(max(0.0, now - known.at))} ago" if known.at else "never synced"
    parts = [
        f"{known.waiting:,} decisions wait here" * bool(known.waiting),
        "others have written there since" * known.news,
        f"not all went well: {known.why}" * bool(known.why),
        f"{known.rejected:,} lines there cannot be read" * bool(known.rejected),
        f"the bucket cannot be asked: {known.trouble}" * bool(known.trouble),
    ]
    said = [part for part in parts if part]
    same = [] if said else ["the same here and there"]
    return " · ".join([f"labels: {synced}", *said, *same]), bool(said)
