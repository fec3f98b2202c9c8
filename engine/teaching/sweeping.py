"""A sweep: a run for each combination of numbers, all of them children of this one.

What they have in common, the stages before the first list, is a child of its own, done once. Which combination is
chosen hangs on validation alone; test images only tell how good it is.
"""

from __future__ import annotations

from itertools import product

from engine.errors import DataError
from engine.record import Recorder
from engine.run import Run
from engine.specs.distill import Distill
from engine.teaching import lending, tabling
from engine.teaching.tabling import Child

Numbers = dict[str, float]


def run(spec: Distill, out: Recorder) -> None:
    """All children, one after another, and a table of what became of each.

    Raises:
        DataError: a child failed; the table says which.
    """
    wanted, family = combinations(spec), lending.Family(out)
    out.phase("sweep")
    shared = common(spec)
    total = len(wanted) + bool(shared)
    base = family.done(shared, 0, total) if shared else None
    if base and base.status().state != "done":
        raise DataError(
            f"{base.id}, which all others begin with, {base.status().state}", hint=f"footplate log {base.id}"
        )
    found = [
        Child(numbers, family.done(_student(spec, numbers, base), place, total))
        for place, numbers in enumerate(wanted, start=bool(base))
    ]
    tabling.write(out, spec, found, base)
    if failed := [child.run for child in found if child.run.status().state != "done"]:
        names = ", ".join(f"{one.id} ({one.status().state})" for one in failed)
        raise DataError(f"{len(failed)} of {len(found)} students failed: {names}", hint="sweep.csv tells the others")


def combinations(spec: Distill) -> list[Numbers]:
    """Each combination of the numbers that are lists, by `stage.key`."""
    keys = [f"{stage}.{key}" for stage, key, _ in spec.swept]
    return [dict(zip(keys, values, strict=True)) for values in product(*(values for _, _, values in spec.swept))]


def common(spec: Distill) -> Distill | None:
    """The student of the stages before the first list; None where there are none."""
    before = _shared(spec)
    if not before:
        return None
    taught = any(spec.loss(name).teacher for name in before)
    stages = {name: spec.stages[name] for name in before}
    return _changed(spec, title="what is common", stages=stages, softlabels=spec.softlabels if taught else "")


def _student(spec: Distill, numbers: Numbers, base: Run | None) -> Distill:
    """What one child is asked for: its numbers, and to begin where the common stages ended."""
    before = _shared(spec)
    stages = {name: stage.model_dump() for name, stage in spec.stages.items() if name not in before}
    for key, value in numbers.items():
        stage, _, number = key.partition(".")
        stages[stage][number] = value
    # In a narrow column the beginning is all that is seen, and numbers are what tells one from another.
    title = f"{', '.join(f'{value:g}' for value in numbers.values())} ({', '.join(numbers)})"
    weights = f"run:{base.id}/{before[-1]}/best.pt" if base else spec.model.weights
    return _changed(spec, title=title, stages=stages, model={"name": spec.model.name, "weights": weights})


def _shared(spec: Distill) -> list[str]:
    names, swept = list(spec.stages), {stage for stage, _, _ in spec.swept}
    return names[: min(names.index(name) for name in swept)]


def _changed(spec: Distill, **changes: object) -> Distill:
    """The same with other keys; what the parent is held against is no matter of its children."""
    return Distill.model_validate({**spec.model_dump(), "success": {}, **changes})
