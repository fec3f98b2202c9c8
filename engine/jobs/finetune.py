"""Fine-tuning on a small gold set, judged by leave-one-out, one model a variable."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine import tables
from engine.errors import SpecError
from engine.files import sha256, write_atomic
from engine.record import Recorder
from engine.specs.finetune import Finetune
from engine.stats import agreement, folds, probe, report, results
from engine.stats.metrics import Floats
from engine.stats.results import Outcome
from engine.vision import frames, gold, parts
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.gold import Gold
from engine.vision.parts import Tally
from engine.vision.plan import Compute, Places, Plan, Training
from engine.vision.pool import Pool, processes

FILE_WORD = re.compile(r"\w[\w .-]*")
ABOUT = {
    "weights": "what the given weights predict",
    "probe": "a linear probe of the given weights' features, by the same folds",
}


def run(spec: Finetune, out: Recorder) -> None:
    """Train without some gold frames, judge on those, each in turn; keep weights trained on all only where better."""
    table = gold.read(out.resolve(spec.gold))
    asked = [_asked(spec, out, table, variable) for variable in _variables(spec, out, table)]
    with _pool(spec, out) as pool:
        pixels = _frames(spec, out, table)
        compute = _compute(out, pool)
        plans = [replace(plan, frames_sha256=pixels, compute=compute) for plan in asked]
        _prepare(spec, out, pool, plans)
        _leave_out(out, pool, plans)
        outcomes = [_judge(spec, out, table, plan) for plan in plans]
        better = [plan for plan, outcome in zip(plans, outcomes, strict=True) if outcome.report["improved"]]
        _train_on_all(out, pool, better)
    _write(spec, out, plans, outcomes)


# --- what is asked, and of which frames ----------------------------------------------------------------------------


def _variables(spec: Finetune, out: Recorder, table: Gold) -> list[str]:
    known = list(out.workspace.settings.variables)
    faults = gold.unknown("names", spec.names, known)
    found = gold.variables(table, spec.variables, known)
    faults += [
        f"variables: {name!r} cannot be part of a file's name" for name in found if not FILE_WORD.fullmatch(name)
    ]
    if len({_name(spec, variable) for variable in found}) < len(found):
        faults.append("names: two variables would write one file")
    if faults:
        raise SpecError(faults)
    return found


def _asked(spec: Finetune, out: Recorder, table: Gold, variable: str) -> Plan:
    """One variable's study, so far as it can be planned before a frame is loaded."""
    codebook = out.workspace.settings.variables[variable]
    part = gold.labelled(table, variable, codebook.labels, codebook.class_names(), codebook.class_of)
    out.note(part.summary())
    rule, names = folds.left_out([table.rows[row] for row in part.rows], spec.loo.leave_out)
    groups = folds.members(names)
    weights = out.resolve(_weights(spec, variable)) if _weights(spec, variable) else None
    if weights is None:
        out.note(f"{variable}: model.weights is empty, so it starts from random weights", "warning")
    return Plan(
        variable=variable,
        classes=tuple(part.classes),
        model=spec.model.name,
        train_from=spec.model.train_from,
        weights_sha256=sha256(weights) if weights else "",
        frames_sha256="",
        keys=tuple(f"{video_id}:{index}" for video_id, index in table.keys),
        rows=tuple(part.rows),
        labels=tuple(part.labels),
        rule=rule,
        groups=tuple(groups),
        folds=tuple(tuple(members) for members in groups.values()),
        preprocessing=_preprocessing(spec),
        augmentation=Augmentation(**spec.train.augment.model_dump()),
        training=_training(spec),
        compute=Compute("", "", 1, {}),
        seed=spec.seed,
        cached=spec.cache_trunk,
        places=Places(str(out.work), str(out.workspace.cache / "trunk"), str(_pixels(out)), str(weights or "")),
    )


def _preprocessing(spec: Finetune) -> Preprocessing:
    return Preprocessing(**spec.preprocess.model_dump())


def _training(spec: Finetune) -> Training:
    how = spec.train.model_dump(exclude={"class_weights", "batch_norm", "augment"})
    weighted, frozen = spec.train.class_weights == "inverse", spec.train.batch_norm == "frozen"
    return Training(**how, weighted=weighted, frozen_norm=frozen)


def _weights(spec: Finetune, variable: str) -> str:
    given = spec.model.weights
    if isinstance(given, str):
        return given
    if variable not in given:
        raise SpecError([f"model.weights: no weights for {variable!r}"], hint="name a file for each variable")
    return given[variable]


def _name(spec: Finetune, variable: str) -> str:
    return spec.names.get(variable, variable)


# --- the work, part by part ----------------------------------------------------------------------------------------


def _pool(spec: Finetune, out: Recorder) -> Pool:
    count = processes(spec.compute.processes, spec.compute.threads, out.device)
    return Pool(count, out.device, spec.compute.precision, spec.compute.threads)


def _pixels(out: Recorder) -> Path:
    return out.work / "frames.npy"


def _frames(spec: Finetune, out: Recorder, table: Gold) -> str:
    """Load all gold frames; the hash of their pixels."""
    out.phase("frames")
    folder = out.resolve(spec.videos or out.workspace.settings.videos)

    def said(done: int) -> None:
        out.progress(done, len(table.keys), "frames")
        out.checkpoint()

    return frames.keep(_pixels(out), folder, table.keys, _preprocessing(spec), said)


