"""Inference over many videos: some frames of each through all classifiers, resumable at any moment."""

from __future__ import annotations

from engine.errors import DataError
from engine.inferring import asking, going, leaving, placing
from engine.inferring.recipes import Classifying
from engine.record import Recorder
from engine.specs.infer import Infer


def run(spec: Infer, out: Recorder) -> None:
    """List the videos, show frames of each to the classifiers, and write tables of what they say."""
    out.phase("list")
    found, source = placing.videos(out, spec.videos, spec.downloads)
    items = placing.asked(spec, out, found.items)
    out.phase("load")
    classifiers = asking.classifiers(spec, out)
    recipe = Classifying(spec, len(items), classifiers)
    consumers = recipe.make(out)
    journals = placing.journals(out.work / "journal", consumers, spec.frames_per_video, spec.checkpoint_every)
    out.phase("infer")
    going.through(recipe, out, items, source, consumers, journals)
    if not leaving.write(spec, out, items, classifiers, consumers, journals):
        raise DataError("no video could be looked at", hint="failures.csv tells why, video by video")
