"""Leave-one-out fine-tuning of a ResNet-50 (224 px, layer4 and fc) with a kept trunk, against the plain loop.

CPU time of one thread each for the two loops, whose losses are compared bit by bit as well; wall time for folds in
processes of one thread against one process with all threads. Random weights do, since they cost the same.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from bench import plain_loop
from engine.files import read_json
from engine.vision import device, loocv, parts
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.plan import Compute, Places, Plan, Training
from engine.vision.pool import Pool

FRAMES, FOLDS, EPOCHS = 40, 40, 15  # the study's size, to which one fold's cost is scaled
LEARNING = ("layer4", "fc")


def main(quick: bool) -> dict[str, Any]:
    """Ratios; above 1 means that ours is faster."""
    with tempfile.TemporaryDirectory() as folder:
        where = device.settle("cpu", 1)
        exact = _plan(Path(folder), frames=16 if quick else FRAMES, epochs=3 if quick else 2)
        loocv.start(exact)
        plain, plain_s = _timed(lambda: plain_loop.run(exact, 0, LEARNING))
        found: dict[str, Any] = {"frames": len(exact.rows), "epochs": exact.training.epochs, "threads": 1}
        found["plain_s_per_fold_and_epoch"] = plain_s / exact.training.epochs
        found["fp32"] = _kept(exact, plain_s)
        found["fp32"]["same_bits"] = read_json(exact.result(0))["losses"] == plain.losses
        if device.has_bf16(where):
            found["bf16"] = _kept(replace(exact, compute=replace(exact.compute, precision="bf16")), plain_s)
        found["processes"] = _processes(exact, quick)
    return found


def _kept(plan: Plan, plain_s: float) -> dict[str, Any]:
    """The ratio for training alone, and for the study, in which the trunk runs once."""
    plan.save()
    loocv.start(plan)
    study = loocv.Study(plan)
    _, trunk_s = _timed(lambda: study.trunk(None))
    _, fold_s = _timed(lambda: study.fold(0, lambda *_: None))
    whole = FOLDS * EPOCHS / plan.training.epochs
    return {
        "trunk_s": trunk_s,
        "s_per_fold_and_epoch": fold_s / plan.training.epochs,
        "times_faster_per_fold": plain_s / fold_s,
        "times_faster_for_the_study": plain_s * whole / (trunk_s + fold_s * whole),
    }


def _processes(plan: Plan, quick: bool) -> dict[str, Any]:
    """Wall time of some folds in one process with all threads, and in as many processes of one thread."""
    cores = len(os.sched_getaffinity(0))
    folds = cores * (1 if quick else 2)
    together = _wall(plan, folds, processes=1, threads=cores)
    apart = _wall(plan, folds, processes=cores, threads=1)
    return {"cores": cores, "folds": folds, "times_faster_than_threads": together / apart}


def _wall(plan: Plan, folds: int, processes: int, threads: int) -> float:
    mine = replace(plan, compute=replace(plan.compute, threads=threads), seed=plan.seed + 1)
    mine.save()
    with Pool(processes, "cpu", "fp32", threads) as pool:
        _all(pool, parts.starts([mine]))
        _all(pool, parts.trunks([mine]) * processes)  # every process has its network and the trunk's file open
        todo = [part for part in parts.folds([mine]) if part.what == "fold"][:folds]
        began = time.perf_counter()
        _all(pool, todo)
        return time.perf_counter() - began


def _all(pool: Pool, todo: Sequence[parts.Part]) -> None:
    for _ in pool.run(todo, lambda: None):
        pass


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    found = work()
    return found, time.process_time() - began


def _plan(folder: Path, frames: int, epochs: int) -> Plan:
    pixels = np.random.default_rng(0).integers(0, 256, (frames, 224, 224, 3), dtype=np.uint8)
    np.save(folder / "frames.npy", pixels)
    plan = Plan(
        variable="bench",
        classes=("a", "b", "c"),
        model="resnet50",
        train_from="layer4",
        weights_sha256="",
        frames_sha256=sha256(pixels.data).hexdigest(),
        keys=tuple(str(frame) for frame in range(frames)),
        rows=tuple(range(frames)),
        labels=tuple(frame % 3 for frame in range(frames)),
        rule="frame",
        groups=tuple(str(frame) for frame in range(frames)),
        folds=tuple((frame,) for frame in range(frames)),
        preprocessing=Preprocessing(224, "squash", (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)),
        augmentation=Augmentation(),
        training=Training(1e-5, "adam", 0, epochs, 8, 0, True, False),
        compute=Compute("cpu", "fp32", 1, {}),
        seed=0,
        cached=True,
        places=Places(str(folder / "work"), str(folder / "cache"), str(folder / "frames.npy"), ""),
    )
    plan.save()
    return plan
