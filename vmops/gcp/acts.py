"""Acts on machines: journaled before they are asked for, done once, audited, and idempotent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from vmops import ledger, naming
from vmops.errors import Conflict, NotFound, NotReady, OutsideError, Unavailable
from vmops.gcp import creating
from vmops.gcp.cloud import PATIENCE_S, Cloud, absent
from vmops.gcp.instances import gone
from vmops.gcp.money import must_afford
from vmops.journal import Entry
from vmops.provider import Machine, Say

BUSY = ("asked", "provisioning", "staging", "stopping")
NOT_READY_PAUSE_S = 3.0
LONG_H = 24.0 * 31  # of a machine whose kind nobody knows any more


def create(cloud: Cloud, kind_name: str, name: str, say: Say, over: bool = False) -> Machine:
    """A machine of a kind, running; one that is there already is left as it is."""
    kind = cloud.kind(kind_name)
    with _alone(cloud, name, say):
        if (left := _unfinished(cloud, name, say)) and (left.act, left.kind) == ("create", kind.name):
            entry = left
        elif there := _calm(cloud, name, say):
            return _there(there, kind.name, say)
        else:
            zone = creating.zones(cloud, kind)[0][0]
            must_afford(cloud, "create", name, kind, zone, kind.max_hours, over=over, say=say)
            entry = cloud.journal.begin(name, "create", kind=kind.name)
            cloud.note("asked", name, asked="create", kind=kind.name, ask=entry.ask)
        with _closing(cloud, name, "create"):
            return _done(cloud, "created", creating.through_zones(cloud, kind, entry, say))


def start(cloud: Cloud, name: str, say: Say, over: bool = False) -> Machine:
    """A stopped machine, running again, in the zone where its disk is."""

    def go(now: Machine) -> Machine:
        kind = cloud.settings.kinds.get(now.kind)
        hours = kind.max_hours if kind else LONG_H
        must_afford(cloud, "start", name, now, now.zone, hours, over=over, say=say)
        return _asked(cloud, "start", "started", now, cloud.clients.instances.start_unary, "running", say)

    with _alone(cloud, name, say):
        now = _settled(cloud, name, say)
        if now is None:
            raise absent(name)
        return _said(now, "is running already", say) if now.state == "running" else go(now)


def stop(cloud: Cloud, name: str, say: Say) -> Machine:
    """A machine that is stopped; its disk stays, and costs."""
    with _alone(cloud, name, say):
        now = _settled(cloud, name, say)
        if now is None:
            raise absent(name)
        if now.state == "stopped":
            return _said(now, "is stopped already", say)
        return _asked(cloud, "stop", "stopped", now, cloud.clients.instances.stop_unary, "stopped", say)


def delete(cloud: Cloud, name: str, say: Say) -> Machine:
    """A machine that is gone, and its disk with it."""
    with _alone(cloud, name, say):
        now, known = _settled(cloud, name, say), cloud.journal.read(name)
        if now is None and known is None:
            raise absent(name)
        if now is None:
            return _said(gone(known, name, cloud.settings), "is gone already", say)
        return _asked(cloud, "delete", "deleted", now, cloud.clients.instances.delete_unary, "", say)


def adopt(cloud: Cloud, say: Say) -> list[Machine]:
    """Wait for everything that somebody asked for and did not wait for; nothing new is asked."""
    found = []
    for name, entry in cloud.journal.everything().items():
        if not entry.over:
            with _alone(cloud, name, say):
                _unfinished(cloud, name, say, closing=True)
                if there := cloud.the(name):
                    found.append(there)
    return found


def _asked(cloud: Cloud, act: str, audited: str, now: Machine, method: Any, state: str, say: Say) -> Machine:
    """Ask for an act on a machine that is there, wait for it, and audit it."""
    entry = cloud.journal.begin(now.name, act, kind=now.kind, zone=now.zone)
    cloud.note("asked", now.name, asked=act, kind=now.kind, zone=now.zone)
    say(f"{act} {now.name} in {now.zone}")
    with _closing(cloud, now.name, act):
        _until_ready(lambda: _once(cloud, entry, act, method, say), say)
        if state:
            after = cloud.until(now.zone, now.name, (state,), say)
        else:
            after = gone(entry, now.name, cloud.settings, was=now)
        return _done(cloud, audited, after)


def _once(cloud: Cloud, entry: Entry, act: str, method: Any, say: Say) -> None:
    entry = cloud.journal.next_try(entry, entry.zone)
    try:
        operation = cloud.ask(
            f"instances.{act} {entry.zone} {entry.name}", method,
            zone=entry.zone, instance=entry.name, request_id=entry.request,
        )  # fmt: skip
        cloud.journal.write(entry, operation=operation.name)
        cloud.wait(entry.zone, operation.name, f"{act} {entry.name}", say)
    except NotFound:
        if act != "delete":
            raise


def _until_ready(go: Callable[[], None], say: Say) -> None:
    """Do it; while the cloud is in the middle of something else with it, again a little later."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return go()
        except NotReady as error:
            if time.monotonic() > end:
                raise
            say(f"{error.message}; waiting")
            time.sleep(NOT_READY_PAUSE_S)


