"""Students: soft labels that are kept beside teachers asked anew, our loader beside timm's, DKD beside KD.

Digits of scikit-learn, enlarged. Cached against online: the same student, batches and teachers; the one reads logits
from memory, the other asks two teachers in every step. Times are of the processor, all processes counted.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_sample_images
from timm.data.dataset import ImageDataset
from timm.data.loader import create_loader
from torch import nn

from bench import digits, numbers
from engine import manifests
from engine.stats import metrics
from engine.vision import logits, models
from engine.vision.data import Preprocessing
from engine.vision.trained import Trained
from engine.vision.training import fitting, objectives, stepping
from engine.vision.training.given import Data, Told
from engine.vision.training.loading import Loading
from engine.vision.training.objectives import Objective, Terms
from engine.vision.training.pictures import Pictures
from engine.vision.training.recipe import Recipe
from engine.vision.training.state import State

HOW = Preprocessing(digits.SIDE, "squash", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
CLASSES = tuple(map(str, range(10)))
STUDENT, TEACHERS = "mobilenetv3_small_050", ("resnet18", "resnet10t")
BATCH = 64
SILENT = Told(lambda *_: None, lambda _: None, print, lambda: False, lambda: None)


def main(quick: bool) -> dict[str, Any]:
    """Ratios, images a second, and differences of accuracy over seeds."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        lab = Path(folder)
        digits.images(lab, 300 if quick else 1797)
        data = _data(lab)
        return {
            "epoch": _epochs(data, 2 if quick else 5),
            "loader": _loaders(lab / "jpegs", 32 if quick else 256, 2 if quick else 5),
            "dkd_against_kd": _against(lab, data, seeds=2 if quick else 8, epochs=2 if quick else 6),
        }


def _data(lab: Path) -> Data:
    rows = manifests.read(lab / "manifest.csv")
    each = {split: [row for row in rows if row.split == split] for split in digits.SHARES}
    pictures = {
        name: Pictures(tuple(str(lab / "digits" / row.image_path) for row in part), HOW) for name, part in each.items()
    }
    labels = {name: np.array([int(row.label) for row in part], np.int64) for name, part in each.items()}
    none = np.zeros((len(labels["train"]), len(CLASSES)), np.float32)
    return Data(pictures["train"], labels["train"], none, pictures["val"], labels["val"])


# --- soft labels kept, and teachers asked anew ------------------------------------------------------------------------


def _epochs(data: Data, rounds: int) -> dict[str, Any]:
    """Processor seconds of an epoch of the student, either way."""
    teachers = [models.build(name, len(CLASSES)).eval() for name in TEACHERS]
    kept, online = numbers.repeated(rounds, lambda: _epoch(data, []), lambda: _epoch(data, teachers))
    once = _cpu(lambda: [_asked(one, data.train) for one in teachers])
    ours, theirs = numbers.told(kept), numbers.told(online)
    ratio = theirs["median"] / ours["median"]
    return {"cached_cpu_s": ours, "online_cpu_s": theirs, "times_cheaper": ratio, "soft_labels_once_cpu_s": once}


def _asked(teacher: nn.Module, pictures: Pictures) -> np.ndarray[Any, Any]:
    return logits.all_of(teacher, HOW, [Path(name) for name in pictures.paths], batch=BATCH)


def _epoch(data: Data, teachers: Sequence[nn.Module]) -> float:
    """An epoch of KD; with teachers, their logits are computed for each batch."""
    how = Recipe(epochs=1, batch=BATCH)
    state = State(models.build(STUDENT, len(CLASSES)).train(), how, Path("/nowhere"))
    loading, truth = Loading(data.train, 0), torch.from_numpy(data.labels)
    batches = [[(n, 0) for n in range(at, min(at + BATCH, len(truth)))] for at in range(0, len(truth), BATCH)]

    def once() -> None:
        for frames, places in loading(batches):
            images = data.train.images(frames)
            with torch.no_grad():
                asked = [teacher(images) for teacher in teachers]
            said = torch.stack(asked).mean(0) if asked else torch.from_numpy(data.teacher[places.numpy()])
            known = stepping.known(truth[places], said, torch.ones(len(CLASSES)), how)
            stepping.step(state, images, known, objectives.kd, Terms(alpha=0.9), how, print)

    return _cpu(once)


# --- loaders ----------------------------------------------------------------------------------------------------------


