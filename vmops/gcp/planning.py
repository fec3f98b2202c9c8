"""What a creation would ask for, in which order, and what that costs; nothing is changed by asking for it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from vmops import naming
from vmops.errors import Conflict, OutsideError, OverBudget
from vmops.gcp import body, creating, quotas
from vmops.gcp.cloud import Cloud
from vmops.gcp.money import afford
from vmops.prices import region_of
from vmops.provider import Allowance, Kind, Machine, Offer, Plan

SHOWN_ASK = "one-for-this-act"  # the one part of a request that is drawn when it is made


def plan(cloud: Cloud, kind_name: str, name: str, *, over: bool = False) -> Plan:
    """Everything that there is to know before a machine is asked for."""
    kind = cloud.kind(naming.label(kind_name))
    there, problems = _there(cloud, naming.machine(name), kind)
    zones = creating.zones(cloud, kind)
    known = quotas.read(cloud, *dict.fromkeys(region_of(zone) for zone, _, _ in zones))
    short = {region: _short(kind, found) for region, found in known.items()}
    offers = tuple(Offer(zone, price, out_at, short[region_of(zone)]) for zone, price, out_at in zones)
    first = next((offer.zone for offer in offers if not offer.quota), offers[0].zone)
    if all(offer.quota for offer in offers):
        problems.append(offers[0].quota)
    if not there:
        problems += _budget(cloud, name, kind, first, over)
    return Plan(
        name=name,
        kind=kind,
        body=body.instance(cloud.settings, kind, name, first, SHOWN_ASK),
        zones=offers,
        hourly_usd=_hourly(cloud, kind, first, kind.spot),
        spot_usd=_hourly(cloud, kind, first, True),
        standard_usd=_hourly(cloud, kind, first, False),
        prices=f"{cloud.prices.source}, {cloud.prices.date}",
        choice=choice(kind),
        limits=limits(cloud, kind),
        quotas=tuple(quotas.counting(kind, known[region_of(first)])),
        problems=tuple(problems),
        there=there,
        simulated=cloud.settings.simulated,
    )


def choice(kind: Kind) -> str:
    """What spot or standard means for whoever runs something there."""
    if kind.spot:
        return (
            "spot: cheap, and Google takes it back whenever it needs it, with 30 s of notice; over a day expect one or "
            "more interruptions, and a run of several days is almost certain to be interrupted. Right for whatever can "
            "resume."
        )
    return (
        "standard: nobody takes it back while it runs; it may restart once when its host fails. Right for days on end."
    )


def limits(cloud: Cloud, kind: Kind) -> tuple[str, ...]:
    """What ends it if everybody forgets it."""
    idle = cloud.settings.idle
    done = "deletes" if kind.at_limit == "delete" else "stops"
    found = [f"Google {done} it after {kind.max_hours:g} h of running, whatever happens here (maxRunDuration)"]
    if kind.spot:
        found.append(f"when Google takes it back, it {done} it{'' if done == 'deletes' else ': the disk stays'}")
    found.append(f"it stops itself after {idle.stop_after_minutes:g} idle minutes, once it is set up")
    found.append(f"stopped for {idle.delete_after_hours:g} h it is listed as forgotten: footplate vm orphans")
    return tuple(found)


def _there(cloud: Cloud, name: str, kind: Kind) -> tuple[Machine | None, list[str]]:
    try:
        there = cloud.the(name)
    except Conflict as error:
        return None, [error.message]
    if there and there.kind != kind.name:
        return there, [f"{name} is there already, of the kind {there.kind!r}"]
    return there, []


def _short(kind: Kind, known: list[Allowance]) -> str:
    try:
        quotas.check(kind, known)
    except OutsideError as error:
        return error.message
    return ""


def _budget(cloud: Cloud, name: str, kind: Kind, zone: str, over: bool) -> list[str]:
    try:
        words = afford(cloud, name, kind, zone, kind.max_hours, disk=True, over=over)
    except OverBudget as error:
        return [f"{error.message} → {error.hint}"]
    return [words] if words else []


def _hourly(cloud: Cloud, kind: Kind, zone: str, spot: bool) -> float | None:
    """All of it while it runs; without disk and address where nobody knows what these cost."""
    whole: Decimal | None = cloud.prices.rates(kind, zone, spot).running()
    hourly = whole if whole is not None else cloud.prices.hourly(kind, zone, spot)
    return None if hourly is None else float(hourly)


def table(known: Mapping[str, list[Allowance]], kinds: list[Kind]) -> list[Allowance]:
    """Of every quota that was read, those that some kind needs."""
    wanted = {metric for kind in kinds for metric in quotas.needs(kind)}
    wanted |= {metric.removeprefix("PREEMPTIBLE_") for metric in wanted}
    every = {(one.region, one.metric): one for found in known.values() for one in found if one.metric in wanted}
    return [every[key] for key in sorted(every)]
