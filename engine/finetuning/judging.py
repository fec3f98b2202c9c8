"""What fine-tuning is worth: before and after on the same left-out frames, beside the agreement of coders."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.errors import SpecError
from engine.finetuning import asking
from engine.finetuning.ceiling import coders
from engine.record import Recorder
from engine.specs.finetune import Finetune
from engine.stats import probe, report
from engine.stats.metrics import Floats
from engine.stats.results import Outcome
from engine.vision.gold import Gold
from engine.vision.plan import Plan

_ABOUT = {
    "weights": "what the given weights predict",
    "probe": "a linear probe of the given weights' features, by the same folds",
}


def judge(spec: Finetune, out: Recorder, table: Gold, plan: Plan) -> Outcome:
    """One variable's comparison, told in the run's log as well."""
    what, after = _what_before(spec, plan), plan.scores()
    before = _before(spec, plan, what)
    replicates, seed = spec.loo.replicates, spec.seed
    found = report.comparison(np.array(plan.labels), plan.classes, before, after, plan.folds, replicates, seed)
    always = spec.loo.keep_if == "always"
    improved = found["difference"]["accuracy" if always else spec.loo.keep_if]["value"] > 0
    about = {
        "leave_out": plan.rule,
        "before_is": _ABOUT[what],
        "weights": {"file": asking.weights_of(spec, plan.variable), "sha256": plan.weights_sha256, **plan.facts()},
        "improved": improved,
        "saved": file(spec, plan) if improved or always else None,
        "coders": coders(out, table, plan),
    }
    _tell(out, plan.variable, about | found)
    if always and not improved:
        out.flag("kept_though_no_better", f"{plan.variable}: keep_if asks for weights that are no better than before")
    keys = [table.keys[row] for row in plan.rows]
    return Outcome(
        plan.variable, plan.classes, keys, plan.groups, plan.folds, plan.labels, before, after, about | found
    )


def before_is(spec: Finetune, plan: Plan) -> str:
    """What new weights are held against, in words."""
    return _ABOUT[_what_before(spec, plan)]


def _what_before(spec: Finetune, plan: Plan) -> str:
    """What new weights are held against: the given ones where they have our classes, else a probe of their features."""
    has_our_classes = plan.facts()["head"] == "given"
    if spec.loo.before == "weights" and not has_our_classes:
        raise SpecError(
            [f"loo.before: the weights for {plan.variable!r} have no head for {', '.join(plan.classes)}"],
            hint="auto or probe compares with a linear probe of their features",
        )
    return "probe" if spec.loo.before == "probe" or not has_our_classes else "weights"


def _before(spec: Finetune, plan: Plan, what: str) -> Floats:
    with np.load(plan.before) as given:
        if what == "weights":
            scores: Floats = given["scores"]
            return scores
        labels, weighted = np.array(plan.labels), plan.training.weighted
        return probe.leave_out(given["features"], labels, plan.folds, len(plan.classes), weighted)


def _tell(out: Recorder, variable: str, found: dict[str, Any]) -> None:
    out.note(f"{variable}: {found['verdict']}")
    for pair in found["coders"]:
        kappa = "undefined (no variation)" if pair["kappa"] is None else f"{pair['kappa']:.2f}"
        alike = f"{pair['share']:.0%} of {pair['units']} frames, kappa {kappa}"
        out.note(f"{variable}: {' and '.join(pair['coders'])} agree on {alike}: the ceiling for a model")
    for name, value in report.headline(found).items():
        out.metric(f"{variable}.{name}", value)
    for name, text in report.doubts(found).items():
        out.flag(name, f"{variable}: {text}")


def file(spec: Finetune, plan: Plan) -> str:
    """The name of the file of new weights."""
    return f"{asking.name(spec, plan.variable)}_{plan.model.rpartition(':')[2]}_{spec.version}.pth"
