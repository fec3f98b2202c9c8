"""What Google's Cloud Billing API says of the things that machines are made of: `skus.list` of 6F81-5844-456A."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from vmops.prices import SPOT, STANDARD

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


@dataclass(frozen=True)
class Row:
    """A price of one thing in one region."""

    thing: str
    region: str
    model: str  # standard or spot
    usd: Decimal


def read(said: str) -> tuple[list[Row], list[str], int]:
    """Prices of ours, what is rejected and why, and how many SKUs are of other things; ValueError for no JSON.

    Args:
        said: one page as the API answers, a list of pages, or a list of SKUs.
    """
    found = list(_skus(json.loads(said)))
    rejected: list[str] = []
    rows = [row for sku in found for row in _of_sku(sku, rejected)]
    return list(_joined(rows)), rejected, _others(found)


def _skus(value: Any) -> Iterator[Any]:
    for page in value if isinstance(value, list) else [value]:
        inner = page.get("skus") if isinstance(page, dict) else None
        yield from inner if isinstance(inner, list) else [page]


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
    if told is None:
        return
    thing, model, unit = told
    try:
        if sku["category"]["usageType"].startswith("Commit"):  # the price of a promise for years
            return
        price, regions = _price(sku, unit), [str(region) for region in sku["serviceRegions"]]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
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
