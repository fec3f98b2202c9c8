"""Training of a teacher: a large network on the images of a manifest."""

from __future__ import annotations

from engine.record import Recorder
from engine.specs.losses import LOSSES
from engine.specs.teacher import Teacher
from engine.teaching import asking, going, judging, leaving, reading
from engine.teaching.going import Task
from engine.vision.training import fitting


def run(spec: Teacher, out: Recorder) -> None:
    """Train on one split, keep the epoch that is best on another, and tell how good it is on the third."""
    images = reading.images(spec, out)
    how = asking.compute(spec.compute, out)
    out.phase("train")
    network = asking.network(spec.model, images.classes, spec.seed, out).to(how.where)
    task = Task(images, spec.model.name, asking.preprocessing(spec), asking.augmentation(spec.train), how)
    recipe = asking.recipe(spec.train, "teacher", spec.train.epochs, spec.seed, spec.compute, how)
    folder, data = out.work / "train", task.data(recipe)
    story = fitting.fit(
        network, data, recipe, asking.objective(LOSSES[spec.train.loss]), asking.terms_of({"gamma": spec.train.gamma}),
        task.what(), folder, going.told(out, recipe, len(data.labels), "", 0),
    )  # fmt: skip
    out.phase("judge")
    judged = judging.judge(folder / "best.pt", images, how, recipe.batch, spec.seed)
    judging.tell(out, "", judged)
    leaving.write(out, "", folder, story, judged)
    leaving.predictions(out, images.judged, {"teacher": judged})
