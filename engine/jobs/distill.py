"""Training of a student in stages: from labels, then from soft labels of its teachers."""

from __future__ import annotations

from engine.record import Recorder
from engine.specs.distill import Distill
from engine.teaching import asking, comparing, leaving, reading, softening, staging, sweeping
from engine.teaching.going import Task


def run(spec: Distill, out: Recorder) -> None:
    """All stages of one student, or, where numbers are lists, a student for each combination of them."""
    if spec.swept:
        sweeping.run(spec, out)
        return
    images = reading.images(spec, out)
    taught = any(spec.loss(name).teacher for name in spec.stages)
    teacher = softening.logits(spec.softlabels, images, out) if taught else None
    how = asking.compute(spec.compute, out)
    task = Task(images, spec.model.name, asking.preprocessing(spec), asking.augmentation(spec.train), how, teacher)
    done = staging.stages(spec, out, task)
    out.phase("compare")
    leaving.predictions(out, images.judged, {one.name: one.judged for one in done})
    comparing.stages(out, images, done, spec.seed)
