"""The machines of a Ray cluster: which there are, and whether each sees the videos and the store of commits."""

from __future__ import annotations

import secrets
import socket
import time
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from engine.errors import DataError
from engine.scaling.shards import Shard
from engine.spreading.plan import Plan
from vmops import bucket as buckets
from vmops.errors import OutsideError

PATIENCE_S = 180.0  # a machine that has never run anything of ours unpacks code and starts Python first
HEAD_S = 10.0  # without an answer of the cluster's head


def alive() -> dict[str, str]:
    """The address of each machine that is there, by its id."""
    return {node["NodeID"]: node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"]}


def head_answers(address: str) -> None:
    """Whether the cluster's head does; ConnectionError where it has not for a while."""
    host, _, port = address.rpartition(":")
    end = time.monotonic() + HEAD_S
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=2.0).close()
            return
        except OSError as error:
            if time.monotonic() > end:
                raise ConnectionError(f"the head at {address} does not answer: {error}") from None
            time.sleep(0.5)


def check(plan: Plan, shard: Shard) -> None:
    """Ask every machine whether it sees what it needs.

    Raises:
        DataError: one does not; says which, and what.
    """
    store = buckets.open(plan.store)
    name = f"{plan.prefix}probe-{secrets.token_hex(4)}"
    store.write(name, b"seen")
    try:
        machines = alive()
        asked = {address: _asked(node, plan, name, shard) for node, address in machines.items()}
        ray.wait(list(asked.values()), num_returns=len(asked), timeout=PATIENCE_S)
        for address, one in asked.items():
            if words := _heard(one):
                raise DataError(
                    f"machine {address} of the cluster {words}",
                    hint="name a bucket (gs://…), or a folder that all its machines have mounted at the same place",
                )
    finally:
        store.delete(name)


def look(plan: Plan, name: str, shard: Shard) -> str:
    """On a machine: what it does not see, in words; empty where it sees everything."""
    try:
        buckets.open(plan.store).read(name)
    except OutsideError as error:
        return f"does not see the store of commits, {plan.store}: {error.message}"
    item = shard.items[0]
    if item.path is not None and not Path(plan.videos).is_dir():
        return f"does not see the videos in {plan.videos}"
    if item.entry is not None:
        try:
            buckets.open(plan.videos).stat(item.entry.name)
        except OutsideError as error:
            return f"does not see the videos in {plan.videos}: {error.message}"
    return ""


def _asked(node: str, plan: Plan, name: str, shard: Shard) -> Any:
    there = NodeAffinitySchedulingStrategy(node, soft=False)
    return ray.remote(look).options(num_cpus=0, max_retries=0, scheduling_strategy=there).remote(plan, name, shard)


def _heard(one: Any) -> str:
    """A machine that is lost meanwhile is none that has to see anything."""
    try:
        return str(ray.get(one, timeout=0.1))
    except ray.exceptions.GetTimeoutError:
        return f"does not answer within {PATIENCE_S:.0f} s"
    except ray.exceptions.RayTaskError as error:
        return f"cannot run our code: {str(error).strip().splitlines()[-1]}"
    except RayError:
        return ""
