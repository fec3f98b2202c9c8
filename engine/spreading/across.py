"""A run's side of a cluster: has shards done by the process that speaks with Ray, and keeps what comes of them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from engine import code
from engine.errors import DataError
from engine.record import Recorder
from engine.scaling.shards import Shard
from engine.spreading.plan import Plan, Said, Work

CONNECT_S = 90.0
STOP_S = 9.0
TICK_S = 0.5
MISSING = "pip install 'footplate[ray]' here and on every machine of the cluster"
NO_CLUSTER = (
    "bring one up (docs/clusters.md: ray start --head), name its head in compute.address, or take engine: local"
)


class NoCluster(DataError):
    """None answers at the address."""


class Lost(Exception):
    """The cluster has gone, or the process that spoke with it; what it had committed is there."""


def require() -> None:
    """Raises DataError where Ray is not installed."""
    if importlib.util.find_spec("ray") is None:
        raise DataError("compute.engine: ray: the package ray is not installed", hint=MISSING)


def work(plan: Plan, shards: Sequence[tuple[Shard, bytes]], address: str) -> Work:
    """What the driver is to have done, with the code of this process."""
    threads = str(plan.threads)
    limits = {f"{name}_NUM_THREADS": threads for name in ("OMP", "MKL", "OPENBLAS")}
    files = {digest: str(path) for digest, path in plan.recipe.files().items()}
    return Work(plan, shards, files, str(code.HERE), address, {**limits, "PYTHONHASHSEED": "0"})


def hear(out: Recorder, asked: Work) -> Iterator[Said]:
    """Have it done; what the driver says, until it is done or has stopped as the run was asked to.

    Raises:
        DataError: there is no cluster, it does not see what it needs, or a task cannot be done.
        Lost: it was there and is not any more.
    """
    log = out.work / "ray.log"
    with _driver(log) as (child, pipe):
        _send(pipe, asked)
        begun, told, end = False, False, time.monotonic() + CONNECT_S
        while True:
            if out.stopping and not told:
                told, end = True, time.monotonic() + STOP_S
                _send(pipe, "stop")
            if time.monotonic() > end and (told or not begun):
                if told:
                    return
                raise NoCluster(f"no Ray cluster answers at {asked.address}", hint=NO_CLUSTER)
            said = _next(pipe, child, begun, asked.address, log)
            if said is None:
                continue
            if said.kind == "done":
                return
            if said.kind == "fault":
                raise DataError(said.what[0], hint=said.what[1])
            if said.kind == "gone":
                raise _gone(begun, asked.address, said.what)
            begun = begun or said.kind == "begun"
            yield said


def _next(pipe: Connection, child: subprocess.Popen[bytes], begun: bool, address: str, log: Path) -> Said | None:
    try:
        if pipe.poll(TICK_S):
            said: Said = pipe.recv()
            return said
    except (EOFError, OSError):
        child.wait()
        lines = log.read_text(errors="replace").strip().splitlines()
        print("\n".join(lines[-20:]), flush=True)  # into the log of the run
        raise _gone(begun, address, f"its driver ended with {child.returncode}; ray.log tells more") from None
    return None


def _gone(begun: bool, address: str, words: str) -> Exception:
    return Lost(words) if begun else NoCluster(f"no Ray cluster at {address}: {words}", hint=NO_CLUSTER)


@contextmanager
def _driver(log: Path) -> Iterator[tuple[subprocess.Popen[bytes], Connection]]:
    ours, theirs = Pipe()
    # Ray's dashboards, statistics and its own log lines are no part of a run.
    environment: Mapping[str, str] = {
        **os.environ,
        "FOOTPLATE_SUPERVISOR": str(os.getpid()),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        "PYTHONPATH": os.pathsep.join([str(code.HERE), *(path for path in sys.path if path)]),
    }
    with log.open("wb") as file:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.spreading", str(theirs.fileno())],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment,
        )  # fmt: skip
    theirs.close()
    try:
        yield child, ours
    finally:
        child.kill()
        child.wait()
        ours.close()


def _send(pipe: Connection, what: Work | str) -> None:
    try:
        pipe.send(what)
    except OSError:  # it has ended, which is heard next
        return
