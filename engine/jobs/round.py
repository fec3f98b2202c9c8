"""A round of active learning: train on all labels, judge on the fixed test set, ask coders for what tells most.

Each step ends in a file in the run's own folder, and a step whose file is there is not done again. Which labels and
which frames take part is settled by the first attempt. So a round that was killed ends as if it had never been.
"""

from __future__ import annotations

from engine.record import Recorder
from engine.rounding import answers, before, beginning, labels, leaving, looking, origins, settings, training
from engine.rounding.study import Study
from engine.specs.round import Round


def run(spec: Round, out: Recorder) -> None:
    """The next round, from labels to the queue."""
    study = _study(spec, out)
    training.train(study, out)
    models = {variable: answers.judge(spec, study, out, variable) for variable in study.variables}
    asked = looking.ask(spec, study, out, models)
    built = leaving.build(spec, study, out, models, asked)
    leaving.publish(study, out, built)


def _study(spec: Round, out: Recorder) -> Study:
    """What there is: labels, frames, sides, and what each model starts from."""
    asked, previous = beginning.begin(spec, out)
    former = before.read(previous) if previous else None
    found, variables = beginning.taken(spec, out, asked.as_of)
    codebook = {name: out.workspace.settings.variables[name] for name in variables}
    starts = {name: origins.origins(spec.start, spec.model.weights, name, previous, out.resolve) for name in variables}
    recipe = settings.recipe(spec, out)
    listed = beginning.candidates(out)
    known = beginning.known(out, listed, labels.units(found, variables))
    frames, failures = beginning.frames(spec, out, known, recipe.preprocessing)
    fixed, shared = beginning.shared(spec, out, found, codebook, listed, known, frames, former)
    return Study(asked.number, asked.as_of, codebook, found, frames, failures, fixed, shared, former, starts, recipe)
