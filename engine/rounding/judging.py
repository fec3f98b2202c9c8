"""What a round says of one variable's model: scores, calibration, what was gained, and advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.annotations.decision import Unit
from engine.rounding.before import Before
from engine.stats import calibration, guidance, metrics, scorecard
from engine.stats.calibration import Temperature
from engine.stats.metrics import Floats, Ints
from engine.stats.sides import SIDES, TEST, TRAIN, VALIDATION


@dataclass(frozen=True)
class Side:
    """Frames of one side that have a class, with what the model says of them.

    Attributes:
        groups: (N,) of each frame.
        labels: (N,) class numbers.
        logits: (N, K).
    """

    units: Sequence[Unit]
    groups: Sequence[str]
    labels: Ints
    logits: Floats

    @property
    def predictions(self) -> Ints:
        found: Ints = self.logits.argmax(1)
        return found


@dataclass(frozen=True)
class Judged:
    """One variable: its classes, its sides, and the stop set's logits."""

    variable: str
    classes: Sequence[str]
    sides: Mapping[str, Side]
    stop_units: Sequence[Unit]
    stop_logits: Floats
    replicates: int
    seed: int

    def fitted(self) -> Temperature | None:
        """The temperature of the validation frames; None where they are too few to tell one."""
        side = self.sides[VALIDATION]
        return calibration.fit_temperature(side.logits, side.labels) if len(side.labels) >= scorecard.FEW else None

    def scores(self, logits: Floats) -> Floats:
        """(N, K) after temperature."""
        return calibration.softmax(logits, scorecard.used(self.fitted()))


def report(judged: Judged, before: Before | None) -> dict[str, Any]:
    """What metrics.json holds of a variable, training and lineage aside."""
    test = judged.sides[TEST]
    quality = scorecard.quality(
        test.labels, test.predictions, test.groups, judged.classes, judged.replicates, judged.seed
    )
    gain, stop = _gain(judged, before), _stop(judged, before)
    found = {
        "classes": list(judged.classes),
        "sizes": _sizes(judged),
        "test": quality,
        **{name: brief(judged.sides[name], len(judged.classes)) for name in (VALIDATION, TRAIN)},
        "calibration": scorecard.calibrated(test.logits, test.labels, judged.fitted()),
        "gain": gain,
        "stop_set": stop,
        "arms": _arms(judged, before),
    }
    advice = [_overfitting(judged)]
    if gain and before:
        advice.insert(0, guidance.diminishing(gain, before.number, quality["interval_note"]))
    if stop:
        advice.append(guidance.stable(stop))
    return found | {"guidance": guidance.plain(advice)}


def _sizes(judged: Judged) -> dict[str, Any]:
    sizes: dict[str, Any] = {name: len(judged.sides[name].labels) for name in SIDES}
    for name in SIDES:
        counts = Counter(judged.sides[name].labels.tolist())
        sizes[f"{name}_by_class"] = {label: counts[number] for number, label in enumerate(judged.classes)}
    return sizes


def brief(side: Side, classes: int) -> dict[str, Any]:
    """Accuracy and macro-F1 of a side."""
    table = metrics.confusion(side.labels, side.predictions, classes)
    return {
        "accuracy": float(metrics.accuracy(table)),
        "macro_f1": float(metrics.macro_f1(table)),
        "frames": len(side.labels),
    }


def _gain(judged: Judged, before: Before | None) -> dict[str, Any] | None:
    """Over the last round, where it judged the same classes on the same frames."""
    test = judged.sides[TEST]
    former = before.test(judged.variable, judged.classes, test.units) if before else None
    if former is None:
        return None
    return scorecard.gained(
        test.labels, former, test.predictions, test.groups, len(judged.classes), judged.replicates, judged.seed
    )


def _stop(judged: Judged, before: Before | None) -> dict[str, Any] | None:
    former = before.stop(judged.variable, judged.classes, judged.stop_units) if before else None
    if former is None or before is None or not len(former):
        return None
    return guidance.stop_set(former, judged.stop_logits.argmax(1), len(judged.classes), before.streak(judged.variable))


def _arms(judged: Judged, before: Before | None) -> dict[str, Any] | None:
    """How often the last model was wrong on what its queue had labelled since, by the arm of the queue."""
    if before is None:
        return None
    wrong: dict[str, list[bool]] = {"model": [], "random": []}
    for name in (TRAIN, VALIDATION):
        one = judged.sides[name]
        for unit, label in zip(one.units, one.labels.tolist(), strict=True):
            if found := before.asked(judged.variable, unit):
                arm, predicted = found
                wrong[arm].append(predicted != judged.classes[label])
    return guidance.arms(wrong["model"], wrong["random"]) if any(wrong.values()) else None


def _overfitting(judged: Judged) -> guidance.Guidance:
    two = [judged.sides[name] for name in (TRAIN, VALIDATION)]
    classes = len(judged.classes)
    sides = [(one.labels, one.predictions, one.groups) for one in two]
    ends = scorecard.gap(sides, classes, judged.replicates, judged.seed)
    train, validation = (brief(one, classes)["macro_f1"] for one in two)
    note = scorecard.units(two[1].groups)[2]
    return guidance.overfitting(train, validation, ends, len(two[1].labels), note)
