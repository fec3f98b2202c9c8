"""Soft labels: what teachers say of every training image, fused and one by one, with what each image's file holds."""

from __future__ import annotations

from engine.fusing import asking, images, teachers, weighing, writing
from engine.record import Recorder
from engine.specs.softlabels import SoftLabels


def run(spec: SoftLabels, out: Recorder) -> None:
    """Ask all teachers about one split, and write their logits with an index by content."""
    out.phase("load")
    asked = teachers.of_ensemble(spec, out) if spec.ensemble else spec
    known = teachers.load(asked, out)
    if spec.ensemble:
        teachers.must_be_those(spec, out, known)
    weights = weighing.given(asked.weights, "fixed" if asked.weights else "equal", len(known))
    train = images.of_split(asked, out, spec.split, known[0].classes)
    out.phase("logits")
    logits = asking.all_logits(asked, out, known, train)
    out.phase("write")
    writing.write(asked, out, known, train, logits, weights)
