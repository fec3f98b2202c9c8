"""What classifiers found over all videos: how labels are distributed, how sure they are, which videos to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from engine.record import Recorder
from engine.scaling import tables
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.tables import writer
from engine.vision.classifier import Classifier
from engine.vision.consuming import Column

LOW = ("video_id", "model", "label", "mean_probability", "share")
NAMED = 5  # videos that a sentence names
Low = tuple[float, str, str, float]  # mean probability, video, label, share of votes


def summary(
    out: Recorder, items: Sequence[Item], classifiers: Sequence[Classifier], columns: Sequence[Column],
    journals: Sequence[Journal], below: float,
) -> None:  # fmt: skip
    """Sentences and numbers of each classifier, and a table of videos whose label is less likely than `below`."""
    places = {column.name: number for number, column in enumerate(columns)}
    told, doubtful = dict[str, Any](), list[tuple[str, str, str, str, str]]()
    for one in classifiers:
        labels, sure, tied, low = Counter[str](), 0.0, 0, list[Low]()
        for video_id, label, mean, share, tie in _votes(one, places, tables.video_rows(items, journals)):
            labels[label] += 1
            sure, tied = sure + mean, tied + tie
            if mean < below:
                low.append((mean, video_id, label, share))
        told[one.name] = _tell(out, one, labels, sure, tied, low, below)
        doubtful += [(video_id, one.name, label, f"{mean:.4f}", f"{share:.4f}") for mean, video_id, label, share in low]
    about = f"videos whose label has a mean probability below {below:g}"
    with writer(out.artifact("low_confidence.csv", about), LOW) as table:
        for cells in sorted(doubtful):
            table.write(*cells)
    out.write_json("summary.json", told, "labels and confidence of each classifier, over videos")


def _votes(
    one: Classifier, places: dict[str, int], rows: Iterator[list[Any]]
) -> Iterator[tuple[str, str, float, float, bool]]:
    """(video_id, label, its mean probability, its share of votes, tied) of each video."""
    for row in rows:
        of = {key: row[places[f"{one.name}_{key}"]] for key in ("label", "share", "tied")}
        yield row[0], of["label"], row[places[f"{one.name}_p_{of['label']}"]], of["share"], of["tied"]


def _tell(
    out: Recorder, one: Classifier, labels: Counter[str], sure: float, tied: int, low: Sequence[Low],
    below: float,
) -> dict[str, Any]:  # fmt: skip
    total = labels.total()
    if not total:
        return {"videos": 0}
    shares = ", ".join(f"{name} {labels[name]} ({labels[name] / total:.0%})" for name in one.classes)
    ties = f"; {tied} tied, decided by the mean probability" if tied else ""
    out.finding(one.name, f"{shares}{ties}; mean confidence {sure / total:.2f}; {_doubts(low, total, below)}")
    out.metric(f"{one.name}.mean_confidence", sure / total)
    out.metric(f"{one.name}.low_confidence_videos", len(low))
    for name in one.classes:
        out.metric(f"{one.name}.share.{name}", labels[name] / total)
    return {
        "videos": total,
        "labels": {name: labels[name] for name in one.classes},
        "mean_confidence": round(sure / total, 6),
        "tied_videos": tied,
        "low_confidence_videos": len(low),
    }


def _doubts(low: Sequence[Low], total: int, below: float) -> str:
    """How many videos are doubtful, and the most doubtful ones by name."""
    if not low:
        return f"no video below {below:g}"
    worst = ", ".join(f"{video_id} ({mean:.2f})" for mean, video_id, *_ in sorted(low)[:NAMED])
    rest = ", … all in low_confidence.csv" if len(low) > NAMED else ""
    return f"{len(low)} of {total} videos below {below:g}: {worst}{rest}"
