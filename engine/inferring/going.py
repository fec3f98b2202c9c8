"""Videos through the pipeline while a run tells of it; for every job over many videos."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from engine.inferring.telling import Teller
from engine.record import Recorder
from engine.scaling import pipeline
from engine.scaling.fetching import Source
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.scaling.pipeline import Pipeline
from engine.vision.consuming import Consumer


def through(
    out: Recorder, items: Sequence[Item], source: Source, consumers: Sequence[Consumer], journals: Sequence[Journal],
    *, frames: int, decoders: int, deadline_s: float,
) -> None:  # fmt: skip
    """Show what the journals do not have yet to those who have not seen it; a stop leaves everything saved.

    Raises:
        Stopped: the run was asked to stop.
    """
    left = pipeline.missing(items, journals)
    done = len(items) - len(left)
    if done:
        out.note(f"{done} of {len(items)} videos were done before")
    teller = Teller(out, len(items), done, {"download": source.threads, "decode": decoders, "forward": 1})
    work = Pipeline(left, consumers, journals, source, frames=frames, decoders=decoders, deadline_s=deadline_s)
    with closing(work.run()) as steps:
        for step in steps:
            teller.hear(step)
            if out.stopping:
                break
    teller.end()
    out.checkpoint()
