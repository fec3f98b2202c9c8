"""What is worth telling of machines: one that was taken back, one that costs and does nothing, and the budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.telling import BUDGET, MACHINE_IDLE, MACHINE_TAKEN, Telling
from tui.entries import Entry
from tui.machining import dollars, on
from tui.services.machines import Found
from vmops.provider import Machine

IDLE_S = 900.0  # without a run, after which a machine that costs is told; it stops itself later


def news(
    before: Found | None, found: Found, entries: Sequence[Entry], now: float, told: set[tuple[object, ...]]
) -> list[Telling]:
    """What has not been told yet; `told` keeps what has."""
    signs = [*_taken(before, found, now), *_idle(found, entries, now), *_budget(found, now)]
    fresh = {sign: telling for sign, telling in signs if sign not in told}
    told.update(fresh)
    return list(fresh.values())


def _taken(before: Found | None, found: Found, now: float) -> Iterator[tuple[tuple[object, ...], Telling]]:
    """Only what was seen to run: that another one was taken back long ago stands in its row."""
    ran = {one.name for one in before.machines if one.state in ("running", "stopping")} if before else set()
    for one in found.machines:
        if one.preempted and one.state == "stopped" and one.name in ran:
            yield (
                (MACHINE_TAKEN, one.name, one.stopped_at),
                _told(MACHINE_TAKEN, one, "was taken back by the cloud", now),
            )


def _idle(found: Found, entries: Sequence[Entry], now: float) -> Iterator[tuple[tuple[object, ...], Telling]]:
    for one in found.machines:
        if one.state == "running" and not on(one.name, entries) and now - _busy_at(one, entries) > IDLE_S:
            hourly = dollars(found.running_usd.get(one.name), 3)
            words = f"costs {hourly} an hour, and no run is on it"
            yield (MACHINE_IDLE, one.name, one.started_at), _told(MACHINE_IDLE, one, words, now)


def _busy_at(machine: Machine, entries: Sequence[Entry]) -> float:
    """When it was last of use."""
    ended = [entry.status.ended_at or 0.0 for entry in entries if entry.status.machine == machine.name]
    return max([machine.started_at or machine.created_at, *ended])


def _budget(found: Found, now: float) -> Iterator[tuple[tuple[object, ...], Telling]]:
    if found.warning:
        kind = found.warning.partition(":")[0]  # the sums in it change with every minute
        yield (BUDGET, kind if ":" in found.warning else ""), Telling(BUDGET, "", "machines", found.warning, now)


def _told(kind: str, machine: Machine, words: str, now: float) -> Telling:
    return Telling(kind, "", machine.name, words, now)
