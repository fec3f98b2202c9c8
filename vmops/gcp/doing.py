"""One act on a machine that is there: on the disk before it is asked for, waited for, and audited."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from vmops import ledger
from vmops.errors import DiskFull, NotFound, NotReady, OutsideError, StockOut, Unavailable
from vmops.gcp import knocking
from vmops.gcp.cloud import PATIENCE_S, Cloud
from vmops.gcp.instances import gone
from vmops.journal import Entry
from vmops.provider import Machine, Say

NOT_READY_PAUSE_S = 3.0
REACHED = {"create": "running", "start": "running", "stop": "stopped", "delete": "gone"}
AUDITED = {"create": "created", "start": "started", "stop": "stopped", "delete": "deleted"}


def act(cloud: Cloud, name: str, now: Machine, say: Say, entry: Entry | None = None) -> Machine:
    """Start, stop or delete a machine; with an entry where the act is in the journal already."""
    entry = entry or cloud.journal.begin(now.name, name, kind=now.kind, zone=now.zone)
    cloud.note("asked", now.name, asked=name, kind=now.kind, zone=now.zone)
    say(f"{name} {now.name} in {now.zone}")
    if name != "start":
        knocking.leave(cloud, now)
    with closing(cloud, now.name, name):
        insist(cloud, entry, say)
        if name == "delete":
            return done(cloud, name, gone(entry, now.name, cloud.settings, was=now))
        return done(cloud, name, cloud.until(now.zone, now.name, (REACHED[name],), say))


def insist(cloud: Cloud, entry: Entry, say: Say) -> None:
    """Ask and wait; while the cloud is in the middle of something else with the machine, again a little later."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return _once(cloud, entry, say)
        except NotReady as error:
            if time.monotonic() > end:
                raise
            say(f"{error.message}; waiting")
            time.sleep(NOT_READY_PAUSE_S)
            entry = cloud.journal.next_try(entry, entry.zone)


def _once(cloud: Cloud, entry: Entry, say: Say) -> None:
    method = getattr(cloud.clients.instances, f"{entry.act}_unary")
    what = f"instances.{entry.act} {entry.zone} {entry.name}"
    try:
        operation = cloud.ask(what, method, zone=entry.zone, instance=entry.name, request_id=entry.request)
        cloud.journal.write(entry, operation=operation.name)
        cloud.wait(entry.zone, operation.name, f"{entry.act} {entry.name}", say)
    except NotFound:
        if entry.act != "delete":
            raise


def done(cloud: Cloud, name: str, machine: Machine) -> Machine:
    """Into the audit and then the journal: who is killed between the two audits it twice, and never not at all."""
    audited(cloud, name, machine)
    if entry := cloud.journal.read(machine.name):
        cloud.journal.write(entry, over=True, error="", zone=machine.zone or entry.zone)
    return replace(machine, problem="")


def audited(cloud: Cloud, name: str, machine: Machine) -> None:
    """Into the audit: an act was done."""
    cloud.note(AUDITED[name], machine.name, **ledger.seen(machine, cloud.prices))


def final(error: OutsideError) -> bool:
    """Whether an act has failed for good; where there was only no answer, it may have been done all the same.

    So it may where only our own disk was full.
    """
    return not isinstance(error, Unavailable | DiskFull) or isinstance(error, StockOut | NotReady)


@contextmanager
def closing(cloud: Cloud, name: str, asked: str) -> Iterator[None]:
    """Close an act that has failed for good; every other stays open, and is adopted later."""
    try:
        yield
    except OutsideError as error:
        entry = cloud.journal.read(name)
        if entry and final(error):
            cloud.journal.write(entry, over=True, error=error.message)
        cloud.refused(name, asked, error)
        raise
