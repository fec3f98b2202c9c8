"""What is left of many videos: tables of frames and videos, those that failed, and of infer those to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine.record import Recorder
from engine.scaling import tables
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.specs.infer import Infer
from engine.tables import writer
from engine.vision.classify import Classifier
from engine.vision.consuming import Column, Consumer

LOW = ("video_id", "model", "label", "mean_probability", "share")


def write(
    spec: Infer, out: Recorder, items: Sequence[Item], classifiers: Sequence[Classifier],
    consumers: Sequence[Consumer], journals: Sequence[Journal],
) -> int:  # fmt: skip
    """All artifacts of infer; how many videos have a row."""
    out.phase("write")
    done = _write(out, "model_predictions", "one row a video: votes and mean probabilities", items, consumers, journals)
    videos = (*tables.VIDEO, *(column for one in consumers for column in one.video_columns))
    _summary(spec, out, items, classifiers, videos, journals)
    return done


def features(out: Recorder, items: Sequence[Item], consumers: Sequence[Consumer], journals: Sequence[Journal]) -> int:
    """All artifacts of extract; how many videos have a row."""
    versions = {one.name: one.version for one in consumers}
    out.write_json("versions.json", versions, "which version of each extractor has told this")
    return _write(out, "features", "one row a video", items, consumers, journals)


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
    out.note(f"{rows} frames of {done} videos; {len(failed)} videos failed{_reasons(failed)}")
    return done


def _summary(
    spec: Infer, out: Recorder, items: Sequence[Item], classifiers: Sequence[Classifier],
    columns: Sequence[Column], journals: Sequence[Journal],
) -> None:  # fmt: skip
    """How labels are distributed, how sure they are, and the videos about which they are not."""
    places = {column.name: number for number, column in enumerate(columns)}
    low = []
    summary: dict[str, Any] = {}
    for one in classifiers:
        labels, confidence = Counter[str](), list[float]()
        for row in tables.video_rows(items, journals):
            label = row[places[f"{one.name}_label"]]
            mean = row[places[f"{one.name}_p_{label}"]]
            labels[label] += 1
            confidence.append(mean)
            if mean < spec.low_confidence:
                low.append((row[0], one.name, label, f"{mean:.4f}", f"{row[places[f'{one.name}_share']]:.4f}"))
        summary[one.name] = _tell(out, spec, one, labels, confidence)
    about = f"videos whose label has a mean probability below {spec.low_confidence:g}"
    with writer(out.artifact("low_confidence.csv", about), LOW) as table:
        for cells in sorted(low):
            table.write(*cells)
    out.write_json("summary.json", summary, "labels and confidence of each classifier, over videos")


def _tell(out: Recorder, spec: Infer, one: Classifier, labels: Counter[str], confidence: list[float]) -> dict[str, Any]:
    total = len(confidence)
    if not total:
        return {"videos": 0}
    mean = sum(confidence) / total
    low = sum(value < spec.low_confidence for value in confidence)
    shares = ", ".join(f"{name} {labels[name]} ({labels[name] / total:.0%})" for name in one.classes)
    out.note(f"{one.name}: {shares}; mean confidence {mean:.2f}; {low} videos below {spec.low_confidence:g}")
    out.metric(f"{one.name}.mean_confidence", mean)
    out.metric(f"{one.name}.low_confidence_videos", low)
    for name in one.classes:
        out.metric(f"{one.name}.share.{name}", labels[name] / total)
    return {
        "videos": total,
        "labels": {name: labels[name] for name in one.classes},
        "mean_confidence": round(mean, 6),
        "low_confidence_videos": low,
    }


def _reasons(failed: Sequence[Sequence[Any]]) -> str:
    counts = Counter(row[3] for row in failed)
    return f": {', '.join(f'{count} {reason}' for reason, count in sorted(counts.items()))}" if counts else ""