def _compute(out: Recorder, pool: Pool) -> Compute:
    out.phase("libraries")
    found = Compute(**pool.facts(out.checkpoint))
    each = f"{pool.count} processes of {found.threads} thread{'s' if found.threads > 1 else ''}"
    out.note(f"{each}, {found.precision} on {found.device}: {found.facts['hardware']}")
    return found


def _prepare(spec: Finetune, out: Recorder, pool: Pool, plans: list[Plan]) -> None:
    """The weights to start from, and the frozen trunk's output for all frames."""
    out.phase("trunk")
    for plan in plans:
        plan.save()
    for _ in pool.run(parts.starts(plans), out.checkpoint):
        pass
    for plan in plans:
        facts = plan.facts()
        learning, frozen = facts["weights_learning"], facts["weights_frozen"]
        out.note(
            f"{plan.variable}: {plan.model}, {facts['head']} head, {learning:,} weights learn, {frozen:,} are frozen; "
            f"{len(plan.folds)} folds, each without one {plan.rule}; before: {ABOUT[_what_before(spec, plan)]}"
        )
        if facts["head"] == "given" and not facts["classes_are_told"]:
            order = ", ".join(plan.classes)
            out.note(f"{plan.variable}: no file tells the classes of its head; taken to be {order}", "warning")
    passes = parts.trunks(plans)
    for done, _ in enumerate(pool.run(passes, out.checkpoint), start=1):
        out.progress(done, len(passes), "passes")


def _leave_out(out: Recorder, pool: Pool, plans: list[Plan]) -> None:
    """Every fold that is not done yet."""
    out.phase("leave one out")
    tallies = {str(plan.path): Tally(plan) for plan in plans}
    total, detail = sum(len(plan.folds) for plan in plans), ""
    for answer in pool.run(parts.folds(plans), out.checkpoint):
        part = answer["part"]
        tally = tallies[part["plan"]]
        if "epoch" in answer:
            detail = f"{tally.plan.variable}: epoch {answer['epoch'] + 1}, loss {answer['loss']:.4f}"
        elif part["what"] == "fold":
            print(tally.add(part["number"]), flush=True)
            out.metric(f"{tally.plan.variable}.running_accuracy", tally.right / tally.frames, tally.folds)
            out.metric(f"{tally.plan.variable}.fold_loss", tally.losses[-1], tally.folds)
        out.progress(sum(tally.folds for tally in tallies.values()), total, "folds", detail)
    for plan in plans:
        for epoch, loss in enumerate(parts.mean_losses(plan), start=1):
            out.metric(f"{plan.variable}.train_loss", loss, epoch)


def _train_on_all(out: Recorder, pool: Pool, plans: list[Plan]) -> None:
    """The weights to keep, of those that leave-one-out found better."""
    out.phase("weights")
    for answer in pool.run(parts.wholes(plans), out.checkpoint):
        if "epoch" in answer:
            out.progress(answer["epoch"] + 1, max(plan.training.epochs for plan in plans), "epochs")


# --- what it is worth ----------------------------------------------------------------------------------------------


def _judge(spec: Finetune, out: Recorder, table: Gold, plan: Plan) -> Outcome:
    what, after = _what_before(spec, plan), plan.scores()
    before = _before(spec, plan, what)
    replicates, seed = spec.loo.replicates, spec.seed
    found = report.comparison(np.array(plan.labels), plan.classes, before, after, plan.folds, replicates, seed)
    improved = found["difference"][spec.loo.keep_if]["value"] > 0
    about = {
        "leave_out": plan.rule,
        "before_is": ABOUT[what],
        "weights": {"file": _weights(spec, plan.variable), "sha256": plan.weights_sha256, **plan.facts()},
        "improved": improved,
        "saved": _file(spec, plan) if improved else None,
        "coders": _coders(out, table, plan),
    }
    _tell(out, plan.variable, about | found)
    keys = [table.keys[row] for row in plan.rows]
    return Outcome(
        plan.variable, plan.classes, keys, plan.groups, plan.folds, plan.labels, before, after, about | found
    )


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


def _coders(out: Recorder, table: Gold, plan: Plan) -> list[dict[str, Any]]:
    """How far coders agree on these frames, where the workspace has their annotations."""
    if not out.workspace.annotations.exists():
        return []
    rows = tables.read(out.workspace.annotations, ["annotator", *gold.KEY])
    class_of = out.workspace.settings.variables[plan.variable].class_of
    keys = [table.keys[row] for row in plan.rows]
    labels = gold.by_coder(rows, plan.variable, keys, plan.classes, class_of)
    return [asdict(pair) for pair in agreement.pairs(labels, len(plan.classes))]


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


def _write(spec: Finetune, out: Recorder, plans: list[Plan], outcomes: list[Outcome]) -> None:
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
    name = _file(spec, plan)
    write_atomic(out.artifact(name, f"{plan.variable}: weights trained on all gold frames"), plan.whole.read_bytes())
    card = {"model": plan.model, "classes": plan.classes, "preprocess": asdict(plan.preprocessing)}
    out.write_json(f"{name.removesuffix('.pth')}.json", card, f"{plan.variable}: what these weights take and give")


def _file(spec: Finetune, plan: Plan) -> str:
    return f"{_name(spec, plan.variable)}_{plan.model.rpartition(':')[2]}_{spec.version}.pth"
