"""Text on the screen: whether there is any, how much of the frame it takes, and how often it changes.

How often it changes is told from the detections over time:
- A region of text is the same one in two frames where the boxes around it overlap by at least half of what they cover
  together, and their prints are alike (a print tells where, on 8 lines of 96 parts, it gets lighter or darker from left
  to right, by 0.3 of what the strongest twentieth does; at most 24 % of these edges may have no match within one part).
  So neither a box that trembles nor what moves behind the letters is a change, another text in the same place is one.
- The text has changed from one frame to the next where less than half of the area of the text (of that frame which has
  more) is in regions that stay; text that comes or goes is a change too.
- What is back as it was within 0.5 s was a detector's flicker, and no change.
- The rate is changes over the time from the first frame that was looked at to the last. No more than one change can be
  seen between two of them: with frames d seconds apart it is at most 1/d.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from engine.vision.consuming import Batch, Column, Row, View
from engine.vision.decode import Frame
from engine.vision.detecting import dbnet, regions
from engine.vision.detecting.abreast import Abreast
from engine.vision.detecting.dbnet import Quad, TextDetector
from engine.vision.detecting.polygons import union_area
from engine.vision.detecting.shipped import Shipped, Weights, stamp
from engine.vision.extractors.summary import mean

Edges = np.ndarray[Any, np.dtype[np.bool_]]
STAMP = "text 2"  # changes when this file's answers do, or those of dbnet.py, regions.py and polygons.py
SIZE = 640
PRINT = (8, 96)  # lines and parts of a print
EDGE = 0.3  # of the 95th percentile of differences between neighbours
OVERLAP = 0.5
DIFFERENT = 0.24  # of a print's edges
STAYS = 0.5
FLICKER_S = 0.5


class Text:
    """Tells of each frame where text is, and of a video how much there is and how often it changes."""

    needs: ClassVar[Mapping[str, Shipped]] = {"detector": dbnet.SHIPPED}
    name = "text"
    view = View("bounded", SIZE)
    batch = 8
    columns = (
        Column("has_text", "bool", "whether any text was found in the frame"),
        Column("text_area_ratio", "float", "area of the union of the text's rectangles over that of the frame", "",
               "0 to 1", 6),
        Column("text_count", "int", "how many regions of text, mostly lines or words", "regions", "0 to 100"),
        Column("text_regions", "text", "JSON: of each region the four corners (x, y as shares of width and height)"
               " and its print; the largest first"),
    )  # fmt: skip
    video_columns = (
        Column("has_text", "bool", "whether text was found in any frame that was looked at"),
        Column("has_text_ratio", "float", "share of frames with text", "", "0 to 1", 4),
        Column("text_area_ratio", "float", "mean of the frames' text_area_ratio, those without text as 0", "",
               "0 to 1", 6),
        Column("text_changes", "int", "how often the text differs from one frame looked at to the next; see"
               " text_changes_per_second", "changes", "0 to frames - 1"),
        Column("text_changes_per_second", "float", "text_changes over the time from the first frame looked at to the"
               " last; text has changed where less than half of its area is in regions that stay (overlap of at least"
               f" {OVERLAP:g}, print alike), and is not back within {FLICKER_S:g} s; empty for a single frame", "1/s",
               "0 to frames looked at per second", 4),
    )  # fmt: skip

    def __init__(self, weights: Mapping[str, Weights], threads: int = 1) -> None:
        parameters = {
            "size": [SIZE, dbnet.LONG, dbnet.SHORT, dbnet.SQUASH],
            "again": [dbnet.LONG_AGAIN, dbnet.SHORT_AGAIN, dbnet.LARGE, dbnet.CONFIRMED],
            "regions": [regions.THRESHOLD, regions.SCORE, regions.GROWTH, regions.SMALLEST, regions.MOST],
            "changes": [*PRINT, EDGE, OVERLAP, DIFFERENT, STAYS, FLICKER_S],
        }
        self.version = stamp(STAMP, parameters, weights)
        self._detector = TextDetector(weights["detector"])
        self._rows = Abreast(self._frame, threads)

    def frames(self, batch: Batch) -> list[Row]:
        """Of each frame whether, how much, how many, and where."""
        return self._rows(batch.pixels)

    def _frame(self, frame: Frame) -> Row:
        height, width, _ = frame.shape
        quads = self._detector(frame)
        found = [[np.round(quad / [width, height], 4).tolist(), printed(frame, quad)] for quad in quads]
        ratio = round(union_area(quads, height, width) / (height * width), 6)
        return [bool(quads), ratio, len(quads), json.dumps(found, separators=(",", ":"))]

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        """Whether, how much, and how often it changes."""
        there = [float(bool(row[0])) for row in rows]
        seconds = times[-1] - times[0] if times else 0.0
        count = changes([state(str(row[3])) for row in rows], times)
        rate = round(count / seconds, 4) if seconds > 0 else None
        return [any(there), mean(there), mean([float(row[1] or 0) for row in rows], 6), count, rate]


@dataclass(frozen=True)
class Region:
    """A region of text: its upright box as shares of the frame, and its print (2, 8, 95): lighter, darker."""

    box: tuple[float, float, float, float]
    edges: Edges

    @property
    def area(self) -> float:
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


State = Sequence[Region]


def printed(frame: Frame, quad: Quad) -> str:
    """The print of a region, in base64."""
    first = int(quad.sum(axis=1).argmin())
    top_left, top_right, bottom_right, bottom_left = np.roll(quad, -first, axis=0)
    corners = (*top_left, *bottom_left, *bottom_right, *top_right)
    lines, parts = PRINT
    cut = Image.fromarray(frame).transform(
        (parts * 4, lines * 4), Image.Transform.QUAD, corners, Image.Resampling.BILINEAR
    )
    grey = np.asarray(cut.convert("L"), np.float64).reshape(lines, 4, parts, 4).mean(axis=(1, 3))
    rise = np.diff(grey, axis=1)
    least = max(1.0, float(np.percentile(np.abs(rise), 95))) * EDGE
    return base64.b64encode(np.packbits(np.stack([rise > least, rise < -least])).tobytes()).decode()


def state(cell: str) -> State:
    """The regions that a cell of `text_regions` tells of."""
    return [_region(corners, text) for corners, text in json.loads(cell)]


def _region(corners: Sequence[tuple[float, float]], text: str) -> Region:
    xs, ys = zip(*corners, strict=True)
    lines, parts = PRINT
    bits = np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8), count=2 * lines * (parts - 1))
    return Region((min(xs), min(ys), max(xs), max(ys)), bits.reshape(2, lines, parts - 1).astype(bool))


def changes(seen: Sequence[State], times: Sequence[float]) -> int:
    """How often the text changes, from one frame to the next; what is back within half a second has not."""
    count, before = 0, 0
    for now in range(1, len(seen)):
        if alike(seen[before], seen[now]):
            before = now
        elif not _back(seen, times, before, now):
            count += 1
            before = now
    return count


def _back(seen: Sequence[State], times: Sequence[float], before: int, now: int) -> bool:
    """Whether the text is soon again as it was."""
    for later in range(now + 1, len(seen)):
        if times[later] - times[before] > FLICKER_S:
            return False
        if alike(seen[before], seen[later]):
            return True
    return False


def alike(one: State, other: State) -> bool:
    """Whether two frames have the same text."""
    most = max(_total(one), _total(other))
    if not most:
        return len(one) == len(other)
    left, stays = list(other), 0.0
    for region in one:
        found = next((number for number, candidate in enumerate(left) if _same(region, candidate)), None)
        if found is not None:
            stays += max(region.area, left.pop(found).area)
    return stays >= STAYS * most


def _total(regions_seen: State) -> float:
    return sum(region.area for region in regions_seen)


def _same(one: Region, other: Region) -> bool:
    across = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    down = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    both = max(across, 0.0) * max(down, 0.0)
    overlap = both >= OVERLAP * (one.area + other.area - both)
    return overlap and _differ(one.edges, other.edges) <= DIFFERENT


def _differ(one: Edges, other: Edges) -> float:
    """The share of edges that have no match in the other print, a part to the left or right at most."""
    edges = int(one.sum() + other.sum())
    return 1 - int((one & _wider(other)).sum() + (other & _wider(one)).sum()) / edges if edges else 0.0


def _wider(edges: Edges) -> Edges:
    found = edges.copy()
    found[..., 1:] |= edges[..., :-1]
    found[..., :-1] |= edges[..., 1:]
    return found
