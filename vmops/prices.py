"""What things cost: a table with its date and source, shipped with us until somebody brings a newer one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Protocol

from vmops.errors import NotFound, Refused

FILE = "prices.yaml"
SHIPPED = Path(__file__).with_name(FILE)
EVERYWHERE = "global"
HOURS_A_MONTH = Decimal(730)  # to tell an hour of a disk, whose price is by the month
STANDARD, SPOT = "standard", "spot"
Price = Decimal | None
_TYPE = re.compile(r"([a-z0-9]+-[a-z]+)-(\d+)")  # n1-standard-4


class Shape(Protocol):
    """What of a machine, or of a kind, has a price."""

    @property
    def machine_type(self) -> str: ...
    @property
    def gpu(self) -> str: ...
    @property
    def gpus(self) -> int: ...
    @property
    def spot(self) -> bool: ...
    @property
    def disk_gb(self) -> int: ...
    @property
    def disk_type(self) -> str: ...


@dataclass(frozen=True)
class Rates:
    """What the parts of a machine cost, in US dollars; None where nobody knows, 0 where there is none."""

    machine: Price  # an hour of its processors and memory
    gpu: Price  # an hour of all its GPUs
    disk: Price  # a month of its disk
    address: Price  # an hour of its address
    date: str = ""

    def running(self) -> Price:
        """An hour while it runs, all of it."""
        return _sum(self.machine, self.gpu, self.stopped(), self.address)

    def stopped(self) -> Price:
        """An hour while it stands stopped: its disk stays."""
        return None if self.disk is None else self.disk / HOURS_A_MONTH

    def unknown(self) -> list[str]:
        """The parts whose price nobody knows."""
        return [name for name in ("machine", "gpu", "disk", "address") if getattr(self, name) is None]


@dataclass(frozen=True)
class Prices:
    """A price list: by region, thing, and standard or spot."""

    date: str
    source: str
    table: Mapping[str, Mapping[str, Mapping[str, Decimal]]]
    file: Path = SHIPPED

    def price(self, thing: str, region: str, spot: bool = False) -> Price:
        """Of one unit; None where it is not known."""
        for place in (region, EVERYWHERE):
            known = self.table.get(place, {}).get(thing)
            if known is not None:
                return known.get(SPOT if spot else STANDARD)
        return None

    def rates(self, shape: Shape, zone: str, spot: bool | None = None) -> Rates:
        """What a machine of a shape costs in a zone."""
        region, cheap = region_of(zone), shape.spot if spot is None else spot
        found = _TYPE.fullmatch(shape.machine_type)
        core = self.price(found[1], region, cheap) if found else None
        return Rates(
            machine=None if core is None or not found else core * int(found[2]),
            gpu=_times(self.price(shape.gpu, region, cheap), shape.gpus) if shape.gpus else Decimal(0),
            disk=_times(self.price(shape.disk_type, region), shape.disk_gb),
            address=self.price("address", region, cheap),
            date=self.date,
        )

    def hourly(self, shape: Shape, zone: str, spot: bool | None = None) -> Price:
        """Machine and GPU for an hour, as price lists tell it: without disk and address."""
        rates = self.rates(shape, zone, spot)
        return _sum(rates.machine, rates.gpu)

    def disk_month(self, disk_type: str, size_gb: int, zone: str) -> Price:
        """A month of a disk, whether anything uses it or not."""
        return _times(self.price(disk_type, region_of(zone)), size_gb)

    def idle_address_month(self, region: str) -> Price:
        """A month of an address that is reserved and that nothing uses."""
        return _times(self.price("address-idle", region), int(HOURS_A_MONTH))


def load(folder: Path | None = None) -> Prices:
    """The list that somebody refreshed in a folder, else the one shipped with us."""
    refreshed = folder / FILE if folder else SHIPPED
    path = refreshed if refreshed.exists() else SHIPPED
    prices, faults = parse(text(path), path)
    if faults:
        raise Refused("\n".join(faults), hint=f"mend {path}, or delete it to go back to the list shipped with us")
    return prices


def text(path: Path) -> str:
    """What a file says; NotFound or Refused where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}", hint="name a file with prices") from None
    except UnicodeDecodeError:
        raise Refused(f"{path}: not a text in UTF-8") from None


def parse(said: str, path: Path) -> tuple[Prices, list[str]]:
    """The prices of our YAML form, and what is wrong with each that is left out."""
    import yaml  # only where somebody asks for prices

    try:
        known = yaml.load(said, Loader=_decimals(yaml))
    except yaml.YAMLError as error:
        return Prices("", "", {}, path), [f"{path}: not YAML: {error}"]
    if not isinstance(known, dict):
        return Prices("", "", {}, path), [f"{path}: expected date, source and regions, got {known!r:.60}"]
    faults = [f"{path}: {key}: expected a text" for key in ("date", "source") if not isinstance(known.get(key), str)]
    regions = {str(place): things for place, things in known.items() if place not in ("date", "source")}
    table = {place: _things(things, f"{path}: {place}", faults) for place, things in regions.items()}
    return Prices(str(known.get("date", "")), str(known.get("source", "")).strip(), table, path), faults


def _things(things: Any, place: str, faults: list[str]) -> dict[str, dict[str, Decimal]]:
    if not isinstance(things, dict):
        faults.append(f"{place}: expected things with prices, got {things!r:.60}")
        return {}
    return {str(thing): _models(models, f"{place}.{thing}", faults) for thing, models in things.items()}


def _models(models: Any, place: str, faults: list[str]) -> dict[str, Decimal]:
    if not isinstance(models, dict) or not models or set(models) - {STANDARD, SPOT}:
        faults.append(f"{place}: expected {{standard: USD, spot: USD}} or one of them, got {models!r:.60}")
        return {}
    return {
        model: price for model, raw in models.items() if (price := _usd(raw, f"{place}.{model}", faults)) is not None
    }


def _usd(raw: Any, place: str, faults: list[str]) -> Price:
    price = usd(raw)
    if price is None:
        faults.append(f"{place}: expected dollars of 0 or more, got {raw!r:.60}")
    return price


def usd(raw: object) -> Price:
    """Dollars of 0 or more; None where a value is something else."""
    try:
        price = Decimal(str(raw))
    except InvalidOperation:
        return None
    return price if price.is_finite() and price >= 0 and not isinstance(raw, bool) else None


def _decimals(yaml: Any) -> Any:
    """Numbers stay the texts that they are, since 0.1 as a float is another number."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in forms if not tag.endswith((":float", ":int", ":timestamp"))]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def region_of(zone: str) -> str:
    """us-central1 of us-central1-a; a region stays itself."""
    found = re.fullmatch(r"(.+\d)-[a-z]+\d*[a-z]?", zone)
    return found[1] if found else zone


def _times(price: Price, count: int) -> Price:
    return None if price is None else price * count


def _sum(*prices: Price) -> Price:
    known = [price for price in prices if price is not None]
    return sum(known, Decimal(0)) if len(known) == len(prices) else None
