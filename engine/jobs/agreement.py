"""How far coders agree: a reliability card for each variable, kept with tables, metrics and red flags."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from typing import Any

from engine import tables
from engine.annotations import reliability
from engine.annotations.adjudicate import standing
from engine.annotations.decision import CODED
from engine.annotations.disagreements import disagreements, summary
from engine.annotations.given import codebook
from engine.annotations.log import Log
from engine.annotations.moment import moment
from engine.errors import DataError
from engine.files import read_json, write_json
from engine.record import Recorder
from engine.specs.agreement import Agreement
from engine.stats.agreement import study

FLAGS = ("no_overlap", "few_units", "few_videos", "prevalence", "coder_bias", "below_chance", "blanks")
TENTATIVE = 0.667  # below it not even tentative conclusions hold: Krippendorff (2018), ch. 12
CONFUSION = ("coder", "other_coder", "label", "other_label", "units")
DISAGREEMENTS = ("video_id", "frame_index", "variable", "kind", "codes", "adjudicated")


def run(spec: Agreement, out: Recorder) -> None:
    """A card for each variable, of what the log held when the run began."""
    as_of = _as_of(spec, out)
    how = {"replicates": spec.replicates, "confidence": spec.confidence, "seed": spec.seed}
    asked = reliability.questions(out.workspace, variables=spec.variables, as_of=as_of, how=how)
    if not asked:
        raise DataError(f"{out.workspace.file}: no variables", hint="name what coders label under variables:")
    out.phase("measure")
    found: dict[str, dict[str, Any]] = {}
    for done, question in enumerate(asked, start=1):
        found[question["variable"]] = {**study(question), "cant_tell": question["cant_tell"]}
        out.progress(done, len(asked), "variables", question["variable"])
        out.checkpoint()
    _write(out, found, as_of)
    for name, cards in found.items():
        _tell(out, name, cards["all"])


def _as_of(spec: Agreement, out: Recorder) -> float:
    """The moment that was asked for, else the one at which the run first began: a resumed run sees the same log."""
    if spec.as_of:
        return moment(spec.as_of)
    kept = out.work / "as_of.json"
    if not kept.exists():
        write_json(kept, {"as_of": time.time()})
    return float(read_json(kept)["as_of"])


def _write(out: Recorder, found: Mapping[str, Mapping[str, Any]], as_of: float) -> None:
    out.phase("write")
    out.write_json("agreement.json", found, "reliability cards by variable: all, by pair, by round, over time")
    for place, (name, cards) in enumerate(found.items(), start=1):
        _confusion(out, place, name, cards["pairs"])
    _disagreements(out, list(found), as_of)


def _confusion(out: Recorder, place: int, name: str, pairs: Mapping[str, Mapping[str, Any]]) -> None:
    """Which labels met which, a row a cell; variables whose names make no file's name go by their number."""
    word = name if re.fullmatch(r"\w[\w.-]*", name) else f"variable_{place}"
    path = out.artifact(f"confusion_{word}.csv", f"{name}: units by the labels that two coders gave")
    with tables.writer(path, CONFUSION) as table:
        for card in pairs.values():
            one, other = card["coders"]
            for label, row in zip(card["labels"], card["confusion"], strict=True):
                for met, units in zip(card["labels"], row, strict=True):
                    table.write(one, other, label, met, units)


def _disagreements(out: Recorder, names: list[str], as_of: float) -> None:
    variables = {name: labels for name, labels in codebook(out.workspace.settings).items() if name in names}
    with Log.open(out.workspace.labels, readonly=True) as log:
        decisions, settled = log.newest(kinds=CODED, as_of=as_of), standing(log, as_of=as_of)
    found = disagreements(decisions, variables, settled, salt=out.workspace.settings.salt)
    path = out.artifact("disagreements.csv", "units on which coders differ; codes without names, in another order each")
    with tables.writer(path, DISAGREEMENTS) as table:
        for one in found:
            label = one.adjudicated.value if one.adjudicated else ""
            table.write(*one.unit, one.variable, one.kind, " | ".join(code or "(blank)" for code in one.codes), label)
    for name in variables:
        out.note(f"{name}: {summary([one for one in found if one.variable == name])}")


def _tell(out: Recorder, name: str, card: Mapping[str, Any]) -> None:
    """Metrics and red flags of one variable."""
    alpha = f"alpha_{card['level']}"
    numbers = {
        "units_both_coded": card["units_both_coded"], "percent": card["percent"], "kappa": card["kappa"],
        "alpha": card[alpha], "ac1": card["ac1"],
    }  # fmt: skip
    for metric, value in numbers.items():
        if value is not None:
            out.metric(f"{name}.{metric}", value)
    for reason in sorted({card["reasons"][key] for key in ("kappa", alpha) if key in card["reasons"]}):
        out.note(f"{name}: kappa or alpha is undefined: {reason}", "warning")
    for kind, words in zip(card["warning_kinds"], card["warnings"], strict=True):
        if kind in FLAGS:
            out.flag(kind, f"{name}: {words}")
    low = _lowest(card["intervals"][alpha])
    if low < TENTATIVE:
        out.flag("low_alpha", f"{name}: alpha may be as low as {low:.3f}; below {TENTATIVE:g} not even tentative "
                 "conclusions hold")  # fmt: skip


def _lowest(intervals: Mapping[str, Any]) -> float:
    """The low end of the interval by video where there is one, else of the one by unit."""
    chosen = intervals["cluster"] or intervals["bca"]
    return float(chosen[0]) if chosen else math.inf
