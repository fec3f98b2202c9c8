"""Where videos come from, and where answers are kept while the run goes on."""

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
from engine.scaling.listing import Listing
from engine.specs.infer import Infer
from engine.vision.consuming import Consumer
from vmops import bucket as buckets
from vmops.errors import OutsideError

OF_WORKSPACE = "bucket:"


def videos(spec: Infer, out: Recorder) -> tuple[Listing, Source]:
    """The videos that are asked for, and how their bytes are had."""
    where = place(spec, out)
    if not where.startswith(("gs://", "file://")):
        return listing.folder(out.resolve(where)), Here()
    try:
        bucket = buckets.open(where)
        found = listing.prefix(bucket)
    except OutsideError as error:
        raise DataError(error.message, hint=error.hint) from None
    if bucket.simulated:
        out.note(f"{where}: a simulated bucket", "warning")
    return found, FromBucket(bucket, out.work / "fetched", spec.downloads)


def place(spec: Infer, out: Recorder) -> str:
    """The folder or prefix; `bucket:PREFIX` lies in the bucket of the workspace.

    Raises:
        SpecError: the workspace names no bucket.
    """
    named = spec.videos or out.workspace.settings.videos
    if not named.startswith(OF_WORKSPACE):
        return named
    if not out.workspace.settings.bucket:
        raise SpecError([f"videos: {named}: workspace.yaml names no bucket"], hint="bucket: gs://NAME, in that file")
    bucket = out.workspace.settings.bucket.rstrip("/")
    address = bucket if "://" in bucket else f"file://{(out.workspace.root / bucket).resolve()}"
    return f"{address}/{named.removeprefix(OF_WORKSPACE)}"


def journals(spec: Infer, out: Recorder, consumers: Sequence[Consumer]) -> list[Journal]:
    """What each consumer has answered under this configuration; another configuration has journals of its own."""
    found = []
    for consumer in consumers:
        asked = [consumer.version, spec.frames_per_video, [consumer.view.how, consumer.view.size, *consumer.view.bars]]
        key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
        journal = Journal(out.work / "journal" / key, spec.checkpoint_every)
        journal.forget_passing()
        found.append(journal)
    return found


def decoders(spec: Infer) -> int:
    """How many processes decode: one a processor, unless that was asked otherwise."""
    if spec.compute.processes != "auto":
        return spec.compute.processes
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def backend_file(out: Recorder, consumer_number: int) -> Path:
    """Where it is kept how a consumer's networks run."""
    return out.work / f"backend-{consumer_number}.json"
