"""Which classifiers are asked for, from runs and files, each with what its network takes and gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.errors import DataError, SpecError
from engine.files import read_json, sha256
from engine.record import Recorder
from engine.specs.common import Preprocess
from engine.specs.infer import Classifier as Asked
from engine.specs.infer import Infer
from engine.vision import weights
from engine.vision.classifier import Classifier
from engine.vision.data import Preprocessing

SUFFIXES = (".pth", ".pt")


def classifiers(spec: Infer, out: Recorder) -> list[Classifier]:
    """All that `models` names.

    Raises:
        SpecError: what a network takes and gives is told neither by the spec nor beside its weights.
    """
    found = []
    for number, one in enumerate(spec.models):
        for asked, path, reports in _files(out, one):
            report = reports.get(path.name, {})
            found.append(_classifier(f"models[{number}]", asked, path, report.get("variable")))
            if report.get("improved") is False:
                words = "kept though leave-one-out found them no better than what they began with"
                out.flag("no_better", f"{found[-1].name}: its weights were {words}")
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SpecError([f"models: two are called {twice[0]!r}"], hint="give each a name: {weights: …, name: …}")
    return found


def _files(out: Recorder, one: str | Asked) -> Iterator[tuple[Asked, Path, dict[str, Any]]]:
    """The weights of an entry, with what the run that made them found of each file of weights."""
    asked = one if isinstance(one, Asked) else Asked(weights=one)
    path = out.resolve(asked.weights)
    if not path.is_dir():
        yield asked, path, _comparison(path.parent)
        return
    kept = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    if not kept:
        raise DataError(
            f"{asked.weights}: holds no weights (a finetune run keeps them only where leave-one-out improved)",
            hint="name a file of weights: models: [{weights: weights/pov.pth, name: …, classes: […], …}]",
        )
    for file in kept:
        yield asked.model_copy(update={"name": asked.name if len(kept) == 1 else None}), file, _comparison(path)


def _comparison(folder: Path) -> dict[str, Any]:
    """What a finetune run found of each file of weights that it kept, by the file's name."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*_comparison.json")):
        variables = read_json(path).get("variables")
        for variable, report in variables.items() if isinstance(variables, dict) else ():
            if isinstance(report, dict) and report.get("saved"):
                found[str(report["saved"])] = {"variable": variable, "improved": report.get("improved")}
    return found


def _classifier(place: str, asked: Asked, path: Path, variable: str | None) -> Classifier:
    card = weights.card(path)
    name = asked.name or variable or path.stem
    model, classes = asked.model or card.get("model"), asked.classes or card.get("classes")
    preprocess = _preprocess(place, path, asked, card)
    missing = [
        key for key, value in {"model": model, "classes": classes, "preprocess": preprocess}.items() if not value
    ]
    if missing or not isinstance(classes, list | tuple) or preprocess is None:
        raise SpecError(
            [
                f"{place}.{key}: nothing says it of {path.name}, and no {path.stem}.json beside it does"
                for key in missing
            ],
            hint=f"name it: {{weights: {asked.weights}, {', '.join(f'{key}: …' for key in missing)}}}",
        )
    how = Preprocessing(**preprocess.model_dump())
    return Classifier(str(name), str(model), tuple(map(str, classes)), how, path, sha256(path))


def _preprocess(place: str, path: Path, asked: Asked, card: dict[str, Any]) -> Preprocess | None:
    if asked.preprocess is not None or "preprocess" not in card:
        return asked.preprocess
    try:
        return Preprocess.model_validate(card["preprocess"])
    except ValidationError as error:
        words = f"{path.stem}.json: preprocess: {error.errors()[0]['msg']}"
        raise SpecError([f"{place}: {words}"], hint=f"mend it, or name {place}.preprocess") from None
