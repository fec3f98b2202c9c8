"""What trained networks say of every frame that has a label, and of the stop set."""

from __future__ import annotations

import numpy as np

from engine.record import Recorder
from engine.rounding import arrays, training
from engine.rounding.judging import Judged, Side
from engine.rounding.study import Study
from engine.specs.round import Round
from engine.stats.metrics import Floats
from engine.stats.sides import SIDES


def judge(spec: Round, study: Study, out: Recorder, variable: str) -> dict[str, Judged]:
    """One variable, by start."""
    out.phase(f"judge {variable}")
    found = {}
    for origin in study.origins[variable]:
        place = training.folder(out, variable, origin.start) / "logits.npz"
        if not place.exists():
            network = training.learner(study, out, variable, origin.start)
            arrays.write(place, logits=network.logits(study.shown))
        out.checkpoint()
        found[origin.start] = _judged(spec, study, variable, arrays.read(place)["logits"])
    return found


def _judged(spec: Round, study: Study, variable: str, logits: Floats) -> Judged:
    sides = {side: _side(study, variable, side, logits) for side in SIDES}
    stop = [study.place[unit] for unit in study.sets.stop]
    classes = study.classes(variable)
    return Judged(variable, classes, sides, study.sets.stop, logits[stop], spec.replicates, spec.seed)


def _side(study: Study, variable: str, side: str, logits: Floats) -> Side:
    given, classes = study.given(variable, side), study.classes(variable)
    # A test frame's group is the one of round 0, so that later rounds draw the same clusters.
    groups = [study.fixed.test[u]["group"] if u in study.fixed.test else study.sets.group(u) for u in given]
    numbers = np.array([classes.index(name) for name in given.values()], np.int64)
    return Side(list(given), groups, numbers, logits[[study.place[unit] for unit in given]])
