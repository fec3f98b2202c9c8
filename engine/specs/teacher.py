"""What training a teacher takes."""

from __future__ import annotations

from pydantic import NonNegativeFloat, PositiveInt, model_validator

from engine.specs.common import Label
from engine.specs.learning import Learn, Learning, Model
from engine.specs.losses import known


class TeacherLearn(Learn):
    """How a teacher is trained."""

    epochs: PositiveInt = 20
    loss: Label = "ce"
    gamma: NonNegativeFloat = 2.0
    mixup: NonNegativeFloat = 0.0

    @model_validator(mode="after")
    def _learns_alone(self) -> TeacherLearn:
        self.must_rise_within(self.epochs, "epochs")
        loss = known(self.loss, "loss")
        if loss.teacher:
            raise ValueError(f"loss: {self.loss} needs a teacher; footplate run distill has one")
        if not loss.mixes and (self.mixup or self.label_smoothing):
            raise ValueError(f"loss: {self.loss} knows one class a picture: set mixup and label_smoothing to 0")
        return self


class Teacher(Learning):
    """Trains a large network on the images of a manifest, which then teaches students."""

    model: Model = Model(name="resnet18")
    train: TeacherLearn = TeacherLearn()
