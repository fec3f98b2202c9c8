"""Videos through the pipeline while a run tells of it; for every job over many videos."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from engine.inferring import committing, placing
from engine.inferring.telling import Teller
from engine.record import Recorder
from engine.scaling import pipeline, shards
from engine.scaling.fetching import Source
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.scaling.pipeline import Pipeline
from engine.specs.videos import OverVideos
from engine.vision.consuming import Consumer


def through(
    spec: OverVideos, out: Recorder, items: Sequence[Item], source: Source, consumers: Sequence[Consumer],
    journals: Sequence[Journal],
) -> None:  # fmt: skip
    """Show what is not known yet to those who have not seen it; a stop leaves everything saved.

    Raises:
        Stopped: the run was asked to stop.
    """
    versions = {
        journal.folder.name: f"{one.name} {one.version}" for journal, one in zip(journals, consumers, strict=True)
    }
    pieces = shards.cut(items, spec.videos_per_shard)
    committer = committing.begin(out, spec.compute.checkpoints, pieces, journals, versions)
    left = pipeline.missing(items, journals)
    done = {item.video_id for item in items} - {video.item.video_id for video in left}
    if done:
        out.note(f"{len(done)} of {len(items)} videos were done before")
    committer.known(sorted(done))
    decoders = placing.decoders(spec.compute.processes)
    teller = Teller(out, len(items), len(done), {"download": source.threads, "decode": decoders, "forward": 1})
    work = Pipeline(
        left, consumers, journals, source,
        frames=spec.frames_per_video, decoders=decoders, deadline_s=spec.deadline_s,
    )  # fmt: skip
    try:
        with closing(work.run()) as steps:
            for step in steps:
                teller.hear(step)
                if step.video_id:
                    committer.done(step.video_id)
                if out.stopping:
                    break
    finally:
        committer.close(stopping=out.stopping)
    teller.end()
    out.checkpoint()
