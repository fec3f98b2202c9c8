"""From a spec to the plain values that library code takes."""

from __future__ import annotations

from engine.record import Recorder
from engine.rounding.asking import Question
from engine.rounding.fixed import Rules
from engine.specs.round import Round
from engine.stats.choose import Limits
from engine.vision import device
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.fit import Schedule
from engine.vision.learner import Recipe
from engine.vision.plan import Training

TRAINING = {"lr", "optimizer", "weight_decay", "epochs", "batch", "patience"}
QUESTION = {"frames", "score", "draw", "sharpness", "random", "typical_below"}


def recipe(spec: Round, out: Recorder) -> Recipe:
    """How networks learn, and on what."""
    where = device.settle(out.device, spec.compute.threads)
    weighted, frozen = spec.train.class_weights == "inverse", spec.train.batch_norm == "frozen"
    return Recipe(
        model=spec.model.name,
        train_from=spec.model.train_from,
        preprocessing=Preprocessing(**spec.preprocess.model_dump()),
        augmentation=Augmentation(**spec.train.augment.model_dump()),
        training=Training(**spec.train.model_dump(include=TRAINING), weighted=weighted, frozen_norm=frozen),
        schedule=Schedule(spec.train.step_epochs, spec.train.step_factor),
        dropout=spec.train.dropout,
        seed=spec.seed,
        device=str(where),
        precision=device.precision(spec.compute.precision, where),
        facts={"threads": spec.compute.threads, **device.facts(where)},
        cache=out.workspace.cache / "trunk",
    )


def rules(spec: Round) -> Rules:
    """How frames are shared out."""
    how = spec.sets
    return Rules(how.test, how.validation, how.together, how.stop, spec.near_bits, spec.seed)


def question(spec: Round, number: int) -> Question:
    """What is asked of the pool; chance draws anew in each round."""
    limits = Limits(spec.query.per_video, spec.query.apart_s, spec.near_bits)
    return Question(**spec.query.model_dump(include=QUESTION), limits=limits, seed=spec.seed + number)
