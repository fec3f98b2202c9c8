"""A look at the pool with every variable's model, block by block, and the choice of what to ask next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.record import Recorder
from engine.rounding import arrays, asking, settings, training
from engine.rounding.asking import Asked, Seen
from engine.rounding.judging import Judged
from engine.rounding.study import Study
from engine.specs.round import Round
from engine.stats import scorecard
from engine.stats.metrics import Floats
from engine.stats.sides import TRAIN, VALIDATION
from engine.vision.learner import Learner
from engine.vision.remembered import Remembered
from engine.vision.shelf import Shelf

BLOCK = 1024  # frames of the pool that are looked at between two files
Block = Mapping[str, Any]


def ask(spec: Round, study: Study, out: Recorder, models: Mapping[str, Mapping[str, Judged]]) -> Asked:
    """The frames that coders are asked for."""
    pool, question = study.frames.part(study.sets.pool), settings.question(spec, study.number)
    used = asking.score_used(question, [_labels(study, variable) for variable in study.variables])
    memory = Remembered()
    seen = {name: _seen(spec, study, out, name, used, models[name], memory) for name in study.variables}
    out.phase("choose")
    asked = asking.ask(seen, [video_id for video_id, _ in pool.keys], pool.times.tolist(), pool.hashes, question)
    if used != question.score:
        few = f"fewer than {question.typical_below} training frames a class"
        out.note(f"{few}: typical frames are asked for, not hard ones")
    if words := asking.note(asked, question, len(pool)):
        out.note(words, "warning")
    return asked


def predicted(study: Study, out: Recorder, variable: str) -> list[str]:
    """The class that the kept model gives each frame of the pool."""
    classes = study.classes(variable)
    blocks = [arrays.read(_place(out, variable, begin)) for begin in range(0, len(study.sets.pool), BLOCK)]
    return [classes[int(best)] for block in blocks for best in block["logits"].argmax(1)]


def _seen(
    spec: Round, study: Study, out: Recorder, variable: str, used: str, models: Mapping[str, Judged],
    memory: Remembered,
) -> Seen:  # fmt: skip
    """What a variable's kept model says of the pool, and the features of labelled frames where they are needed."""
    out.phase(f"pool {variable}")
    start = training.kept(study, out, variable).start
    network = cache(lambda: training.learner(study, out, variable, start, memory))
    look = _Look(out, network, spec.query.passes * (used == "bald"), used in asking.PICKERS)
    pool, blocks = study.frames.part(study.sets.pool), list[Block]()
    for begin in range(0, len(pool), BLOCK):
        blocks.append(look(_place(out, variable, begin), pool.part(pool.keys[begin : begin + BLOCK])))
        out.progress(min(begin + BLOCK, len(pool)), len(pool), "frames", variable)
    learnt = sorted({*study.sets.units(TRAIN), *study.sets.units(VALIDATION)})
    # Without features a single frame is enough, to know of what shape nothing is.
    known = look(
        out.work / "pool" / variable / "labelled.npz", study.frames.part(learnt if look.features else learnt[:1])
    )
    return Seen(
        logits=_joined(blocks, known, "logits"),
        passes=_joined(blocks, known, "passes"),
        features=_joined(blocks, known, "features"),
        labelled=known["features"],
        temperature=scorecard.used(models[start].fitted()),
        labels=_labels(study, variable),
    )


def _labels(study: Study, variable: str) -> float:
    """How many training frames a class has, in the mean."""
    return len(study.given(variable, TRAIN)) / len(study.classes(variable))


class _Look:
    """A look at some frames that ends in a file; the network is loaded when a file is not there yet.

    Args:
        passes: with dropout.
        features: whether they are kept.
    """

    def __init__(self, out: Recorder, network: Callable[[], Learner], passes: int, features: bool) -> None:
        self.out, self.network, self.passes, self.features = out, network, passes, features

    def __call__(self, place: Path, frames: Shelf) -> Block:
        if not place.exists():
            found = self.network().look(frames, range(len(frames)), self.passes)
            features = found.features if self.features else found.features[:, :0]
            arrays.write(place, logits=found.logits, features=features, passes=found.passes)
        self.out.checkpoint()
        return arrays.read(place)


def _place(out: Recorder, variable: str, begin: int) -> Path:
    return out.work / "pool" / variable / f"{begin:08}.npz"


def _joined(blocks: Sequence[Block], like: Block, name: str) -> Floats:
    """All blocks as one; without any, an array of no frames."""
    axis = 1 if name == "passes" else 0
    nothing = np.take(like[name], [], axis=axis)
    found: Floats = np.concatenate([nothing, *(block[name] for block in blocks)], axis=axis)
    return found
