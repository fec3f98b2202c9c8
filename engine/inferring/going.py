"""Videos through the pipeline while a run tells of it; for every job over many videos."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from engine.inferring import committing, placing
from engine.inferring.committing import Committer
from engine.inferring.recipes import Recipe
from engine.inferring.telling import Teller
from engine.record import Recorder
from engine.scaling import pipeline, shards
from engine.scaling.commits import Commits
from engine.scaling.fetching import Source
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.scaling.pipeline import Pipeline
from engine.scaling.shards import Shard
from engine.vision.consuming import Consumer


def through(
    recipe: Recipe, out: Recorder, items: Sequence[Item], source: Source, consumers: Sequence[Consumer],
    journals: Sequence[Journal],
) -> None:  # fmt: skip
    """Show what is not known yet to those who have not seen it; a stop leaves everything saved.

    Raises:
        Stopped: the run was asked to stop.
    """
    spec = recipe.spec
    pieces = shards.cut(items, spec.videos_per_shard)
    commits, committed = committing.before(out, spec.compute, pieces, journals, consumers)
    if spec.compute.engine == "ray" and not _spread(recipe, out, pieces, journals, commits, committed):
        out.checkpoint()
        return
    committer = Committer(out, commits, pieces, journals, committed)
    try:
        _here(recipe, out, items, source, consumers, journals, committer)
    finally:
        committer.close()
    out.checkpoint()


def _spread(
    recipe: Recipe, out: Recorder, pieces: Sequence[Shard], journals: Sequence[Journal],
    commits: Commits, committed: set[str],
) -> bool:  # fmt: skip
    """Over a cluster; whether something is left for this machine."""
    from engine.inferring.spread import Spread  # few runs ask for it

    return Spread(recipe, out, pieces, journals, commits).run(committed)


def _here(
    recipe: Recipe, out: Recorder, items: Sequence[Item], source: Source, consumers: Sequence[Consumer],
    journals: Sequence[Journal], committer: Committer,
) -> None:  # fmt: skip
    """On this machine."""
    spec = recipe.spec
    left = pipeline.missing(items, journals)
    done = {item.video_id for item in items} - {video.item.video_id for video in left}
    if done:
        out.note(f"{len(done)} of {len(items)} videos were done before")
    committer.known(sorted(done))
    decoders = placing.decoders(spec.compute.processes)
    stages = {"download": source.threads, "decode": decoders, "forward": 1}
    teller = Teller(out, len(items), len(done), stages, recipe.advice)
    work = Pipeline(
        left, consumers, journals, source,
        frames=spec.frames_per_video, decoders=decoders, deadline_s=spec.deadline_s, check=out.checkpoint,
    )  # fmt: skip
    with closing(work.run()) as steps:
        for step in steps:
            teller.hear(step)
            if step.video_id:
                committer.done(step.video_id)
            if out.stopping:
                break
    teller.end()
