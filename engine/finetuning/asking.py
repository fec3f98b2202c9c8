"""What is asked of each variable: its gold frames, its folds, and what training starts from."""

from __future__ import annotations

import re
from pathlib import Path

from engine.errors import SpecError
from engine.files import sha256
from engine.record import Recorder
from engine.specs.finetune import Finetune
from engine.stats import folds
from engine.vision import gold
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.gold import Gold
from engine.vision.plan import Compute, Places, Plan, Training

FILE_WORD = re.compile(r"\w[\w .-]*")


def variables(spec: Finetune, out: Recorder, table: Gold) -> list[str]:
    """The variables that are asked for; SpecError names all that cannot be."""
    known = list(out.workspace.settings.variables)
    faults = gold.unknown("names", spec.names, known)
    found = gold.variables(table, spec.variables, known)
    faults += [
        f"variables: {name!r} cannot be part of a file's name" for name in found if not FILE_WORD.fullmatch(name)
    ]
    if len({name(spec, variable) for variable in found}) < len(found):
        faults.append("names: two variables would write one file")
    if faults:
        raise SpecError(faults)
    return found


def plan(spec: Finetune, out: Recorder, table: Gold, variable: str) -> Plan:
    """One variable's study, so far as it can be planned before a frame is loaded."""
    codebook = out.workspace.settings.variables[variable]
    part = gold.labelled(table, variable, codebook.labels, codebook.class_names(), codebook.class_of)
    out.note(part.summary())
    rule, names = folds.left_out([table.rows[row] for row in part.rows], spec.loo.leave_out)
    groups = folds.members(names)
    start = out.resolve(weights_of(spec, variable)) if weights_of(spec, variable) else None
    if start is None:
        out.note(f"{variable}: model.weights is empty, so it starts from random weights", "warning")
    return Plan(
        variable=variable,
        classes=tuple(part.classes),
        model=spec.model.name,
        train_from=spec.model.train_from,
        weights_sha256=sha256(start) if start else "",
        frames_sha256="",
        keys=tuple(f"{video_id}:{index}" for video_id, index in table.keys),
        rows=tuple(part.rows),
        labels=tuple(part.labels),
        rule=rule,
        groups=tuple(groups),
        folds=tuple(tuple(members) for members in groups.values()),
        preprocessing=preprocessing(spec),
        augmentation=Augmentation(**spec.train.augment.model_dump()),
        training=_training(spec),
        compute=Compute("", "", 1, {}),
        seed=spec.seed,
        cached=spec.cache_trunk,
        places=Places(str(out.work), str(out.workspace.cache / "trunk"), str(pixels(out)), str(start or "")),
    )


def preprocessing(spec: Finetune) -> Preprocessing:
    """From a frame to what the network takes."""
    return Preprocessing(**spec.preprocess.model_dump())


def _training(spec: Finetune) -> Training:
    how = spec.train.model_dump(exclude={"class_weights", "batch_norm", "augment"})
    weighted, frozen = spec.train.class_weights == "inverse", spec.train.batch_norm == "frozen"
    return Training(**how, weighted=weighted, frozen_norm=frozen)


def weights_of(spec: Finetune, variable: str) -> str:
    """The reference of the weights that a variable starts from; empty for random ones."""
    given = spec.model.weights
    if isinstance(given, str):
        return given
    if variable not in given:
        raise SpecError([f"model.weights: no weights for {variable!r}"], hint="name a file for each variable")
    return given[variable]


def name(spec: Finetune, variable: str) -> str:
    """What a variable is called in the names of files."""
    return spec.names.get(variable, variable)


def pixels(out: Recorder) -> Path:
    """Where all gold frames are kept, resized once."""
    return out.work / "frames.npy"
