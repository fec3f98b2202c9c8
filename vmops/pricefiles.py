"""Newer prices from a file: our own YAML form, a CSV of the same, or what Cloud Billing's API says of its SKUs."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from vmops import prices
from vmops.errors import Refused
from vmops.prices import SPOT, STANDARD, Prices, usd

COLUMNS = ("thing", "region", "model", "usd")
MEMORY_GB = {  # of a vCPU, by family and shape
    "n1": {"standard": Decimal("3.75"), "highmem": Decimal("6.5"), "highcpu": Decimal("0.9")},
    "n2": {"standard": Decimal(4), "highmem": Decimal(8), "highcpu": Decimal(1)},
    "e2": {"standard": Decimal(4), "highmem": Decimal(8), "highcpu": Decimal(1)},
}
_VM = re.compile(r"(Spot Preemptible )?(N1 Predefined|N2|E2) Instance (Core|Ram) running in ")
_GPU = re.compile(r"Nvidia (?:Tesla )?(T4|P4|P100|V100|L4) GPU (attached to Spot Preemptible VMs )?running in ")
_DISK = re.compile(r"(Storage|Balanced|SSD backed) PD Capacity(?: in .+)?")
_ADDRESS = re.compile(r"External IP Charge on a (Standard|Spot Preemptible) VM|Static Ip Charge.*")
_DISKS = {"Storage": "pd-standard", "Balanced": "pd-balanced", "SSD backed": "pd-ssd"}
Table = dict[str, dict[str, dict[str, Decimal]]]


@dataclass(frozen=True)
class Row:
    """A price of one thing in one region."""

    thing: str
    region: str
    model: str  # standard or spot
    usd: Decimal


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


# --- Cloud Billing ---------------------------------------------------------------------------------------------------


def _skus(said: str, date: str, path: Path) -> Brought:
    """`skus.list` of the service 6F81-5844-456A (Compute Engine), one page or a list of several."""
    try:
        whole = json.loads(said)
    except ValueError as error:
        raise Refused(f"{path}: not JSON: {error}") from None
    pages = whole if isinstance(whole, list) else [whole]
    found = [sku for page in pages if isinstance(page, dict) for sku in page.get("skus", [page])]
    rejected: list[str] = []
    rows = [row for sku in found for row in _of_sku(sku, rejected)]
    return Brought(tuple(_joined(rows)), date, f"Cloud Billing's SKUs in {path.name}", tuple(rejected), _others(found))


def _others(found: list[Any]) -> int:
    return sum(1 for sku in found if not isinstance(sku, dict) or _thing(str(sku.get("description", ""))) is None)


def _thing(description: str) -> tuple[str, str, str] | None:
    """Of which thing a SKU tells the price, for which model, and by which unit; None for things that are not ours."""
    if found := _VM.match(description):
        family = found[2].split()[0].lower()
        core = found[3] == "Core"
        return f"{family}/{found[3].lower()}", SPOT if found[1] else STANDARD, "h" if core else "GiBy.h"
    if found := _GPU.match(description):
        name = "nvidia-l4" if found[1] == "L4" else f"nvidia-tesla-{found[1].lower()}"
        return name, SPOT if found[2] else STANDARD, "h"
    if found := _DISK.fullmatch(description):
        return _DISKS[found[1]], STANDARD, "GiBy.mo"
    if found := _ADDRESS.fullmatch(description):
        if not found[1]:
            return "address-idle", STANDARD, "h"
        return "address", STANDARD if found[1] == "Standard" else SPOT, "h"
    return None


def _of_sku(sku: Any, rejected: list[str]) -> Iterator[Row]:
    told = _thing(str(sku.get("description", ""))) if isinstance(sku, dict) else None
    if told is None or str(sku.get("category", {}).get("usageType", "")).startswith("Commit"):
        return
    thing, model, unit = told
    try:
        price, regions = _price(sku, unit), [str(region) for region in sku["serviceRegions"]]
    except (KeyError, IndexError, TypeError, ValueError, ArithmeticError) as error:
        rejected.append(f"SKU {sku.get('skuId', '?')} ({sku['description']}): {type(error).__name__}: {error}")
        return
    yield from (Row(thing, region, model, price) for region in regions)


def _price(sku: dict[str, Any], unit: str) -> Decimal:
    """That of the last tier: the ones before are what is free."""
    told = sku["pricingInfo"][-1]["pricingExpression"]
    if told["usageUnit"] != unit:
        raise ValueError(f"expected a price for {unit}, got one for {told['usageUnit']}")
    price = max(told["tieredRates"], key=lambda rate: float(rate.get("startUsageAmount", 0)))["unitPrice"]
    if price["currencyCode"] != "USD":
        raise ValueError(f"expected USD, got {price['currencyCode']}")
    return Decimal(str(price.get("units", 0))) + Decimal(int(price.get("nanos", 0))) / 10**9


def _joined(rows: list[Row]) -> Iterator[Row]:
    """Processors and memory, which have prices of their own, as a vCPU with its share of memory."""
    apart = {(row.thing, row.region, row.model): row.usd for row in rows}
    for row in rows:
        family, _, part = row.thing.partition("/")
        memory = apart.get((f"{family}/ram", row.region, row.model))
        if not part:
            yield row
        elif part == "core" and memory is not None:
            for shape, size in MEMORY_GB[family].items():
                yield Row(f"{family}-{shape}", row.region, row.model, row.usd + size * memory)


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
