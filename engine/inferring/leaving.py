"""What is left of many videos: tables of frames and videos, those that failed, and of infer those to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine.inferring import measuring, summing
from engine.record import Recorder
from engine.scaling import tables
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.specs.infer import Infer
from engine.vision.classifier import Classifier
from engine.vision.consuming import Column, Consumer

NAMED = 3  # videos that are named for each reason


def write(
    spec: Infer, out: Recorder, items: Sequence[Item], classifiers: Sequence[Classifier],
    consumers: Sequence[Consumer], journals: Sequence[Journal],
) -> int:  # fmt: skip
    """All artifacts of infer; how many videos have a row."""
    out.phase("write")
    done = _write(out, "model_predictions", "one row a video: votes and mean probabilities", items, consumers, journals)
    videos = (*tables.VIDEO, *(column for one in consumers for column in one.video_columns))
    summing.summary(out, items, classifiers, videos, journals, spec.low_confidence)
    return done


def features(out: Recorder, items: Sequence[Item], consumers: Sequence[Consumer], journals: Sequence[Journal]) -> int:
    """All artifacts of extract; how many videos have a row."""
    versions = {one.name: one.version for one in consumers}
    out.write_json("versions.json", versions, "which version of each extractor has told this")
    done = _write(out, "features", "one row a video", items, consumers, journals)
    measuring.summary(out, items, consumers, journals)
    return done


def _write(
    out: Recorder, name: str, about: str, items: Sequence[Item], consumers: Sequence[Consumer],
    journals: Sequence[Journal],
) -> int:  # fmt: skip
    """Tables of frames, videos and failures, and what their columns mean; how many videos have a row."""
    frames = (*tables.FRAME, *(column for one in consumers for column in one.columns))
    videos = (*tables.VIDEO, *(column for one in consumers for column in one.video_columns))
    rows = tables.write_both(out.artifact, name, "one row a frame", frames, lambda: tables.frame_rows(items, journals))
    done = tables.write_both(out.artifact, f"{name}_video", about, videos, lambda: tables.video_rows(items, journals))
    failed = list(tables.failure_rows(items, journals))
    tables.write_csv(out.artifact("failures.csv", "videos without a row, and why"), tables.FAILURES, failed)
    named: dict[str, Sequence[Column]] = {name: frames, f"{name}_video": videos, "failures": tables.FAILURES}
    tables.write_dictionary(out.artifact("data_dictionary.csv", "what each column means"), named)
    out.metric("videos", done)
    out.metric("videos_failed", len(failed))
    out.metric("frames", rows)
    for reason, count in sorted(Counter(row[3] for row in failed).items()):
        out.metric(f"failed_{reason}", count)
    out.note(f"{rows} frames of {done} videos; {len(failed)} videos failed")
    out.finding("videos that failed", f"{len(failed)} of {len(items)}{_reasons(failed)}")
    return done


def _reasons(failed: Sequence[Sequence[Any]]) -> str:
    """Each reason with its count and some of its videos, the most frequent one first."""
    counts = Counter(row[3] for row in failed)
    said = [f"{count} {reason} ({_some([row[0] for row in failed if row[3] == reason])})" for reason, count in
            counts.most_common()]  # fmt: skip
    return f": {', '.join(said)}; failures.csv tells what to do" if said else ""


def _some(names: Sequence[str]) -> str:
    return ", ".join([*names[:NAMED], *["…"] * (len(names) > NAMED)])
