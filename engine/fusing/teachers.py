"""The teachers that are asked: their weights, classes and preprocessing, and that they speak of the same classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.errors import DataError
from engine.files import read_json
from engine.record import Recorder
from engine.specs.ensemble import Teacher as Asked
from engine.specs.ensemble import Teachers
from engine.specs.softlabels import SoftLabels
from engine.vision import trained
from engine.vision.trained import Trained


@dataclass(frozen=True)
class Teacher:
    """A teacher.

    Attributes:
        reference: how the spec names its weights.
        sha256: of the bits of its weights.
    """

    name: str
    reference: str
    trained: Trained
    sha256: str

    @property
    def classes(self) -> tuple[str, ...]:
        return self.trained.classes

    @property
    def preprocess(self) -> dict[str, Any]:
        """How it is shown pictures, as JSON."""
        found: dict[str, Any] = trained.plain(asdict(self.trained.preprocessing))
        return found

    def facts(self) -> dict[str, Any]:
        """What tells it from every other teacher, as JSON."""
        facts = {"name": self.name, "model": self.trained.model, "reference": self.reference}
        return {**facts, "weights_sha256": self.sha256, "preprocess": self.preprocess}


def load(spec: Teachers, out: Recorder) -> list[Teacher]:
    """All teachers of a spec.

    Raises:
        DataError: weights cannot be read, two are the same, or one knows other classes than the first.
    """
    found = [(one, trained.read(out.resolve(one.weights))) for one in spec.asked]
    models = Counter(weights.model for _, weights in found)
    teachers = [
        Teacher(
            asked.name or (weights.model if models[weights.model] == 1 else f"{weights.model}-{number}"),
            asked.weights, weights, trained.digest(weights),
        )
        for number, (asked, weights) in enumerate(found, start=1)
    ]  # fmt: skip
    _must_differ(teachers)
    for other in teachers[1:]:
        _must_agree(teachers[0], other)
    return teachers


def of_ensemble(spec: SoftLabels, out: Recorder) -> SoftLabels:
    """The same spec with teachers, weights and space of the ensemble that it names."""
    told = _told(spec, out)
    asked = tuple(Asked(weights=one["reference"], name=one["name"]) for one in told["teachers"])
    return spec.model_copy(update={"teachers": asked, "weights": tuple(told["weights"]), "space": told["space"]})


def must_be_those(spec: SoftLabels, out: Recorder, teachers: Sequence[Teacher]) -> None:
    """Raise DataError where a teacher's weights are not those that the ensemble was judged with."""
    for one, told in zip(teachers, _told(spec, out)["teachers"], strict=True):
        if one.sha256 != told["weights_sha256"]:
            was = f"are not those that {spec.ensemble} was judged with"
            raise DataError(f"{one.name} ({one.reference}): its weights {was}", hint="run the ensemble anew")


def _told(spec: SoftLabels, out: Recorder) -> dict[str, Any]:
    path = out.resolve(spec.ensemble)
    told = read_json(path)
    if not all(told.get(key) for key in ("teachers", "weights", "space")):
        raise DataError(f"{path}: no ensemble_metrics.json", hint="a run of ensemble writes it")
    return told


def _must_differ(teachers: Sequence[Teacher]) -> None:
    seen: dict[str, Teacher] = {}
    names = Counter(one.name for one in teachers)
    for one in teachers:
        same = seen.setdefault(f"{one.sha256} {one.preprocess}", one)
        if same is not one:
            raise DataError(f"{one.reference}: has the same weights as {same.reference}", hint="name each teacher once")
        if names[one.name] > 1:
            raise DataError(f"two teachers are called {one.name!r}", hint="give each a name: {weights: …, name: …}")


def _must_agree(first: Teacher, other: Teacher) -> None:
    if set(first.classes) == set(other.classes):
        return
    extra = ", ".join(sorted(set(other.classes) - set(first.classes))) or "none"
    lacking = ", ".join(sorted(set(first.classes) - set(other.classes))) or "none"
    raise DataError(
        f"{other.name} ({other.reference}) has other classes than {first.name}: more: {extra}; lacking: {lacking}",
        hint="teachers can be fused only where all of them tell the same classes apart",
    )
