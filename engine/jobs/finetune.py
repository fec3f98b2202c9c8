"""Fine-tuning on a small gold set, judged by leave-one-out, one model a variable."""

from __future__ import annotations

from dataclasses import replace

from engine.finetuning import asking, judging, leaving
from engine.record import Recorder
from engine.specs.finetune import Finetune
from engine.vision import frames, gold, parts
from engine.vision.gold import Gold
from engine.vision.parts import Tally
from engine.vision.plan import Compute, Plan
from engine.vision.pool import Pool, processes


def run(spec: Finetune, out: Recorder) -> None:
    """Train without some gold frames, judge on those, each in turn; keep weights trained on all only where better."""
    table = gold.read(out.resolve(spec.gold))
    asked = [asking.plan(spec, out, table, variable) for variable in asking.variables(spec, out, table)]
    with _pool(spec, out) as pool:
        pixels = _frames(spec, out, table)
        compute = _compute(out, pool)
        plans = [replace(plan, frames_sha256=pixels, compute=compute) for plan in asked]
        _prepare(spec, out, pool, plans)
        _leave_out(out, pool, plans)
        outcomes = [judging.judge(spec, out, table, plan) for plan in plans]
        kept = [plan for plan, outcome in zip(plans, outcomes, strict=True) if outcome.report["saved"]]
        _train_on_all(out, pool, kept)
    leaving.write(spec, out, plans, outcomes)


def _pool(spec: Finetune, out: Recorder) -> Pool:
    count = processes(spec.compute.processes, spec.compute.threads, out.device)
    return Pool(count, out.device, spec.compute.precision, spec.compute.threads)


def _frames(spec: Finetune, out: Recorder, table: Gold) -> str:
    """Load all gold frames; the hash of their pixels."""
    out.phase("frames")
    folder = out.resolve(spec.videos or out.workspace.settings.videos)

    def said(done: int) -> None:
        out.progress(done, len(table.keys), "frames")
        out.checkpoint()

    return frames.keep(asking.pixels(out), folder, table.keys, asking.preprocessing(spec), said)


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
            f"{len(plan.folds)} folds, each without one {plan.rule}; before: {judging.before_is(spec, plan)}"
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
    """The weights to keep, by all gold frames."""
    out.phase("weights")
    for answer in pool.run(parts.wholes(plans), out.checkpoint):
        if "epoch" in answer:
            out.progress(answer["epoch"] + 1, max(plan.training.epochs for plan in plans), "epochs")