def _settled(cloud: Cloud, name: str, say: Say) -> Machine | None:
    """The machine, when whatever is going on with it is over; None where there is none."""
    _unfinished(cloud, name, say, closing=True)
    return _calm(cloud, name, say)


def _calm(cloud: Cloud, name: str, say: Say) -> Machine | None:
    """The machine once nothing is going on with it, whoever began that; None where there is none."""
    now = cloud.the(name)
    if now is None or now.state not in BUSY:
        return now
    try:
        return cloud.until(now.zone, name, ("running", "stopped"), say)
    except NotFound:
        return None


def _unfinished(cloud: Cloud, name: str, say: Say, *, closing: bool = False) -> Entry | None:
    """What somebody began and did not see the end of; waited for, and closed.

    A creation that the cloud never answered is left open for who wants to create it again, unless `closing`.
    """
    entry = cloud.journal.read(name)
    if entry is None or entry.over:
        return None
    if entry.act == "create":
        return _creation(cloud, entry, say, closing)
    if entry.operation:
        say(f"{entry.act} of {name} was asked for before; waiting for it")
        try:
            cloud.wait(entry.zone, entry.operation, f"{entry.act} {name}", say)
        except Unavailable:
            raise
        except OutsideError as error:
            cloud.journal.write(entry, over=True, error=error.message)
            return None
    cloud.journal.write(entry, over=True)
    _found_done(cloud, entry)
    return None


def _creation(cloud: Cloud, entry: Entry, say: Say, closing: bool) -> Entry | None:
    if there := creating.adopted(cloud, entry, say):
        _done(cloud, "created", there)
        return None
    now = cloud.journal.read(entry.name) or entry
    if now.operation and not now.over:  # it was made, and has been deleted since
        now = cloud.journal.write(now, over=True)
    if closing and not now.over:
        now = cloud.journal.write(now, over=True, error="it never came about: footplate vm create asks again")
    return None if now.over else now


def _found_done(cloud: Cloud, entry: Entry) -> None:
    """Into the audit: what was done while nobody waited."""
    now = cloud.the(entry.name)
    reached = {"start": "running", "stop": "stopped", "delete": None}
    if (now.state if now else None) == reached.get(entry.act):
        words = {"start": "started", "stop": "stopped", "delete": "deleted"}[entry.act]
        _audited(cloud, words, now or gone(entry, entry.name, cloud.settings))


def _there(there: Machine, kind: str, say: Say) -> Machine:
    if there.kind != kind:
        raise Conflict(f"{there.name} is there already, of the kind {there.kind!r}", hint="take another name")
    words = "is there already" if there.state != "stopped" else "is there already, and stopped: footplate vm start"
    return _said(there, words, say)


def _said(machine: Machine, words: str, say: Say) -> Machine:
    say(f"{machine.name} {words}")
    return machine


def _done(cloud: Cloud, act: str, machine: Machine) -> Machine:
    """Into the audit and then the journal: who is killed between the two audits it twice, and never not at all."""
    _audited(cloud, act, machine)
    if entry := cloud.journal.read(machine.name):
        cloud.journal.write(entry, over=True, error="", zone=machine.zone or entry.zone)
    return replace(machine, problem="")


def _audited(cloud: Cloud, act: str, machine: Machine) -> None:
    cloud.note(act, machine.name, **ledger.seen(machine, cloud.prices))


@contextmanager
def _alone(cloud: Cloud, name: str, say: Say) -> Iterator[None]:
    naming.machine(name)
    with cloud.journal.alone(name, lambda: say(f"another process is at work on {name}; waiting for it")):
        yield


@contextmanager
def _closing(cloud: Cloud, name: str, asked: str) -> Iterator[None]:
    """Close an act that cannot come about; one that only had no answer stays open, and is adopted later."""
    try:
        yield
    except OutsideError as error:
        entry = cloud.journal.read(name)
        final = not isinstance(error, Unavailable) or type(error).__name__ == "StockOut"
        if entry and final:
            cloud.journal.write(entry, over=True, error=error.message)
        cloud.refused(name, asked, error)
        raise
