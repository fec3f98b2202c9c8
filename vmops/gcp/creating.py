"""Making a machine: zone after zone, and exactly one, whoever is killed when and whatever answer is lost."""

from __future__ import annotations

import json
import time

from google.cloud import compute_v1 as api

from vmops.bill import dollars
from vmops.errors import Broken, Conflict, NotFound, OutsideError, Quota, StockOut
from vmops.gcp import body, quotas
from vmops.gcp.body import ASK_LABEL
from vmops.gcp.cloud import Cloud
from vmops.gcp.instances import last
from vmops.journal import Entry
from vmops.prices import region_of
from vmops.provider import Kind, Machine, Say


def zones(cloud: Cloud, kind: Kind) -> list[tuple[str, float | None, float | None]]:
    """Zones in the order in which they are asked, each with its price an hour and when it had none left."""

    def price(zone: str) -> float | None:
        hourly = cloud.prices.hourly(kind, zone)
        return None if hourly is None else float(hourly)

    return cloud.stockouts.ordered(hardware(kind), cloud.settings.zones, price, time.time())


def hardware(kind: Kind) -> str:
    """What a zone runs out of."""
    return " ".join(filter(None, [kind.gpu or kind.machine_type, "spot" if kind.spot else "standard"]))


def through_zones(cloud: Cloud, kind: Kind, entry: Entry, say: Say) -> Machine:
    """The machine of an act, from the first zone that has one; what was begun in a zone is finished there first."""
    order = [zone for zone, _, _ in zones(cloud, kind)]
    order = [entry.zone, *(zone for zone in order if zone != entry.zone)] if entry.zone else order
    begun = entry.request  # asked there perhaps: what it made uses the very quota that it would lack
    last_quota: Quota | None = None
    short: set[str] = set()
    for zone in order:
        if zone in entry.tried or region_of(zone) in short:
            continue
        entry = entry if entry.zone == zone else cloud.journal.next_try(entry, zone)
        try:
            if not entry.operation and entry.request != begun:
                _within_quotas(cloud, kind, region_of(zone))
            return in_zone(cloud, kind, entry, say)
        except StockOut as error:
            entry = _out(cloud, kind, entry, error, say)
        except Quota as error:
            if not error.region:
                raise
            last_quota = error
            short.add(region_of(zone))
            entry = cloud.journal.write(cloud.journal.read(entry.name) or entry, operation="", request="", zone="")
            say(f"{error.message}; other regions are tried")
    raise last_quota or StockOut(
        f"no {hardware(kind)} machine to be had: {', '.join(entry.tried)}",
        hint="try again later, name more zones in configs/machines.yaml, or take another kind: footplate vm kinds",
    )


def _within_quotas(cloud: Cloud, kind: Kind, region: str) -> None:
    quotas.check(kind, quotas.read(cloud, region)[region])


def _out(cloud: Cloud, kind: Kind, entry: Entry, error: StockOut, say: Say) -> Entry:
    cloud.stockouts.remember(hardware(kind), entry.zone, time.time())
    say(f"{entry.zone} has none left; the next zone is tried")
    now = cloud.journal.read(entry.name) or entry
    return cloud.journal.write(now, tried=(*now.tried, entry.zone), operation="", error=error.message)


def in_zone(cloud: Cloud, kind: Kind, entry: Entry, say: Say) -> Machine:
    """Ask in one zone and wait; asked again under the same id, the cloud does nothing twice.

    Raises:
        NotFound: it was made, and has been deleted since.
    """
    if not entry.operation:
        say(f"asking for {entry.name} in {entry.zone}{_price(cloud, kind, entry.zone)}")
        entry = _asked(cloud, kind, entry)
    if entry.operation:
        cloud.wait(entry.zone, entry.operation, f"creating {entry.name} in {entry.zone}", say)
        return cloud.until(entry.zone, entry.name, ("running", "stopped"), say)
    try:
        return cloud.until(entry.zone, entry.name, ("running", "stopped"), say)
    except NotFound:
        raise StockOut(f"{entry.name} went away while it was made in {entry.zone}") from None


def _price(cloud: Cloud, kind: Kind, zone: str) -> str:
    hourly = cloud.prices.rates(kind, zone).running()
    return "" if hourly is None else f", {dollars(hourly)} an hour, for {kind.max_hours:g} hours at most"


def _asked(cloud: Cloud, kind: Kind, entry: Entry) -> Entry:
    wanted = body.instance(cloud.settings, kind, entry.name, entry.zone, entry.ask)
    try:
        operation = cloud.ask(
            f"instances.insert {entry.zone} {entry.name}", cloud.clients.instances.insert_unary,
            zone=entry.zone, instance_resource=api.Instance.from_json(json.dumps(wanted)), request_id=entry.request,
        )  # fmt: skip
    except (Conflict, Quota) as error:
        _must_be_ours(cloud, entry, error)  # the answer to our first question was lost, and then forgotten there
        return entry
    return cloud.journal.write(entry, operation=operation.name)


def _must_be_ours(cloud: Cloud, entry: Entry, error: OutsideError) -> None:
    try:
        there = cloud.instance(entry.zone, entry.name)
    except NotFound:
        raise error from None
    if there.labels.get(ASK_LABEL) == entry.ask:
        return
    if isinstance(error, Quota):
        raise error
    raise Conflict(f"somebody else has made {entry.name} in {entry.zone}", hint="take another name")


def adopted(cloud: Cloud, entry: Entry, say: Say) -> Machine | None:
    """What became of a machine that somebody asked for and did not wait for; nothing new is asked for.

    None where there is none: it was never asked for, or the cloud had none left, or it is deleted.
    """
    try:
        if entry.operation:
            say(f"{entry.name} was asked for before; waiting for it in {entry.zone}")
            cloud.wait(entry.zone, entry.operation, f"creating {entry.name} in {entry.zone}", say)
        for there in cloud.found(entry.name):
            if there.labels.get(ASK_LABEL) == entry.ask:
                return cloud.until(last(there.zone), entry.name, ("running", "stopped"), say)
    except NotFound:
        return None
    except (StockOut, Quota, Broken) as error:
        cloud.journal.write(entry, over=True, error=error.message)
    return None
