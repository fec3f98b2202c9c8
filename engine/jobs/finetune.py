"""Fine-tuning on a small gold set, judged by leave-one-out, one model a variable."""

from __future__ import annotations

from dataclasses import asdict
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
from engine.vision.gold import Gold, Labelled
from engine.vision.parts import Tally
from engine.vision.plan import Compute, Places, Plan, Training
from engine.vision.pool import Pool, processes

FEW = 5  # frames of a class
ABOUT = {
    "weights": "what the given weights predict",
    "probe": "a linear probe of the given weights' features, by the same folds",
}


def run(spec: Finetune, out: Recorder) -> None:
    """Train without some gold frames, judge on those, each in turn; keep weights trained on all only where better."""
    table = gold.read(out.resolve(spec.gold))
    variables = gold.variables(table, spec.variables, list(out.workspace.settings.variables))
    labelled = [_labelled(out, table, variable) for variable in variables]
    with _pool(spec, out) as pool:
        kept = _frames(spec, out, table)
        compute = _compute(out, pool)
        plans = [_plan(spec, out, table, part, kept, compute) for part in labelled]
        _prepare(spec, out, pool, plans)
        _leave_out(out, pool, plans)
        outcomes = [_judge(spec, out, table, plan) for plan in plans]
        better = [plan for plan, outcome in zip(plans, outcomes, strict=True) if outcome.report["improved"]]
        _train_on_all(out, pool, better)
    _write(spec, out, plans, outcomes)


# --- what is asked, and of which frames ----------------------------------------------------------------------------


def _labelled(out: Recorder, table: Gold, variable: str) -> Labelled:
    settings = out.workspace.settings.variables[variable]
    found = gold.labelled(table, variable, settings.labels, settings.class_names(), settings.class_of)
    left_out = ", ".join([*(f"{n} {label!r}" for label, n in found.dropped.items()), f"{found.blank} without a label"])
    out.note(f"{variable}: {len(found.rows)} of {len(table.rows)} gold frames take part; left out: {left_out}")
    for name, size in found.sizes().items():
        if size < FEW:
            out.flag("few_of_a_class", f"{variable}: {size} frames of {name!r}: little can be said about it")
    return found


def _pool(spec: Finetune, out: Recorder) -> Pool:
    count = processes(spec.compute.processes, spec.compute.threads, out.device)
    return Pool(count, out.device, spec.compute.precision, spec.compute.threads)


def _frames(spec: Finetune, out: Recorder, table: Gold) -> frames.Kept:
    out.phase("frames")
    folder = out.resolve(spec.videos or out.workspace.settings.videos)

    def said(done: int) -> None:
        out.progress(done, len(table.keys), "frames")
        out.checkpoint()

    return frames.keep(out.work / "frames.npy", folder, table.keys, _preprocessing(spec), said)


def _compute(out: Recorder, pool: Pool) -> Compute:
    out.phase("libraries")
    found = Compute(**pool.facts(out.checkpoint))
    each = f"{found.threads} thread{'s' if found.threads > 1 else ''} each"
    out.note(f"{len(pool.workers)} processes, {each}, {found.precision} on {found.device}: {found.facts['hardware']}")
    return found


def _plan(spec: Finetune, out: Recorder, table: Gold, part: Labelled, kept: frames.Kept, compute: Compute) -> Plan:
    rule, names = folds.left_out([table.rows[row] for row in part.rows], spec.loo.leave_out)
    groups = folds.members(names)
    reference = _weights(spec, part.variable)
    weights = out.resolve(reference) if reference else None
    plan = Plan(
        variable=part.variable,
        classes=tuple(part.classes),
        model=spec.model.name,
        train_from=spec.model.train_from,
        weights_sha256=sha256(weights) if weights else "",
        frames_sha256=kept.sha256,
        keys=tuple(f"{video_id}:{index}" for video_id, index in table.keys),
        rows=tuple(part.rows),
        labels=tuple(part.labels),
        rule=rule,
        groups=tuple(groups),
        folds=tuple(tuple(members) for members in groups.values()),
        preprocessing=_preprocessing(spec),
        augmentation=Augmentation(**spec.train.augment.model_dump()),
        training=_training(spec),
        compute=compute,
        seed=spec.seed,
        cached=spec.cache_trunk,
        places=Places(str(out.work), str(out.workspace.cache / "trunk"), str(kept.path), str(weights or "")),
    )
    plan.save()
    return plan


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


# --- the work, part by part ----------------------------------------------------------------------------------------


def _prepare(spec: Finetune, out: Recorder, pool: Pool, plans: list[Plan]) -> None:
    out.phase("trunk")
    for _ in pool.run(parts.starts(plans), out.checkpoint):
        pass
    for plan in plans:
        facts = plan.facts()
        learning, frozen = facts["weights_learning"], facts["weights_frozen"]
        out.note(
            f"{plan.variable}: {plan.model}, {facts['head']} head, {learning:,} weights learn, {frozen:,} are frozen; "
            f"{len(plan.folds)} folds, each without one {plan.rule}; before: {ABOUT[_what_before(spec, plan)]}"
        )
    passes = parts.trunks(plans)
    for done, _ in enumerate(pool.run(passes, out.checkpoint), start=1):
        out.progress(done, len(passes), "passes")


def _leave_out(out: Recorder, pool: Pool, plans: list[Plan]) -> None:
    out.phase("leave one out")
    tallies = {str(plan.path): Tally(plan) for plan in plans}
    for answer in pool.run(parts.folds(plans), out.checkpoint):
        part = answer.get("done", {"what": "an epoch"})
        if part["what"] == "fold":
            tally = tallies[part["plan"]]
            print(tally.add(part["number"]), flush=True)
            out.metric(f"{tally.plan.variable}.running_accuracy", tally.right / tally.frames, tally.folds)
            out.metric(f"{tally.plan.variable}.fold_loss", tally.losses[-1], tally.folds)
        done, total = sum(tally.folds for tally in tallies.values()), sum(len(plan.folds) for plan in plans)
        out.progress(done, total, "folds")
    for plan in plans:
        for epoch, loss in enumerate(parts.mean_losses(plan), start=1):
            out.metric(f"{plan.variable}.train_loss", loss, epoch)


def _train_on_all(out: Recorder, pool: Pool, plans: list[Plan]) -> None:
    out.phase("weights")
    for answer in pool.run(parts.wholes(plans), out.checkpoint):
        if "done" not in answer:
            out.progress(answer["epoch"] + 1, 0, "epochs")


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
    _tell(out, plan.variable, found)
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
    before, after = found["before"], found["after"]
    for name in ("accuracy", "macro_f1", "balanced_accuracy"):
        out.metric(f"{variable}.{name}_before", before[name])
        out.metric(f"{variable}.{name}", after[name])
    for name in ("folds_fixed", "folds_broken", "mcnemar_exact_p", "mcnemar_mid_p", "by_fold_p"):
        out.metric(f"{variable}.{name}", found[name])
    out.metric(f"{variable}.knows_nothing_accuracy", found["knows_nothing"]["accuracy"])
    out.note(f"{variable}: {found['verdict']}")
    if not found["certain"]:
        out.flag("too_few_frames", f"{variable}: {found['frames']} frames cannot tell this change from chance")
    if after["accuracy"] <= found["commonest_class"]:
        share = f"{after['accuracy']:.3f} against {found['commonest_class']:.3f}"
        out.flag("no_better_than_nothing", f"{variable}: no better than always saying the commonest class ({share})")


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
    name = spec.names.get(plan.variable, plan.variable)
    return f"{name}_{plan.model.rpartition(':')[2]}_{spec.version}.pth"
