"""What runs on the machines of a Ray cluster: a task for each shard, and the actor that hears how far tasks are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import RayError

from engine.scaling.shards import Shard
from engine.spreading import task
from engine.spreading.plan import Answer, Plan, Tally

TELL_S = 1.0


class Watch:
    """An actor beside the driver: hears how far tasks are, and tells them to stop."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}
        self._stops = False

    def tell(self, shard: str, tally: Tally) -> bool:
        """Of a task: how far it is. Whether it is to stop."""
        self._tallies[shard] = tally
        return self._stops

    def stop(self) -> None:
        """All tasks are to stop."""
        self._stops = True

    def tallies(self) -> dict[str, Tally]:
        """How far all are that have told so."""
        return self._tallies


def do(key: str, plan: Plan, files: Mapping[str, Any], shard: Shard, known: bytes, watch: Any) -> Answer:
    """A task: one shard."""
    at = task.bench(key, plan, lambda: {name: ray.get(file) for name, file in files.items()}, _device(plan))
    here = ray.get_runtime_context().get_node_id()
    node_gpus = next((node["Resources"].get("GPU", 0.0) for node in ray.nodes() if node["NodeID"] == here), 0.0)
    decoders = task.decoders(plan.processes, float(plan.gpus), node_gpus)
    return task.do(at, shard, known, decoders, _tell(shard.name, watch))


def _device(plan: Plan) -> str:
    return "cuda:0" if plan.gpus else "cpu"


def _tell(shard: str, watch: Any) -> Callable[[Tally], bool]:
    """Tell the watch every second; without waiting, since it may be on a machine that is gone."""
    last, asked, stops = [0.0], list[Any](), [False]

    def tell(tally: Tally) -> bool:
        if asked and ray.wait(asked, timeout=0)[0]:
            with suppress(RayError):
                stops[0] = bool(ray.get(asked.pop()))
        if not asked and time.monotonic() - last[0] >= TELL_S:
            last[0] = time.monotonic()
            asked.append(watch.tell.remote(shard, tally))
        return stops[0]

    return tell
