"""Whether somebody in the picture looks at the lens.

Where the eyes point is told from where the iris stands, in millimetres, since an iris is 11.7 mm wide whoever looks
(Ablavatski et al. 2020). The centre of the eyeball lies 6 mm behind the middle of the eye's corners, along the way that
the face points, and 10.5 mm behind the iris; the iris of a level look stands 1.7 mm above the corners. So the angle
between look and lens is asin(distance of iris and eyeball's centre in the picture / 10.5 mm), the mean of both eyes.
The 1.7 mm are measured on footage of people who look into the lens, all else is anatomy; a person who looks into the
lens comes out at 0 to 8°. Eyes that are shut, or all but, look at nothing.

Where an iris is less than 5 pixels wide, the head stands for the eyes: the angle between the way that it points and the
lens. The mesh sees a face along the ray to it, so neither angle changes with the face's place in the picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.vision.consuming import Batch, Column, Row, View
from engine.vision.decode import Frame
from engine.vision.detecting import facemesh
from engine.vision.detecting.facemesh import CHIN, FOREHEAD, Eye, FaceMesh, Head
from engine.vision.detecting.shipped import Shipped, Weights, stamp
from engine.vision.extractors.summary import mean

STAMP = "gaze 1"  # changes when this file's answers do, or those of facemesh.py and boxes.py
SIZE = 640
SCORE = 0.5
EYES_DEGREES, HEAD_DEGREES = 10.0, 15.0
IRIS_MM, EYEBALL_MM, DEPTH_MM, REST_MM = 11.7, 10.5, 6.0, 1.7
IRIS_PIXELS = 5.0
SHUT = 0.15  # of the distance between an eye's corners, that between its lids


class Look(NamedTuple):
    """Where a face looks: degrees from the lens, what told it, and whether that is at the lens."""

    degrees: float
    by: str
    at_camera: bool


class Gaze:
    """Tells of each frame whether anybody looks at the lens, and of a video in which share of its face frames."""

    needs: ClassVar[Mapping[str, Shipped]] = {
        "detector": facemesh.DETECTOR, "mesh": facemesh.MESH, "iris": facemesh.IRIS,
    }  # fmt: skip
    name = "gaze"
    view = View("bounded", SIZE)
    batch = 8
    columns = (
        Column("gaze_faces", "int", "how many faces are seen well enough to fit a mesh to them; turned ones are not"
               " (see num_faces)", "faces", "0 …"),
        Column("gaze_at_camera", "bool", "whether any of these faces looks at the lens: its eyes within"
               f" {EYES_DEGREES:g}°, or its head within {HEAD_DEGREES:g}° where an iris is under {IRIS_PIXELS:g} pixels"
               " wide; empty without a face"),
        Column("gaze_degrees", "float", "angle between lens and look of the face that looks nearest to it; empty"
               " without a face, and where all eyes are shut", "degrees", "0 to 90", 1),
        Column("gaze_by", "text", "what told that angle", "", "eyes, head, shut, or empty"),
    )  # fmt: skip
    video_columns = (
        Column("gaze_at_camera_ratio", "float", "share of frames with gaze_at_camera among those with a face; empty"
               " where no frame has one", "", "0 to 1", 4),
        Column("gaze_face_frames", "int", "in how many frames there was such a face", "frames", "0 …"),
    )  # fmt: skip

    def __init__(self, weights: Mapping[str, Weights], threads: int = 1) -> None:
        parameters = [
            SIZE,
            SCORE,
            EYES_DEGREES,
            HEAD_DEGREES,
            IRIS_MM,
            EYEBALL_MM,
            DEPTH_MM,
            REST_MM,
            IRIS_PIXELS,
            SHUT,
        ]
        self.version = stamp(STAMP, {"parameters": parameters}, weights)
        self._mesh = FaceMesh(dict(weights), SCORE)

    def frames(self, batch: Batch) -> list[Row]:
        """Of each frame the face that looks nearest to the lens."""
        return [self._frame(frame) for frame in batch.pixels]

    def _frame(self, frame: Frame) -> Row:
        looks = [look(head) for head in self._mesh(frame)]
        if not looks:
            return [0, None, None, ""]
        open_ones = [one for one in looks if one.by != "shut"]
        if not open_ones:
            return [len(looks), False, None, "shut"]
        best = min(open_ones, key=lambda one: (not one.at_camera, one.degrees))
        return [len(looks), best.at_camera, round(best.degrees, 1), best.by]

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        """The share of face frames."""
        faces = [float(bool(row[1])) for row in rows if row[0]]
        return [mean(faces), len(faces)]


def look(head: Head) -> Look:
    """Where a face looks."""
    if min(eye.diameter for eye in head.eyes) < IRIS_PIXELS:
        degrees = math.degrees(math.acos(float(np.clip(-head.normal[2], -1, 1))))
        return Look(degrees, "head", degrees <= HEAD_DEGREES)
    if sum(openness(eye) for eye in head.eyes) / 2 < SHUT:
        return Look(90.0, "shut", False)
    up = (head.mesh[FOREHEAD] - head.mesh[CHIN])[:2]
    up = up / max(float(np.linalg.norm(up)), 1e-9)
    away = sum(offset(eye, head.normal, up) for eye in head.eyes) / 2
    degrees = math.degrees(math.asin(min(1.0, float(np.linalg.norm(away)) / EYEBALL_MM)))
    return Look(degrees, "eyes", degrees <= EYES_DEGREES)


def openness(eye: Eye) -> float:
    """How far apart the lids are, as a share of the eye's width."""
    width = float(np.linalg.norm(eye.corners[1] - eye.corners[0]))
    return float(np.linalg.norm(eye.lids[1] - eye.lids[0])) / max(width, 1e-9)


def offset(eye: Eye, normal: facemesh.Floats, up: facemesh.Floats) -> facemesh.Floats:
    """From the eyeball's centre to the iris in the picture, (2,) millimetres."""
    iris = (eye.iris - eye.corners.mean(axis=0)) * (IRIS_MM / eye.diameter)
    found: facemesh.Floats = iris + normal[:2] * DEPTH_MM - up * REST_MM
    return found
