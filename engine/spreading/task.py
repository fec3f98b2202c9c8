"""One task: a shard is done where it is not committed yet, and committed. Knows nothing of Ray.

Consumers are made once in a process and serve all its shards.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, cast

from engine.errors import DataError, Stopped
from engine.files import sha256, write_atomic
from engine.inferring import placing
from engine.record import Recorder
from engine.scaling import pipeline
from engine.scaling.absorbing import take
from engine.scaling.commits import Commits, read, reason, versions, whole
from engine.scaling.fetching import FromBucket, Here, Source
from engine.scaling.pipeline import Pipeline, Step
from engine.scaling.shards import Shard
from engine.spreading.aside import Aside
from engine.spreading.plan import Answer, Plan, Tally
from engine.vision.consuming import Consumer
from engine.vision.detecting import shipped
from vmops import bucket as buckets
from vmops.bucket import Bucket
from vmops.errors import Conflict, NotFound, OutsideError, Unavailable
from vmops.storage import ABSENT

TRIES = 5
BACKEND = "backend-*.json"
FOLDERS = "footplate-task-"

Tell = Callable[[Tally], bool]


class Bench:
    """What a process keeps from shard to shard: consumers, the store, a folder."""

    def __init__(self, plan: Plan, files: Mapping[str, bytes], device: str) -> None:
        self.plan = plan
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-"))
        self.out = Aside(device, self.folder)
        self.store: Bucket = buckets.open(plan.store)
        _settled_before(self.store, plan.prefix, self.folder)
        recipe = plan.recipe.moved(lambda digest: _file(digest, plan.names[digest], files[digest]))
        self.consumers = list[Consumer](recipe.make(cast(Recorder, self.out)))

    def commits(self, keys: Mapping[str, str]) -> Commits:
        """The commits of these consumers."""
        return Commits(self.store, self.plan.prefix, keys)

    def source(self) -> Source:
        """Where videos come from."""
        if "://" not in self.plan.videos:
            return Here()
        return FromBucket(buckets.open(self.plan.videos), self.folder / "fetched", self.plan.downloads)


_bench: list[tuple[str, Bench]] = []


def bench(key: str, plan: Plan, files: Callable[[], Mapping[str, bytes]], device: str) -> Bench:
    """That of this process; another plan makes another one."""
    if not _bench or _bench[0][0] != key:
        for _, old in _bench:
            shutil.rmtree(old.folder, ignore_errors=True)
        _bench[:] = [(key, Bench(plan, files(), device))]
    return _bench[0][1]


def do(at: Bench, shard: Shard, known: bytes, decoders: int, tell: Tell) -> Answer:
    """Do what is left of a shard, and commit it.

    Args:
        known: what the run knows of it already.
        tell: hears how far it is, and says whether to stop; called often.
    """
    with tempfile.TemporaryDirectory(dir=at.folder) as scratch:
        journals = placing.journals(Path(scratch), at.consumers, at.plan.frames, 1 << 30)
        commits = at.commits(versions(journals, at.consumers))
        try:
            with suppress(NotFound):
                commits.one(shard)
                return _answer(at, shard, "committed", Tally())
            if known:
                take(read(known, shard.name), journals, {item.video_id: item for item in shard.items})
            tally, stopped = _through(at, shard, journals, decoders, tell)
            data = commits.pack(shard, journals)
            if stopped or not whole(shard, journals):
                return _answer(at, shard, "partial", tally, data)
            return _committed(at, commits, shard, data, tally)
        finally:
            for journal in journals:
                journal.close()


def _through(at: Bench, shard: Shard, journals: Any, decoders: int, tell: Tell) -> tuple[Tally, bool]:
    plan, tally = at.plan, Tally()
    at.out.stops = lambda: tell(tally)
    left = pipeline.missing(shard.items, journals)
    if not left or at.out.stops():
        return tally, at.out.stops()
    work = Pipeline(
        left, at.consumers, journals, at.source(),
        frames=plan.frames, decoders=decoders, deadline_s=plan.deadline_s, check=at.out.checkpoint,
    )  # fmt: skip
    with suppress(Stopped), closing(work.run()) as steps:
        for step in steps:
            tally = _tally(step)
            if at.out.stops():
                break
    return tally, at.out.stops()


def _committed(at: Bench, commits: Commits, shard: Shard, data: bytes, tally: Tally) -> Answer:
    """Commit; where the store takes nothing in some tries, the answer carries the data home."""
    _settle(at)
    for left in range(TRIES - 1, -1, -1):
        try:
            other = commits.save(shard, data)
            return _answer(at, shard, "committed" if other is None else "otherwise", tally)
        except (OutsideError, DataError) as error:
            if not left or not isinstance(error, Unavailable):
                at.out.note(f"shard {shard.name} is not committed: {reason(error)}", "warning")
                return _answer(at, shard, "partial", tally, data)
            time.sleep(2.0 ** (TRIES - 1 - left))
    raise AssertionError("the last try returns")


def _answer(at: Bench, shard: Shard, state: str, tally: Tally, data: bytes = b"") -> Answer:
    return Answer(shard.name, state, socket.gethostname(), tally, data, at.out.taken())


def _tally(step: Step) -> Tally:
    load = step.load
    return Tally(load.videos, load.frames, load.download_s, load.decode_s, load.forward_s, step.replaced)


def _sweep() -> None:
    """Remove the folders of processes that are not there any more, since Ray kills them without a word."""
    running = Path("/proc")
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*") if running.is_dir() else ():
        process = folder.name.removeprefix(FOLDERS).partition("-")[0]
        if not (running / process).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _settled_before(store: Bucket, prefix: str, folder: Path) -> None:
    """How networks run, where another machine has found that out for this run."""
    for entry in store.entries(f"{prefix}backend-"):
        write_atomic(folder / entry.name.rpartition("/")[2], store.read(entry.name).data)


def _settle(at: Bench) -> None:
    for path in at.folder.glob(BACKEND):
        with suppress(Conflict):
            at.store.write(f"{at.plan.prefix}{path.name}", path.read_bytes(), if_generation=ABSENT)


def _file(digest: str, name: str, data: bytes) -> Path:
    """A file of weights on this machine, kept by its hash for all processes and runs."""
    path = shipped.store() / f"{digest[:16]}-{name}"
    if not path.is_file() or sha256(path) != digest:
        write_atomic(path, data)
    return path


def decoders(asked: int | str, gpus: float, node_gpus: float) -> int:
    """How many processes decode for one task: with a GPU its share of the processors, else one."""
    if asked != "auto":
        return int(asked)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(cores * gpus / node_gpus)) if gpus and node_gpus else 1
