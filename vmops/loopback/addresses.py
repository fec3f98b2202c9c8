"""Ports of the cloud, and addresses of its machines from 127.0.0.2 on: another one at each start, as at Google's."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from typing import Any

from vmops.loopback.records import Records

Json = dict[str, Any]
FIRST, LAST = 2, 254


def settle(records: Records, born: str) -> Json:
    """The ports of this cloud; the same over restarts, as long as nobody else has taken them."""
    told = records.get("cloud", "global", "settings")
    if told is None:
        ports = _free(3)
        told = {
            "born": born,
            "api_port": ports[0],
            "ssh_port": ports[1],
            "metadata_port": ports[2],
            "next": FIRST,
            "inner": 2,
        }
        records.put("cloud", "global", "settings", told)
    return told


def take(records: Records) -> str:
    """The next address that no machine and no reservation has."""
    with records.changed:
        used = {body.get("_address") for body in records.all("instances")}
        used |= {body["address"] for body in records.all("addresses")}
        told = records.get("cloud", "global", "settings") or {}
        count = LAST - FIRST + 1
        tried = [(told["next"] - FIRST + step) % count + FIRST for step in range(count)]
        number = next(one for one in tried if f"127.0.0.{one}" not in used)
        records.update("cloud", "global", "settings", next=number + 1)
        return f"127.0.0.{number}"


def inner(records: Records) -> str:
    """The next address of the network inside."""
    with records.changed:
        told = records.get("cloud", "global", "settings") or {}
        records.update("cloud", "global", "settings", inner=told["inner"] + 1)
        return f"10.128.{told['inner'] // 254}.{told['inner'] % 254 + 1}"


def _free(count: int) -> list[int]:
    """Ports that are free on loopback at this moment, below those that the system gives to connections."""
    found: set[int] = set()
    while len(found) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            found.add(port)
    return list(found)
