"""Inference over many videos: some frames of each through all classifiers, resumable at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from engine.errors import DataError
from engine.inferring import asking, building, leaving, placing
from engine.inferring.telling import Teller
from engine.record import Recorder
from engine.scaling import pipeline
from engine.scaling.fetching import Source
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.scaling.pipeline import Pipeline
from engine.specs.infer import Infer
from engine.vision.consuming import Consumer


def run(spec: Infer, out: Recorder) -> None:
    """List the videos, show frames of each to the classifiers, and write tables of what they say."""
    out.phase("list")
    found, source = placing.videos(spec, out)
    items = found.items[: spec.limit or None]
    out.note(f"{placing.place(spec, out)}: {len(found.items)} videos, {found.others} other files" + _limited(spec))
    out.phase("load")
    classifiers = asking.classifiers(spec, out)
    consumers = building.consumers(spec, out, classifiers, len(items))
    journals = placing.journals(spec, out, consumers)
    _infer(spec, out, items, source, consumers, journals)
    if not leaving.write(spec, out, items, classifiers, consumers, journals):
        raise DataError("no video could be looked at", hint="failures.csv tells why, video by video")


def _limited(spec: Infer) -> str:
    return f"; only the first {spec.limit}" if spec.limit else ""


def _infer(
    spec: Infer, out: Recorder, items: Sequence[Item], source: Source, consumers: Sequence[Consumer],
    journals: Sequence[Journal],
) -> None:  # fmt: skip
    """Whatever the journals do not have yet."""
    out.phase("infer")
    left = pipeline.missing(items, journals)
    done, decoders = len(items) - len(left), placing.decoders(spec)
    if done:
        out.note(f"{done} of {len(items)} videos were done before")
    teller = Teller(out, len(items), done, {"download": source.threads, "decode": decoders, "forward": 1})
    work = Pipeline(
        left, consumers, journals, source,
        frames=spec.frames_per_video, decoders=decoders, deadline_s=spec.deadline_s,
    )  # fmt: skip
    with closing(work.run()) as steps:
        for step in steps:
            teller.hear(step)
            if out.stopping:
                break
    teller.end()
    out.checkpoint()
