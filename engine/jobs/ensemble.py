"""Several teachers as one: logits computed once, weights swept or fitted on validation, told on test once."""

from __future__ import annotations

from collections.abc import Sequence

from engine.fusing import asking, images, leaving, teachers, weighing
from engine.fusing.leaving import Judged
from engine.fusing.teachers import Teacher
from engine.fusing.weighing import Chosen
from engine.record import Recorder
from engine.specs.ensemble import Ensemble


def run(spec: Ensemble, out: Recorder) -> None:
    """Ask all teachers, weigh them on validation, and judge that one weighting on test."""
    out.phase("load")
    known = teachers.load(spec, out)
    test = images.of_split(spec, out, spec.test, known[0].classes)
    out.phase("weigh")
    chosen = _weights(spec, out, known)
    out.phase("test")
    logits = asking.all_logits(spec, out, known, test)
    out.phase("write")
    leaving.write(spec, out, Judged(known, test, logits, chosen))


def _weights(spec: Ensemble, out: Recorder, known: Sequence[Teacher]) -> Chosen:
    if spec.weighting in ("equal", "fixed"):
        return Chosen(weighing.given(spec.weights, spec.weighting, len(known)), "", {}, 0)
    validation = images.of_split(spec, out, spec.validation, known[0].classes)
    logits = asking.all_logits(spec, out, known, validation)
    return weighing.chosen(spec, out, known, logits, validation)
