"""Speaks with Ray for a run, in a process of its own, which is told and heard over a pipe.

It is apart from the run's own process because Ray ends the process of a driver that has lost its cluster. It keeps as
many tasks in flight as the cluster can do, and a few more; a shard whose machine is lost is given to another.
"""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from engine.errors import FootplateError
from engine.scaling.shards import Shard
from engine.spreading import nodes, remote
from engine.spreading.plan import Answer, Cluster, Said, Tally, Work
from vmops.errors import OutsideError

TELL_S = 1.0
LIVES = 4  # machines, or processes, that a shard may cost before it is said to be the reason
RETRIES = 3  # by Ray itself, which is quicker
STOP_S = 7.0


class Driver:
    """Has all shards done, or stops, or says why it cannot go on."""

    def __init__(self, pipe: Connection, work: Work) -> None:
        self._pipe, self._work, self._plan = pipe, work, work.plan
        self._waiting = deque[tuple[Shard, bytes]](work.shards)
        self._running: dict[Any, tuple[Shard, bytes]] = {}
        self._lost: dict[str, int] = {}
        self._done, self._settled = Tally(), not work.plan.settles
        self._alive: dict[str, str] = {}
        self._heard = time.monotonic()

    def run(self) -> None:
        """Until everything is done."""
        self._connect()
        self._tell("begun", Cluster(sorted(self._alive.values()), self._slots(), bool(self._plan.gpus)))
        self._put()
        stopping = 0.0
        while self._waiting or self._running:
            if not stopping and self._pipe.poll():
                self._pipe.recv()
                stopping = time.monotonic()
                self._waiting.clear()
                self._watch.stop.remote()
            if stopping and time.monotonic() - stopping > STOP_S:
                break
            self._submit()
            ready, _ = ray.wait(list(self._running), num_returns=1, timeout=TELL_S / 2)
            for one in ready:
                self._take(one)
            self._look()
        self._tell("done")

    def _connect(self) -> None:
        if self._work.address != "auto":
            nodes.head_answers(self._work.address)  # Ray itself would try for minutes
        ray.init(
            address=self._work.address,
            runtime_env={
                "working_dir": self._work.code,
                "excludes": ["**/__pycache__"],
                "env_vars": dict(self._work.environment),
            },
            log_to_driver=False,
            namespace=f"footplate-{os.getpid()}",
        )
        self._alive = nodes.alive()
        if self._plan.gpus == "auto":
            self._plan = replace(self._plan, gpus=1.0 if ray.cluster_resources().get("GPU") else 0.0)

    def _put(self) -> None:
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
        self._watch = ray.remote(remote.Watch).options(num_cpus=0, scheduling_strategy=here).remote()
        nodes.check(self._plan, self._work.shards[0][0])
        files = {}
        for digest, path in self._work.files.items():
            with open(path, "rb") as file:  # noqa: PTH123
                files[digest] = ray.put(file.read())
        self._arguments = (f"{os.getpid()}-{time.time()}", ray.put(self._plan), files)
        resources = {"num_gpus": self._plan.gpus} if self._plan.gpus else {"num_cpus": self._cpus()}
        self._do = ray.remote(remote.do).options(max_retries=RETRIES, scheduling_strategy="SPREAD", **resources)

    def _cpus(self) -> int:
        return self._plan.processes if isinstance(self._plan.processes, int) else 1

    def _slots(self) -> int:
        there = ray.cluster_resources()
        many = there.get("GPU", 0) / self._plan.gpus if self._plan.gpus else there.get("CPU", 0) / self._cpus()
        return max(1, int(many))

    def _submit(self) -> None:
        most = self._slots() + len(self._alive) if self._settled else 1
        while self._waiting and len(self._running) < most:
            shard, known = self._waiting.popleft()
            key, plan, files = self._arguments
            self._running[self._do.remote(key, plan, files, shard, known, self._watch)] = shard, known

    def _take(self, one: Any) -> None:
        shard, known = self._running.pop(one)
        try:
            answer: Answer = ray.get(one)
        except RayTaskError as error:
            raise _cause(error) from None
        except RayError as error:
            self._again(shard, known, error)
            return
        self._done, self._settled = self._done + answer.tally, True
        self._tell("answer", answer)

    def _again(self, shard: Shard, known: bytes, error: RayError) -> None:
        self._lost[shard.name] = self._lost.get(shard.name, 0) + 1
        words = f"shard {shard.name} (from {shard.items[0].video_id} on): lost, {type(error).__name__}"
        if self._lost[shard.name] >= LIVES:
            raise FootplateError(f"{words}, {LIVES} times", hint="not enough memory? Ray's logs on its machines tell")
        self._tell("warning", f"{words}; another machine does it")
        self._waiting.append((shard, known))

    def _look(self) -> None:
        """Every second: how far all are, and which machines there are."""
        if time.monotonic() - self._heard < TELL_S:
            return
        nodes.head_answers(ray.get_runtime_context().gcs_address)
        self._heard = time.monotonic()
        now = nodes.alive()
        for name in sorted(self._alive.keys() - now.keys()):
            self._tell("warning", f"machine {self._alive[name]} is lost; {len(now)} are left, and do its shards")
        for name in sorted(now.keys() - self._alive.keys()):
            self._tell("note", f"machine {now[name]} has come")
        self._alive = now
        running = {shard.name for shard, _ in self._running.values()}
        try:
            told = ray.get(self._watch.tallies.remote(), timeout=TELL_S)
        except RayError:
            return
        total = self._done
        for name, tally in told.items():
            if name in running:
                total += tally
        self._tell("tally", (total, len(self._waiting), len(self._running)))

    def _tell(self, kind: str, what: Any = None) -> None:
        self._pipe.send(Said(kind, what))


def _cause(error: RayTaskError) -> Exception:
    """What a task has raised."""
    cause = error.cause
    if isinstance(cause, FootplateError | OutsideError):
        return cause
    print(error, flush=True)
    last = str(error).strip().splitlines()[-1]
    return FootplateError(f"a task of the cluster ended with {last}", hint="work/ray.log of the run tells where")


def main(pipe: Connection) -> int:
    """Do the work that comes over the pipe."""
    work: Work = pipe.recv()
    try:
        Driver(pipe, work).run()
        return 0
    except (FootplateError, OutsideError) as error:
        pipe.send(Said("fault", (error.message, error.hint)))
    except ConnectionError as error:
        pipe.send(Said("gone", str(error).strip().splitlines()[0]))
    return 1
