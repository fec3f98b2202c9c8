"""How many things a frame shows, of COCO's 80 kinds, and of which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from engine.vision.consuming import Batch, Column, Row, View
from engine.vision.decode import Frame
from engine.vision.detecting import tinyyolo
from engine.vision.detecting.abreast import Abreast
from engine.vision.detecting.shipped import Shipped, Weights, stamp
from engine.vision.detecting.tinyyolo import ThingDetector
from engine.vision.extractors.summary import mean

STAMP = "objects 2"  # changes when this file's answers do, or those of tinyyolo.py and boxes.py
SIZE = 640
SCORE = 0.3


class Objects:
    """Counts the things of each frame, and of a video tells how many a frame has on average."""

    needs: ClassVar[Mapping[str, Shipped]] = {"detector": tinyyolo.SHIPPED, "names": tinyyolo.NAMES}
    name = "objects"
    view = View("bounded", SIZE)
    batch = 8
    columns = (
        Column("num_objects", "int", "how many things of COCO's 80 kinds were found, persons too, with a score above"
               f" {SCORE:g}", "things", "0 …"),
        Column("num_persons", "int", "how many of them are persons", "persons", "0 …"),
        Column("objects_by_class", "text", "how many of each kind", "", "kind=number, by name, separated by '; '"),
    )  # fmt: skip
    video_columns = (
        Column("avg_objects", "float", "mean of the frames' num_objects", "things", "0 …", 4),
        Column("avg_persons", "float", "mean of the frames' num_persons", "persons", "0 …", 4),
        Column("avg_objects_by_class", "text", "mean number a frame of each kind that was found", "",
               "kind=number with 4 decimals, by name, separated by '; '"),
    )  # fmt: skip

    def __init__(self, weights: Mapping[str, Weights], threads: int = 1) -> None:
        parameters = {"size": [SIZE, tinyyolo.SIDE], "score": SCORE, "overlap": tinyyolo.OVERLAP}
        self.version = stamp(STAMP, parameters, weights)
        self._detector = ThingDetector(weights["detector"], weights["names"], SCORE)
        self._rows = Abreast(self._frame, threads)

    def frames(self, batch: Batch) -> list[Row]:
        """How many, and of which kinds."""
        return self._rows(batch.pixels)

    def _frame(self, frame: Frame) -> Row:
        kinds = Counter(thing.kind for thing in self._detector(frame))
        told = "; ".join(f"{kind}={kinds[kind]}" for kind in sorted(kinds))
        return [kinds.total(), kinds["person"], told]

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        """Means over the frames."""
        kinds = Counter[str]()
        for row in rows:
            kinds.update({kind: int(count) for kind, count in counted(str(row[2]))})
        told = "; ".join(f"{kind}={kinds[kind] / len(rows):.4f}" for kind in sorted(kinds))
        return [mean([float(row[0] or 0) for row in rows]), mean([float(row[1] or 0) for row in rows]), told]


def counted(cell: str) -> list[tuple[str, str]]:
    """The kinds and numbers of a cell of `objects_by_class`."""
    return [(kind, count) for kind, _, count in (one.partition("=") for one in cell.split("; ") if one)]
