"""The pipeline over a folder in a process of its own, which tests kill: `python -m tests.engine.scaling.driver`."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from engine.scaling import listing, pipeline, tables
from engine.scaling.fetching import FromBucket, Here, Source
from engine.scaling.journal import FLUSH_S, Journal
from engine.scaling.listing import Item
from engine.scaling.pipeline import Pipeline
from engine.vision.consuming import Consumer, View
from tests.engine.scaling.means import Means
from vmops import bucket as buckets


def drive(
    videos: Path | str, work: Path, *, decoders: int, batch: int, every: int = 500, flush_s: float = FLUSH_S,
    deadline_s: float = 30.0,
) -> int:  # fmt: skip
    """Do what is left and write the tables; how many videos were left."""
    consumers: list[Consumer] = [Means(batch), Means(batch + 3, "large", View("bounded", 40))]
    journals = [Journal(work / consumer.name, every, flush_s) for consumer in consumers]
    items, source = _source(videos, work)
    left = pipeline.missing(items, journals)
    work_left = Pipeline(left, consumers, journals, source, frames=4, decoders=decoders, deadline_s=deadline_s)
    with closing(work_left.run()) as steps:
        for step in steps:
            if step.video_id:
                sys.stdout.write(f"{step.video_id} {step.failed}\n")
                sys.stdout.flush()
    frames = (*tables.FRAME, *(column for one in consumers for column in one.columns))
    whole = (*tables.VIDEO, *(column for one in consumers for column in one.video_columns))
    made = lambda name, about: work / name  # noqa: E731
    tables.write_both(made, "frames", "", frames, lambda: tables.frame_rows(items, journals))
    tables.write_both(made, "videos", "", whole, lambda: tables.video_rows(items, journals))
    tables.write_csv(work / "failures.csv", tables.FAILURES, tables.failure_rows(items, journals))
    for journal in journals:
        journal.close()
    return len(left)


def _source(videos: Path | str, work: Path) -> tuple[list[Item], Source]:
    """The clips of a folder, or of a bucket whose storage is named by the environment."""
    if isinstance(videos, Path):
        return listing.folder(videos).items, Here()
    bucket = buckets.open(videos)
    return listing.prefix(bucket).items, FromBucket(bucket, work / "fetched", 4, first_wait_s=0.01)


def made(work: Path) -> dict[str, bytes]:
    """The tables."""
    return {path.name: path.read_bytes() for path in sorted(work.glob("*.*")) if path.is_file()}


if __name__ == "__main__":
    place, folder, decoders, batch = sys.argv[1:]
    there = place if place.startswith("gs://") else Path(place)
    drive(there, Path(folder), decoders=int(decoders), batch=int(batch), every=20, flush_s=0.0)
