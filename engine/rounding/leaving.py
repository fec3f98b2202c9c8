"""What a round leaves: its files, built in the run's own folder, then published in one step."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import rounds
from engine.errors import DataError
from engine.files import read_json, sha256, write_atomic, write_json
from engine.record import Recorder
from engine.rounding import building, fixed, judging, looking, publishing, telling, training
from engine.rounding.asking import Asked
from engine.rounding.judging import Judged
from engine.rounding.study import Study
from engine.specs.round import Round
from engine.stats.sides import TEST, VALIDATION

Models = Mapping[str, Mapping[str, Judged]]
STORY = ("epochs", "best_epoch", "validation_loss", "losses", "validation_losses")
ABOUT = {
    rounds.METRICS: "what the round found",
    rounds.QUEUE: "the frames that coders are asked for",
    rounds.SIDES: "which video trains, ends training, or judges",
    rounds.LABELS: "the labels that took part",
    rounds.PREDICTIONS: "what the models say of each test frame",
    rounds.STOP_PREDICTIONS: "what the models say of the stop set",
    rounds.POOL: "the score of every frame of the pool",
    rounds.TEST_SET: "the test set, which never changes",
    rounds.STOP_SET: "the stop set, which never changes",
}


def build(spec: Round, study: Study, out: Recorder, models: Models, asked: Asked) -> Path:
    """All files of the round, but for its record; each attempt makes them anew, the same bytes."""
    out.phase("write")
    folder, variables = out.work / "round", study.variables
    shutil.rmtree(folder, ignore_errors=True)
    lineage = {name: _weights(spec, study, out, name, folder) for name in variables}
    building.sides(folder, study.sets)
    building.labels(folder, study.sets, variables)
    building.predictions(folder, {name: models[name][lineage[name]["start"]] for name in variables})
    building.pool(folder, study.sets.pool, asked, {name: looking.predicted(study, out, name) for name in variables})
    building.queue(folder, study.number, study.sets.pool, asked)
    _fix(study, out)
    reports = {name: _report(study, out, name, models[name], lineage[name]) for name in variables}
    write_json(folder / rounds.METRICS, telling.metrics(spec, study, out.work, asked, reports))
    telling.tell(out, reports)
    return folder


def publish(study: Study, out: Recorder, built: Path) -> None:
    """Copies for the run first; then the round appears in rounds/, which is where the truth is."""
    out.phase("publish")
    fixed = {name: out.work / name for name in (rounds.TEST_SET, rounds.STOP_SET)}
    files = {str(path.relative_to(built)): path for path in sorted(built.rglob("*")) if path.is_file()}
    for name, path in {**files, **fixed}.items():
        write_atomic(out.artifact(name, ABOUT.get(name, "weights, or what they take and give")), path.read_bytes())
    record = {"format": rounds.FORMAT, "round": study.number, "run": out.folder.name, "as_of": study.as_of}
    record["published_at"] = time.time()
    publishing.publish(out.workspace, study.number, built, record, fixed)
    out.note(f"published as {rounds.folder(out.workspace, study.number)}; queue.csv is what coders see next")


def _weights(spec: Round, study: Study, out: Recorder, variable: str, folder: Path) -> dict[str, Any]:
    """Copy the kept weights, with what they take and give; tells where they are from."""
    kept = training.kept(study, out, variable)
    place, path = training.folder(out, variable, kept.start), folder / "weights" / f"{variable}.pth"
    write_atomic(path, (place / "best.pt").read_bytes())
    takes = spec.preprocess.model_dump(mode="json")
    card = {"model": spec.model.name, "classes": study.classes(variable), "preprocess": takes}
    write_json(path.with_suffix(".json"), card)
    origin = {**kept.plain(), "head": read_json(place / "start.json")["head"]}
    return {"file": f"weights/{path.name}", "sha256": sha256(path), "start": kept.start, "from": origin}


def _fix(study: Study, out: Recorder) -> None:
    """The fixed sets in the run's folder: as round 0 draws them, as later rounds find them."""
    columns = {rounds.TEST_SET: ("group", *study.variables), rounds.STOP_SET: ("group",)}
    for name, rows in ((rounds.TEST_SET, study.fixed.test), (rounds.STOP_SET, study.fixed.stop)):
        there = out.workspace.rounds / name
        if there.exists():
            write_atomic(out.work / name, there.read_bytes())
        else:
            fixed.write(out.work / name, rows, columns[name])
    if study.before and (fault := study.before.fixed_fault(out.work)):
        raise DataError(fault, hint="it was edited while this round ran: bring it back, then resume")


def _report(
    study: Study, out: Recorder, variable: str, judged: Mapping[str, Judged], lineage: dict[str, Any]
) -> dict[str, Any]:
    """What metrics.json holds of a variable."""
    start = lineage["start"]
    found = judging.report(judged[start], study.before)
    starts = {one.start: _start(out, variable, one.start, judged) for one in study.origins[variable]}
    found[VALIDATION]["loss"] = starts[start]["validation_loss"]
    training_ = {"kept": start, "starts": starts}
    return {**found, "training": training_, "lineage": lineage, "agreement": study.labels.agreement.get(variable)}


def _start(out: Recorder, variable: str, start: str, judged: Mapping[str, Judged]) -> dict[str, Any]:
    story, one = training.story(out, variable, start), judged[start]
    scores = {side: judging.brief(one.sides[side], len(one.classes)) for side in (VALIDATION, TEST)}
    return {**{key: story[key] for key in STORY}, **{f"{side}_macro_f1": s["macro_f1"] for side, s in scores.items()}}
