"""What somebody asked for and did not wait for: brought to its end by whoever comes next."""

from __future__ import annotations

from vmops.errors import NotFound, OutsideError
from vmops.gcp import creating, doing
from vmops.gcp.cloud import Cloud
from vmops.gcp.instances import gone
from vmops.journal import UNASKED, Entry
from vmops.provider import Machine, Say

BUSY = ("asked", "provisioning", "staging", "stopping")
DELETED = "it has been deleted since"
NEVER = "it never came about: footplate vm create asks again"


def settled(cloud: Cloud, name: str, say: Say, *, act: str = "") -> Machine | None:
    """The machine, when whatever is going on with it is over; None where there is none.

    Args:
        act: what is wanted now: if just that was left without an answer, it is asked again under its old id.
    """
    finish(cloud, name, say, act=act)
    return _calm(cloud, name, say)


def finish(cloud: Cloud, name: str, say: Say, *, act: str = "") -> None:
    """Wait for what somebody began and did not see the end of, and close it."""
    entry = cloud.journal.read(name)
    if entry is None or entry.over:
        return
    if entry.act == "create":
        _creation(cloud, entry, say)
        return
    say(f"{entry.act} of {name} was asked for before; seeing to it")
    try:
        if entry.operation:
            cloud.wait(entry.zone, entry.operation, f"{entry.act} {name}", say)
        elif entry.act == act or _still_to_stop(cloud, entry, act):
            doing.insist(cloud, entry, say)
    except OutsideError as error:
        if not doing.final(error):
            raise
        cloud.journal.write(entry, over=True, error=error.message)
        return
    _close(cloud, entry, _calm(cloud, name, say))


def _close(cloud: Cloud, entry: Entry, now: Machine | None) -> None:
    """Into the audit, where it was done while nobody waited; then over."""
    there = now or gone(entry, entry.name, cloud.settings)
    if there.state == doing.REACHED.get(entry.act):
        doing.audited(cloud, entry.act, there)
    missed = there.state != doing.REACHED.get(entry.act) and not entry.operation
    now_entry = cloud.journal.read(entry.name) or entry
    cloud.journal.write(now_entry, over=True, error=UNASKED if missed else "")


def _still_to_stop(cloud: Cloud, entry: Entry, act: str) -> bool:
    """Whether to do what was never asked for: a machine that was to be stopped costs, unless it was started since."""
    if act or entry.act != "stop":
        return False
    now = cloud.the(entry.name)
    return now is not None and now.state == "running" and (now.started_at or 0.0) <= entry.asked_at


def _creation(cloud: Cloud, entry: Entry, say: Say) -> None:
    if there := creating.adopted(cloud, entry, say):
        doing.done(cloud, "create", there)
        return
    now = cloud.journal.read(entry.name) or entry
    if not now.over:
        cloud.journal.write(now, over=True, error=DELETED if now.operation else NEVER)


def _calm(cloud: Cloud, name: str, say: Say) -> Machine | None:
    """The machine once nothing is going on with it, whoever began that; None where there is none."""
    now = cloud.the(name)
    if now is None or now.state not in BUSY:
        return now
    try:
        return cloud.until(now.zone, name, ("running", "stopped"), say)
    except NotFound:
        return None
