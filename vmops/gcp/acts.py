"""Acts on machines: idempotent, one at a time for each machine, over whatever was left unfinished."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from vmops import naming
from vmops.errors import Conflict, NotFound
from vmops.gcp import creating, doing, finishing
from vmops.gcp.cloud import Cloud, absent
from vmops.gcp.instances import gone
from vmops.gcp.money import must_afford
from vmops.journal import Entry
from vmops.provider import Kind, Machine, Say

LONG_H = 24.0 * 31  # of a machine whose kind nobody knows any more


def create(cloud: Cloud, kind_name: str, name: str, say: Say, over: bool = False) -> Machine:
    """A machine of a kind, running; one that is there already is left as it is."""
    kind = cloud.kind(kind_name)
    with _alone(cloud, name, say):
        if (left := cloud.journal.read(name)) and not left.over and (left.act, left.kind) == ("create", kind.name):
            say(f"{name} was asked for before; going on with that")
            try:
                return _created(cloud, kind, left, say)
            except NotFound:
                cloud.journal.write(left, over=True, error=finishing.DELETED)
        if there := finishing.settled(cloud, name, say):
            return _there(there, kind.name, say)
        zone = creating.zones(cloud, kind)[0][0]
        with _spending(cloud, say):
            must_afford(cloud, "create", name, kind, zone, kind.max_hours, over=over, say=say)
            entry = cloud.journal.begin(name, "create", kind=kind.name)
        cloud.note("asked", name, asked="create", kind=kind.name, ask=entry.ask)
        return _created(cloud, kind, entry, say)


def start(cloud: Cloud, name: str, say: Say, over: bool = False) -> Machine:
    """A stopped machine, running again, in the zone where its disk is."""
    with _alone(cloud, name, say):
        now = finishing.settled(cloud, name, say, act="start")
        if now is None:
            raise absent(name)
        if now.state == "running":
            return _said(now, "is running already", say)
        kind = cloud.settings.kinds.get(now.kind)
        hours = kind.max_hours if kind else LONG_H
        with _spending(cloud, say):
            must_afford(cloud, "start", name, now, now.zone, hours, over=over, say=say)
            entry = cloud.journal.begin(name, "start", kind=now.kind, zone=now.zone)
        return doing.act(cloud, "start", now, say, entry)


def stop(cloud: Cloud, name: str, say: Say) -> Machine:
    """A machine that is stopped; its disk stays, and costs. A full disk here does not keep it running."""
    cloud = cloud.unfailing(say)
    with _alone(cloud, name, say):
        now = finishing.settled(cloud, name, say, act="stop")
        if now is None:
            raise absent(name)
        return _said(now, "is stopped already", say) if now.state == "stopped" else doing.act(cloud, "stop", now, say)


def delete(cloud: Cloud, name: str, say: Say) -> Machine:
    """A machine that is gone, and its disk with it."""
    with _alone(cloud, name, say):
        now, known = finishing.settled(cloud, name, say, act="delete"), cloud.journal.read(name)
        if now is None and known is None:
            raise absent(name)
        if now is None:
            return _said(gone(known, name, cloud.settings), "is gone already", say)
        return doing.act(cloud, "delete", now, say)


def adopt(cloud: Cloud, say: Say) -> list[Machine]:
    """Wait for everything that somebody asked for and did not wait for; nothing new is asked."""
    found = []
    for name, entry in cloud.journal.everything().items():
        if not entry.over:
            with _alone(cloud, name, say):
                finishing.finish(cloud, name, say)
                if there := cloud.the(name):
                    found.append(there)
    return found


def _created(cloud: Cloud, kind: Kind, entry: Entry, say: Say) -> Machine:
    with doing.closing(cloud, entry.name, "create"):
        return doing.done(cloud, "create", creating.through_zones(cloud, kind, entry, say))


def _there(there: Machine, kind: str, say: Say) -> Machine:
    if there.kind != kind:
        raise Conflict(f"{there.name} is there already, of the kind {there.kind!r}", hint="take another name")
    words = "is there already" if there.state != "stopped" else "is there already, and stopped: footplate vm start"
    return _said(there, words, say)


def _said(machine: Machine, words: str, say: Say) -> Machine:
    say(f"{machine.name} {words}")
    return machine


def _spending(cloud: Cloud, say: Say) -> AbstractContextManager[None]:
    """One after the other, since two that fit into the budget each need not fit together."""
    return cloud.journal.spending(lambda: say("another process asks for a machine; waiting for it"))


@contextmanager
def _alone(cloud: Cloud, name: str, say: Say) -> Iterator[None]:
    naming.machine(name)
    with cloud.journal.alone(name, lambda: say(f"another process is at work on {name}; waiting for it")):
        yield
