"""What fine-tuning leaves: tables and pictures of the comparison, and weights only where they are better."""

from __future__ import annotations

from dataclasses import asdict

from engine.files import write_atomic
from engine.finetuning.judging import file
from engine.record import Recorder
from engine.specs.finetune import Finetune
from engine.stats import results
from engine.stats.results import Outcome
from engine.vision.plan import Plan


def write(spec: Finetune, out: Recorder, plans: list[Plan], outcomes: list[Outcome]) -> None:
    """All artifacts of the run."""
    out.phase("write")
    results.write(outcomes, out.artifact)
    history = {plan.variable: plan.losses() for plan in plans}
    out.write_json("history.json", history, "training loss by variable, fold and epoch")
    compute = asdict(plans[0].compute)
    asked = {"model": spec.model.model_dump(), "train": spec.train.model_dump(), "seed": spec.seed, "compute": compute}
    variables = {outcome.variable: outcome.report for outcome in outcomes}
    comparison = {"version": spec.version, **asked, "variables": variables}
    out.write_json(f"{spec.version}_comparison.json", comparison, "before and after on the same left-out frames")
    for plan in plans:
        if variables[plan.variable]["saved"]:
            _save(spec, out, plan)


def _save(spec: Finetune, out: Recorder, plan: Plan) -> None:
    name = file(spec, plan)
    write_atomic(out.artifact(name, f"{plan.variable}: weights trained on all gold frames"), plan.whole.read_bytes())
    card = {"model": plan.model, "classes": plan.classes, "preprocess": asdict(plan.preprocessing)}
    out.write_json(f"{name.removesuffix('.pth')}.json", card, f"{plan.variable}: what these weights take and give")
