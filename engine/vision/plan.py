"""One variable's leave-one-out study in plain values: all that a process which does a part of it is told. No torch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from engine.files import read_json, write_atomic
from engine.stats.metrics import Floats
from engine.vision.data import Augmentation, Preprocessing


@dataclass(frozen=True)
class Training:
    """How a tail is trained.

    Attributes:
        lr: learning rate.
        optimizer: adam, adamw, or sgd with a momentum of 0.9.
        batch: frames a step at most; an epoch's frames are shared out as evenly as can be.
        patience: end after so many epochs without a new lowest training loss; 0 trains all epochs.
        weighted: whether classes count by inverse frequency in the loss.
        frozen_norm: whether the statistics of the tail's batch norms stay those of the given weights.
    """

    lr: float
    optimizer: Literal["adam", "adamw", "sgd"]
    weight_decay: float
    epochs: int
    batch: int
    patience: int
    weighted: bool
    frozen_norm: bool


@dataclass(frozen=True)
class Compute:
    """Where, in which precision, with how many threads; `facts` names libraries and hardware."""

    device: str
    precision: str
    threads: int
    facts: dict[str, str]


@dataclass(frozen=True)
class Places:
    """Where things are; results do not depend on these.

    Attributes:
        folder: this study's start, folds and result.
        cache: the trunk's outputs, shared with other runs.
        frames: an .npy file of all frames (N, S, S, 3) uint8.
        weights: the file of the given weights, or empty.
    """

    folder: str
    cache: str
    frames: str
    weights: str


@dataclass(frozen=True)
class Plan:
    """A study.

    Attributes:
        classes: their names; labels are numbers into them.
        keys: a name for each frame of the file of frames.
        rows: which of those this variable's gold frames are.
        labels: the class number of each of its gold frames.
        rule: what is left out in each fold: `frame`, `video`, or a column of the gold table.
        groups: for each fold the name of what is left out.
        folds: for each fold the numbers (into rows) of what is left out.
        cached: whether the trunk's output is kept; without, the trunk runs for every batch, with the same result.
    """

    variable: str
    classes: tuple[str, ...]
    model: str
    train_from: str
    weights_sha256: str
    frames_sha256: str
    keys: tuple[str, ...]
    rows: tuple[int, ...]
    labels: tuple[int, ...]
    rule: str
    groups: tuple[str, ...]
    folds: tuple[tuple[int, ...], ...]
    preprocessing: Preprocessing
    augmentation: Augmentation
    training: Training
    compute: Compute
    seed: int
    cached: bool
    places: Places

    def save(self) -> None:
        """Write the plan into a folder named by its fingerprint, so that no result of another plan is ever reused."""
        write_atomic(self.path, TypeAdapter(Plan).dump_json(self, indent=1))

    def fingerprint(self) -> str:
        """A hash of everything that the result depends on."""
        return fingerprint({**asdict(self), "places": None})

    @property
    def folder(self) -> Path:
        """Where this study's files are."""
        return Path(self.places.folder) / f"{self.variable}-{self.fingerprint()[:16]}"

    @property
    def path(self) -> Path:
        """Where processes find the plan."""
        return self.folder / "plan.json"

    @property
    def start(self) -> Path:
        """The state dict that every fold starts from."""
        return self.folder / "start.pt"

    @property
    def before(self) -> Path:
        """Scores and features of the given weights."""
        return self.folder / "before.npz"

    @property
    def whole(self) -> Path:
        """The state dict after training on all frames."""
        return self.folder / "whole.pt"

    def result(self, fold: int | None) -> Path:
        """What a fold found; without a number, what training on all frames said."""
        return self.folder / ("whole.json" if fold is None else f"fold-{fold:04}.json")

    def results(self) -> list[dict[str, Any]]:
        """What all folds found, in their order."""
        return [read_json(self.result(fold)) for fold in range(len(self.folds))]

    def losses(self) -> dict[str, Any]:
        """The training loss of each epoch, of every fold and of training on all frames where that was done."""
        by_fold = {name: found["losses"] for name, found in zip(self.groups, self.results(), strict=True)}
        return {"folds": by_fold, "all": read_json(self.result(None)).get("losses", [])}

    def facts(self) -> dict[str, Any]:
        """What the start found about the network."""
        return read_json(self.folder / "start.json")

    def scores(self) -> Floats:
        """(N, K): the scores of each frame by the fold that left it out."""
        scores = np.zeros((len(self.labels), len(self.classes)))
        for fold, result in zip(self.folds, self.results(), strict=True):
            scores[list(fold)] = result["scores"]
        return scores


def load(path: Path) -> Plan:
    """The plan that `save` wrote."""
    return TypeAdapter(Plan).validate_json(path.read_bytes())


def uncached(plan: Plan) -> Plan:
    """The same study by the plain loop."""
    return replace(plan, cached=False)


def fingerprint(values: Any) -> str:
    """SHA-256 of plain values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