def _loaders(folder: Path, count: int, rounds: int) -> dict[str, Any]:
    """Images a processor second from JPEGs of 480 × 360 to normalised tensors of 224 × 224, neither with processes."""
    _photos(folder / "photos", count)
    every = Pictures(tuple(map(str, sorted(folder.rglob("*.jpg")))), Preprocessing(224, "squash", HOW.mean, HOW.std))
    batches, loading = [[(n, 0) for n in range(at, at + 16)] for at in range(0, count, 16)], Loading(every, 0)
    peer = create_loader(
        ImageDataset(str(folder)), (3, 224, 224), 16, use_prefetcher=False, num_workers=0, mean=HOW.mean, std=HOW.std,
        interpolation="bilinear", crop_pct=1.0, crop_mode="squash", persistent_workers=False,
    )  # fmt: skip

    def ours() -> float:
        return count / _cpu(lambda: [every.images(frames).sum() for frames, _ in loading(batches)])

    def theirs() -> float:
        return count / _cpu(lambda: [images.sum() for images, _ in peer])

    ours_told, theirs_told = (numbers.told(samples) for samples in numbers.repeated(rounds, ours, theirs))
    ratio = ours_told["median"] / theirs_told["median"]
    return {"ours_images_per_cpu_s": ours_told, "timm_images_per_cpu_s": theirs_told, "times_timm": ratio}


def _photos(folder: Path, count: int) -> None:
    """Pieces of the two photos that scikit-learn ships."""
    folder.mkdir(parents=True)
    random, photos = np.random.default_rng(0), load_sample_images().images
    for number in range(count):
        top, left = random.integers(0, 67), random.integers(0, 160)
        piece = photos[number % 2][top : top + 360, left : left + 480]
        Image.fromarray(piece).save(folder / f"{number:03}.jpg", quality=90)


# --- does DKD beat KD -------------------------------------------------------------------------------------------------


def _against(lab: Path, data: Data, *, seeds: int, epochs: int) -> dict[str, Any]:
    """Accuracy on test of KD and DKD from the same start, as many epochs each, seed by seed."""
    teacher = _fitted(lab / "teacher", data, TEACHERS[0], objectives.ce, Recipe(epochs=epochs, batch=BATCH, name="t"))
    data = Data(data.train, data.labels, _asked(teacher, data.train), data.validation, data.validation_labels)
    losses: dict[str, Objective] = {"ce": objectives.ce, "kd": objectives.kd, "dkd": objectives.dkd}
    scores: dict[str, list[float]] = {name: [] for name in losses}
    for seed in range(seeds):
        how = Recipe(epochs=epochs, batch=BATCH, lr=3e-3, warmup_epochs=1, seed=seed)
        start = _fitted(lab / f"{seed}", data, STUDENT, objectives.ce, how, seed)
        for name, objective in losses.items():
            again = Recipe(**{**vars(how), "name": name})
            found = _fitted(lab / f"{seed}-{name}", data, STUDENT, objective, again, seed, start)
            scores[name].append(_accuracy(found, lab))
    gains = {name: np.array(scores["dkd"]) - np.array(scores[name]) for name in ("kd", "ce")}
    told = {f"dkd_less_{name}": _interval(gain) for name, gain in gains.items()}
    return {"teacher": _accuracy(teacher, lab), **{name: float(np.mean(each)) for name, each in scores.items()}, **told}


def _fitted(
    folder: Path, data: Data, name: str, objective: Objective, how: Recipe, seed: int = 0,
    start: nn.Module | None = None,
) -> nn.Module:  # fmt: skip
    torch.manual_seed(seed)
    network = models.build(name, len(CLASSES))
    if start is not None:
        network.load_state_dict(start.state_dict())
    terms = Terms(temperature=4.0, alpha=0.9 if objective is objectives.kd else 1.0, beta=4.0)
    fitting.fit(network, data, how, objective, lambda _: terms, Trained(name, CLASSES, HOW), folder, SILENT)
    return network.eval()


def _accuracy(network: nn.Module, lab: Path) -> float:
    rows = manifests.read(lab / "manifest.csv", "test")
    said = logits.all_of(network, HOW, [lab / "digits" / row.image_path for row in rows], batch=BATCH).argmax(1)
    labels = np.array([int(row.label) for row in rows], np.int64)
    return float(metrics.accuracy(metrics.confusion(labels, said, len(CLASSES))))


def _interval(gains: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Mean over seeds, and the middle 95 % of 10,000 bootstrap means."""
    drawn = np.random.default_rng(0).choice(gains, (10_000, len(gains))).mean(1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return {"mean": float(gains.mean()), "low": float(low), "high": float(high), "seeds": len(gains)}


def _cpu(work: Callable[[], object]) -> float:
    """Processor seconds of this process and of those that it waited for."""
    before = _used()
    work()
    return _used() - before


def _used() -> float:
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in each)
