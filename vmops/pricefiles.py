"""Newer prices from a file: our own YAML form, a CSV of the same, or what Cloud Billing's API says of its SKUs."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from vmops import prices, skus
from vmops.errors import Refused
from vmops.prices import SPOT, STANDARD, Prices, usd
from vmops.skus import Row

COLUMNS = ("thing", "region", "model", "usd")
Table = dict[str, dict[str, dict[str, Decimal]]]


@dataclass(frozen=True)
class Brought:
    """What a file brought: prices, what of it was rejected and why, and how much is about things that are not ours."""

    rows: tuple[Row, ...]
    date: str
    source: str
    rejected: tuple[str, ...] = ()
    passed_over: int = 0


def refresh(folder: Path, path: Path) -> tuple[Prices, Brought]:
    """Take a file's prices over those that hold now, and keep them in the folder.

    Raises:
        Refused: the file has no price, or a fault in a form that people write: then nothing changes.
    """
    brought = read(path)
    if not brought.rows:
        faults = (
            "\n".join(brought.rejected) or f"{path}: no price of ours in it ({brought.passed_over} of other things)"
        )
        raise Refused(faults, hint="docs/machines.md shows the forms")
    old = prices.load(folder)
    table: Table = {
        place: {thing: dict(models) for thing, models in known.items()} for place, known in old.table.items()
    }
    for row in brought.rows:
        table.setdefault(row.region, {}).setdefault(row.thing, {})[row.model] = row.usd
    source = f"{brought.source} ({len(brought.rows)} prices); others: {old.source}, {old.date}"
    new = Prices(brought.date, source, table, folder / prices.FILE)
    _write(new)
    return new, brought


def read(path: Path) -> Brought:
    """The prices of a file, by its form."""
    said = prices.text(path)
    date = time.strftime("%Y-%m-%d", time.gmtime())
    if path.suffix == ".csv":
        return _all_or_none(_csv(said, path), date, path)
    if said.lstrip().startswith(("{", "[")):
        return _skus(said, date, path)
    found, faults = prices.parse(said, path)
    return _all_or_none([*_rows(found.table), *faults], found.date, path, found.source)


def _all_or_none(found: Iterable[Row | str], date: str, path: Path, source: str = "") -> Brought:
    every = list(found)
    if faults := [one for one in every if isinstance(one, str)]:
        raise Refused("\n".join(faults), hint="mend these and bring the file again: nothing has changed")
    return Brought(tuple(one for one in every if isinstance(one, Row)), date, source or path.name)


def _rows(table: Mapping[str, Mapping[str, Mapping[str, Decimal]]]) -> Iterator[Row]:
    for region, things in table.items():
        for thing, models in things.items():
            yield from (Row(thing, region, model, price) for model, price in models.items())


def _csv(said: str, path: Path) -> Iterator[Row | str]:
    lines = csv.DictReader(io.StringIO(said))
    if tuple(lines.fieldnames or ()) != COLUMNS:
        yield f"{path}:1: expected the columns {','.join(COLUMNS)}, got {','.join(lines.fieldnames or ()):.80}"
        return
    for cells in lines:
        place, price = f"{path}:{lines.line_num}", usd(cells["usd"])
        if None in cells or None in cells.values() or not cells["thing"] or not cells["region"]:
            yield f"{place}: expected {len(COLUMNS)} cells, none empty"
        elif cells["model"] not in (STANDARD, SPOT):
            yield f"{place}: model: expected standard or spot, got {cells['model']!r:.40}"
        elif price is None:
            yield f"{place}: usd: expected dollars of 0 or more, got {cells['usd']!r:.40}"
        else:
            yield Row(cells["thing"], cells["region"], cells["model"], price)


def _skus(said: str, date: str, path: Path) -> Brought:
    try:
        rows, rejected, others = skus.read(said)
    except ValueError as error:
        raise Refused(f"{path}: not JSON: {error}") from None
    return Brought(tuple(rows), date, f"Cloud Billing's SKUs in {path.name}", tuple(rejected), others)


def _write(new: Prices) -> None:
    import yaml

    table = {
        place: {thing: {model: str(price) for model, price in models.items()} for thing, models in things.items()}
        for place, things in new.table.items()
    }
    new.file.parent.mkdir(parents=True, exist_ok=True)
    beside = new.file.with_name(f".{new.file.name}.{os.getpid()}.part")
    with beside.open("w", encoding="utf-8") as file:
        yaml.safe_dump({"date": new.date, "source": new.source, **table}, file, sort_keys=False, allow_unicode=True)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(new.file)
