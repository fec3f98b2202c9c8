"""What extractors found over all videos: of each number its mean, least and greatest; of each yes or no how often."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.record import Recorder
from engine.scaling import tables
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.vision.consuming import Cell, Column, Consumer


@dataclass
class Measure:
    """A column over the videos in which it has a value."""

    column: Column
    videos: int = 0
    total: float = 0.0
    least: float = float("inf")
    greatest: float = float("-inf")

    def add(self, cell: Cell) -> None:
        if cell is None or isinstance(cell, str):
            return
        value = float(cell)
        self.videos, self.total = self.videos + 1, self.total + value
        self.least, self.greatest = min(self.least, value), max(self.greatest, value)

    @property
    def mean(self) -> float:
        return self.total / self.videos

    def words(self, of: int) -> str:
        """One clause."""
        if not self.videos:
            return f"{self.column.name} of no video"
        some = f", in {self.videos} of {of} videos" if self.videos < of else ""
        if self.column.type == "bool":
            return f"{self.column.name} in {self.total:.0f} of {self.videos} videos"
        unit = f" {self.column.unit}" if self.column.unit else ""
        return f"{self.column.name} {self.mean:.3g}{unit} ({self.least:.3g} to {self.greatest:.3g}{some})"

    def to_json(self) -> dict[str, Any]:
        if not self.videos:
            return {"videos": 0}
        facts = {"videos": self.videos, "mean": round(self.mean, 6), "min": self.least, "max": self.greatest}
        return {**facts, "unit": self.column.unit}


def summary(out: Recorder, items: Sequence[Item], consumers: Sequence[Consumer], journals: Sequence[Journal]) -> None:
    """A sentence an extractor, a number a column, and summary.json."""
    columns = [column for one in consumers for column in one.video_columns]
    measures, videos = of(columns, (row[len(tables.VIDEO) :] for row in tables.video_rows(items, journals)))
    by_name = {one.column.name: one for one in measures}
    for consumer in consumers:
        own = [by_name[column.name] for column in consumer.video_columns if column.name in by_name]
        out.finding(consumer.name, "; ".join(one.words(videos) for one in own) + "; means over videos")
    for one in measures:
        if one.videos:
            out.metric(one.column.name, one.mean)
    told = {one.column.name: one.to_json() for one in measures}
    out.write_json("summary.json", told, "mean, least and greatest of each feature, over videos")


def of(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> tuple[list[Measure], int]:
    """The measures of all columns that are no text, and how many rows there were."""
    measures, count = [Measure(column) for column in columns], 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the count is an answer
        for measure, cell in zip(measures, row, strict=True):
            measure.add(cell)
    return [one for one in measures if one.column.type != "text"], count
