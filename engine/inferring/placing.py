"""Where videos come from, and where answers are kept while a run goes on; for every job over many videos."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from engine.errors import DataError, SpecError
from engine.record import Recorder
from engine.scaling import listing
from engine.scaling.fetching import FromBucket, Here, Source
from engine.scaling.journal import Journal
from engine.scaling.listing import Item, Listing
from engine.scaling.shards import cut
from engine.specs.videos import OverVideos
from engine.vision.consuming import Consumer
from vmops import bucket as buckets
from vmops.errors import OutsideError

OF_WORKSPACE = "bucket:"


def videos(out: Recorder, named: str, downloads: int) -> tuple[Listing, Source]:
    """The videos of a folder or prefix, and how their bytes are had; says how many there are.

    Raises:
        DataError: there are none, or nobody lets us see them.
        SpecError: the workspace names no bucket.
    """
    where = address(out, named)
    if where.startswith(("gs://", "file://")):
        found, source = _bucket(out, where, downloads)
    else:
        found, source = listing.folder(out.resolve(where)), Here()
    out.finding("what is read", f"{where}: {len(found.items)} videos, {found.others} other files")
    return found, source


def asked(spec: OverVideos, out: Recorder, items: Sequence[Item]) -> list[Item]:
    """The videos that a spec wants to be looked at: the first ones, and a part of their shards.

    Raises:
        DataError: there are fewer shards than parts, and none is left for this one.
    """
    first = list(items[: spec.limit or None])
    if len(first) < len(items):
        out.note(f"only the first {len(first)} are looked at, as limit says", "warning")
    number, count = map(int, spec.part.split("/"))
    shards = cut(first, spec.videos_per_shard)
    if len(shards) < number:
        raise DataError(f"part: {spec.part}: there are {len(shards)} shards", hint="fewer parts, or videos_per_shard")
    wanted = [item for shard in shards[number - 1 :: count] for item in shard.items]
    if count > 1:
        out.note(f"part {spec.part}: {len(wanted)} of {len(first)} videos", "warning")
    return wanted


def address(out: Recorder, named: str) -> str:
    """A folder or the address of a prefix; empty names the workspace's folder, `bucket:PREFIX` is in its bucket."""
    named = named or out.workspace.settings.videos
    if not named.startswith(OF_WORKSPACE):
        return named
    if not out.workspace.settings.bucket:
        raise SpecError([f"videos: {named}: workspace.yaml names no bucket"], hint="bucket: gs://NAME, in that file")
    bucket = out.workspace.settings.bucket.rstrip("/")
    whole = bucket if "://" in bucket else f"file://{(out.workspace.root / bucket).resolve()}"
    return f"{whole}/{named.removeprefix(OF_WORKSPACE)}"


def _bucket(out: Recorder, where: str, downloads: int) -> tuple[Listing, Source]:
    try:
        bucket = buckets.open(where)
        found = listing.prefix(bucket)
    except OutsideError as error:
        raise DataError(error.message, hint=error.hint) from None
    if bucket.simulated:
        out.note(f"{where}: a simulated bucket", "warning")
    return found, FromBucket(bucket, out.work / "fetched", downloads)


def journals(folder: Path, consumers: Sequence[Consumer], frames: int, every: int) -> list[Journal]:
    """What each consumer has answered when it was shown so many frames of each video.

    Another version of a consumer, another view or number of frames has a journal of its own.
    """
    found = []
    for one in consumers:
        asked = [one.version, frames, [one.view.how, one.view.size, *one.view.bars]]
        key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
        journal = Journal(folder / key, every)
        journal.forget_passing()
        found.append(journal)
    return found


def decoders(asked: int | str) -> int:
    """How many processes decode: one a processor, unless that was asked otherwise."""
    if asked != "auto":
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
