"""metrics.json of a round, and what of it is said while the round ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine import rounds
from engine.annotations import usable
from engine.files import sha256
from engine.record import Recorder
from engine.rounding import asking, building, settings
from engine.rounding.asking import Asked
from engine.rounding.study import Study
from engine.specs.round import Round
from engine.stats.sides import TRAIN, VALIDATION

NOT_ASKED = {"title", "tags", "success", "compute"}  # these do not decide on the result


def metrics(spec: Round, study: Study, work: Path, asked: Asked, reports: Mapping[str, Any]) -> dict[str, Any]:
    """A function of labels, frames, spec and earlier rounds, without a clock or a run's name."""
    return {
        "format": rounds.FORMAT,
        "round": study.number,
        "parent": study.before.number if study.before else None,
        "spec": spec.model_dump(mode="json", exclude=NOT_ASKED),
        "compute": {"device": study.recipe.device, "precision": study.recipe.precision, **study.recipe.facts},
        "labels": _labels(study),
        "test_set": _fixed(study.fixed.test, rounds.TEST_SET, work) | {"changed_in_log": study.sets.changed},
        "stop_set": _fixed(study.fixed.stop, rounds.STOP_SET, work) | {"labelled_since": _seen(study)},
        "sizes": _sizes(study),
        "duplicates": _duplicates(spec, study),
        "failures": [asdict(one) for one in study.failures],
        "variables": reports,
        "query": _query(spec, study, asked),
    }


def tell(out: Recorder, reports: Mapping[str, Any]) -> None:
    """Results, advice, and what active learning gained."""
    for variable, found in reports.items():
        told = {name: found["test"][name] for name in ("accuracy", "macro_f1", "kappa")}
        told |= {name: found["calibration"][name] for name in ("ece", "temperature")}
        told["gain"] = (found["gain"] or {}).get("macro_f1")
        for name, value in told.items():
            if value is not None:
                out.metric(f"{variable}.{name}", value)
        for advice in found["guidance"]:
            _advise(out, advice["name"], advice["verdict"], f"{variable}: {advice['says']}")
        if found["arms"]:
            out.note(f"{variable}: {found['arms']['says']}")


def _advise(out: Recorder, name: str, verdict: str, words: str) -> None:
    if verdict == "yes":
        out.flag(name, words)
    else:
        out.note(words)


def _labels(study: Study) -> dict[str, Any]:
    given = study.labels
    counts = {name: given.counts[name] for name in study.variables}
    whole = {"sha256": given.sha256(), **given.origin, "units": len(given.seen), "coders": given.coders}
    return {**whole, "variables": counts, "rule": usable.RULE}


def _fixed(rows: Mapping[Any, Mapping[str, str]], name: str, work: Path) -> dict[str, Any]:
    groups = len({row["group"] for row in rows.values()})
    return {"file": f"rounds/{name}", "sha256": sha256(work / name), "frames": len(rows), "groups": groups}


def _seen(study: Study) -> int:
    """Frames of the stop set that came up in some coder's own queue after all."""
    return len(study.labels.seen & set(study.fixed.stop))


def _sizes(study: Study) -> dict[str, Any]:
    learnt = {*study.sets.units(TRAIN), *study.sets.units(VALIDATION)}
    added = len(learnt - study.before.trained) if study.before else None
    videos = len({video_id for video_id, _ in study.frames.keys})
    return building.sizes(study.sets, videos, len(study.frames), added)


def _duplicates(spec: Round, study: Study) -> dict[str, Any]:
    leaks = study.sets.leaks
    found = {"bits": spec.near_bits, "across_sides": leaks, "dropped_from_training": leaks, "left": 0}
    return {**found, "pool_like_labelled": study.sets.pool_alike}


def _query(spec: Round, study: Study, asked: Asked) -> dict[str, Any]:
    pool = study.sets.pool
    videos = len({pool[row].video_id for row in asked.rows})
    return asking.summary(asked, settings.question(spec, study.number), len(pool), videos)
