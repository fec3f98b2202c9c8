"""Features of many videos: one decode for all extractors, each with a log of its own, resumable at any moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.errors import DataError
from engine.inferring import going, leaving, placing
from engine.inferring.recipes import Extracting
from engine.inferring.sharing import remembered
from engine.record import Recorder
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.specs.extract import Extract, Weights
from engine.vision.consuming import Consumer
from engine.vision.detecting.shipped import Given


def run(spec: Extract, out: Recorder) -> None:
    """List the videos, show frames of each to the extractors that have not seen them, and write tables."""
    out.phase("list")
    found, source = placing.videos(out, spec.videos, spec.downloads)
    items = placing.asked(spec, out, found.items)
    out.phase("load")
    recipe = Extracting(spec, {name: _given(out, parts) for name, parts in spec.weights.items()})
    consumers = recipe.make(out)
    for one in consumers:
        out.note(f"{one.name}: version {one.version[:12]}")
    folder = out.work / "journal"
    folder.mkdir(exist_ok=True)
    with remembered(out.workspace.cache / "extract", folder):
        journals = placing.journals(folder, consumers, spec.frames_per_video, spec.checkpoint_every)
        _tell_known(out, consumers, journals, items)
        out.phase("extract")
        going.through(recipe, out, items, source, consumers, journals)
    out.phase("write")
    if not leaving.features(out, items, consumers, journals):
        raise DataError("no video could be looked at", hint="failures.csv tells why, video by video")


def _given(out: Recorder, parts: Mapping[str, Weights]) -> dict[str, Given]:
    """The files to take in place of what packages ship."""
    return {part: Given(out.resolve(one.path), one.sha256) for part, one in parts.items()}


def _tell_known(
    out: Recorder, consumers: Sequence[Consumer], journals: Sequence[Journal], items: Sequence[Item]
) -> None:
    for consumer, journal in zip(consumers, journals, strict=True):
        if known := sum(item.video_id in journal for item in items):
            out.note(f"{consumer.name}: knows {known} of {len(items)} videos already")
