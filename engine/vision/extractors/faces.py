"""How many faces a frame shows, and how large the largest is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from engine.vision.consuming import Batch, Column, Row, View
from engine.vision.decode import Frame
from engine.vision.detecting import centerface
from engine.vision.detecting.abreast import Abreast
from engine.vision.detecting.centerface import FaceDetector
from engine.vision.detecting.shipped import Shipped, Weights, stamp
from engine.vision.extractors.summary import mean

STAMP = "faces 1"  # changes when this file's answers do, or those of centerface.py and boxes.py
SIZE = 640
SCORE = 0.5


class Faces:
    """Counts the faces of each frame, and of a video tells their mean and most."""

    needs: ClassVar[Mapping[str, Shipped]] = {"detector": centerface.SHIPPED}
    name = "faces"
    view = View("bounded", SIZE)
    batch = 8
    columns = (
        Column("num_faces", "int", f"how many faces were found with a score above {SCORE:g}, turned ones too; from"
               f" about 8 pixels of a frame made no larger than {SIZE}", "faces", "0 …"),
        Column("largest_face_ratio", "float", "area of the largest face's box over that of the frame; 0 without one",
               "", "0 to 1", 6),
    )  # fmt: skip
    video_columns = (
        Column("num_faces", "float", "mean of the frames' num_faces", "faces", "0 …", 4),
        Column("num_faces_most", "int", "most faces in one frame", "faces", "0 …"),
        Column("face_frames_ratio", "float", "share of frames with a face", "", "0 to 1", 4),
        Column("largest_face_ratio", "float", "mean of largest_face_ratio over frames with a face; empty without any",
               "", "0 to 1", 6),
    )  # fmt: skip

    def __init__(self, weights: Mapping[str, Weights], threads: int = 1) -> None:
        self.version = stamp(STAMP, {"size": SIZE, "score": SCORE, "overlap": centerface.OVERLAP}, weights)
        self._detector = FaceDetector(weights["detector"], SCORE)
        self._rows = Abreast(self._frame, threads)

    def frames(self, batch: Batch) -> list[Row]:
        """How many, and how large the largest is."""
        return self._rows(batch.pixels)

    def _frame(self, frame: Frame) -> Row:
        faces = self._detector(frame)
        largest = max((face.area for face in faces), default=0.0)
        return [len(faces), round(largest / (frame.shape[0] * frame.shape[1]), 6)]

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        """Mean and most, and how often there is any."""
        counts = [int(row[0] or 0) for row in rows]
        largest = [float(row[1] or 0) for row in rows if row[0]]
        there = [float(count > 0) for count in counts]
        return [mean([float(count) for count in counts]), max(counts, default=0), mean(there), mean(largest, 6)]
