"""How a round begins: which one it is, which labels and frames take part, and who is on which side."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine import rounds
from engine.annotations import frames as listed
from engine.annotations import sync
from engine.annotations.decision import Unit
from engine.annotations.log import Log
from engine.annotations.moment import moment
from engine.errors import DataError, SpecError
from engine.files import read_json, write_atomic, write_json
from engine.record import Recorder
from engine.rounding import fixed, labels, sets, settings
from engine.rounding.before import Before
from engine.rounding.fixed import Fixed, Rules
from engine.rounding.labels import Labels
from engine.rounding.sets import Sets
from engine.rounds import Round as Published
from engine.specs.round import Round
from engine.specs.workspace import Variable
from engine.stats.sides import SIDES
from engine.vision import gold, shelf
from engine.vision.data import Preprocessing
from engine.vision.shelf import Failure, Shelf

Rows = Mapping[Unit, Mapping[str, str]]


@dataclass(frozen=True)
class Asked:
    """Which round this is, and up to when labels count."""

    number: int
    as_of: float


def begin(spec: Round, out: Recorder) -> tuple[Asked, Published | None]:
    """Settle once which round this is; and the last one, if the sets that round 0 fixed are still what they were."""
    place = out.work / "asked.json"
    done = rounds.read(out.workspace)
    if not place.exists():
        as_of = moment(spec.labels.as_of) if spec.labels.as_of else time.time()
        write_json(place, {"round": done[-1].number + 1 if done else 0, "as_of": as_of})
    raw = read_json(place)
    asked = Asked(raw["round"], raw["as_of"])
    earlier = [one for one in done if one.number < asked.number]
    for one in done:
        if one.number == asked.number and one.run != out.folder.name:
            hint = "footplate run round makes the next one"
            raise DataError(f"{one.folder}: {one.run} has published round {one.number} meanwhile", hint=hint)
    if fault := rounds.test_set_fault(out.workspace, earlier) or rounds.stop_set_fault(out.workspace, earlier):
        hint = "what round 0 fixed never changes: bring the file back from the artifacts of its run"
        raise DataError(fault, hint=f"{hint}, {earlier[0].run}" if earlier[0].run else hint)
    out.note(f"round {asked.number}")
    return asked, earlier[-1] if earlier else None


def taken(spec: Round, out: Recorder, as_of: float) -> tuple[Labels, list[str]]:
    """The labels of this round, taken from the log once; and the variables to learn."""
    out.phase("labels")
    variables = out.workspace.settings.variables
    if faults := gold.unknown("variables", spec.variables, list(variables)):
        raise SpecError(faults)
    place = out.work / "labels.json"
    if not place.exists():
        origin = _pulled(out)
        coded, adjudicated = labels.decisions(out.workspace.labels, as_of)
        found = labels.taken(coded, adjudicated, variables, single_coded=spec.labels.single_coded)
        write_json(place, {**found.plain(), "agreement": labels.agreement(coded, variables), "origin": origin})
    found = labels.from_plain(read_json(place))
    chosen, empty = labels.chosen(found, spec.variables, out.workspace.labels)
    for name in chosen:
        out.note(labels.summary(name, found.counts[name]))
    for name in empty:
        out.note(f"{name}: no labels yet, left out of this round", "warning")
    return found, chosen


def _pulled(out: Recorder) -> dict[str, str]:
    """The bucket is the truth; where it cannot be read, the local log counts, and that is said and recorded."""
    if not out.workspace.settings.bucket:
        return {"source": "local", "note": ""}
    with Log.open(out.workspace.labels) as log:
        found = sync.pull(out.workspace, log)
    for words in (*found.notes, found.why):
        if words:
            out.note(words, "warning")
    for one in found.rejected:
        out.note(f"the bucket, line {one.line}: {one.reason}", "warning")
    if found.source == "local":
        out.flag("local_labels", f"labels are those of this workspace only: {found.why}")
    return {"source": found.source, "note": found.why}


def candidates(out: Recorder) -> Rows:
    """The frames that may be asked for, as they were listed when the round began."""
    place = out.work / "frames.csv"
    if not place.exists():
        listed.units(out.workspace)  # says what to do where there are none
        write_atomic(place, out.workspace.frames.read_bytes())
    return listed.rows(place)


def known(out: Recorder, rows: Rows, labelled: Sequence[Unit]) -> list[Unit]:
    """All frames that are needed: those listed, those with labels, and those of the fixed sets."""
    paths = [out.workspace.rounds / name for name in (rounds.TEST_SET, rounds.STOP_SET)]
    fixed = [unit for path in paths if path.exists() for unit in listed.read(path)]
    return sorted({*rows, *labelled, *fixed})


def frames(spec: Round, out: Recorder, wanted: Sequence[Unit], how: Preprocessing) -> tuple[Shelf, list[Failure]]:
    """Every frame, decoded once; what cannot be decoded is told and left out."""
    out.phase("frames")
    folder = out.resolve(spec.videos or out.workspace.settings.videos)

    def said(done: int) -> None:
        out.progress(done, len(wanted), "frames")
        out.checkpoint()

    found, failures = shelf.fill(out.workspace.cache / "frames", folder, wanted, how, said)
    for one in failures:
        out.note(f"{one.video_id}: {one.frames} frames left out: {one.reason}", "warning")
    if not found.keys:
        raise DataError(
            f"{folder}: no frame of any video decodes", hint="the notes of this run tell why, video by video"
        )
    return found, failures


def shared(
    spec: Round, out: Recorder, found: Labels, codebook: Mapping[str, Variable], rows: Rows, wanted: Sequence[Unit],
    there: Shelf, former: Before | None,
) -> tuple[Fixed, Sets]:  # fmt: skip
    """The fixed sets, and every frame in its place."""
    out.phase("sets")
    rules, variables = settings.rules(spec), list(codebook)
    group_of = sets.groups(rows, wanted, rules.together)
    fixed = _fixed(out, found, variables, group_of, there, rules)
    sides = former.sides if former else {}
    placed = sets.shared(found, variables, fixed, group_of, sides, there, list(rows), rules)
    sizes = ", ".join(f"{len(placed.units(side))} {side}" for side in SIDES)
    out.note(f"frames: {sizes}, {len(placed.pool)} in the pool, {len(placed.stop)} in the stop set")
    if placed.leaks:
        alike = f"differ in {rules.near_bits} bits or fewer"
        out.note(f"{placed.leaks} frames are left out: they and one of a side that judges them {alike}", "warning")
    if placed.changed:
        out.note(f"{placed.changed} test frames have other labels by now; those of round 0 count", "warning")
    for name, variable in codebook.items():
        sets.learnable(placed, name, variable.class_of)
    return fixed, placed


def _fixed(
    out: Recorder, found: Labels, variables: Sequence[str], group_of: Mapping[str, str], there: Shelf, rules: Rules
) -> Fixed:
    """Those on disk, else drawn now, which only round 0 does."""
    test, stop = (out.workspace.rounds / name for name in (rounds.TEST_SET, rounds.STOP_SET))
    columns = ("group", *variables)
    if test.exists() and stop.exists():
        return Fixed(fixed.read(test, columns), fixed.read(stop, ("group",)))
    drawn = fixed.fix(found, variables, group_of, there, rules)
    if test.exists():  # a round 0 was killed between the two
        return Fixed(fixed.read(test, columns), drawn.stop)
    return drawn
