"""What the Agreement screen asks: what coders differ on, the gold set, how far they are, and what a person decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from engine.annotations import adjudicate as settling
from engine.annotations import frames, queue, states
from engine.annotations.decision import BLANK, CANT_TELL, CODED, Decision, Unit
from engine.annotations.disagreements import Disagreement, disagreements, summary
from engine.annotations.given import codebook
from engine.annotations.gold import ADJUDICATED, AGREED, Gold, gold, with_adjudicated
from engine.annotations.log import Log
from engine.errors import FootplateError
from engine.specs.workspace import Settings
from engine.workspace import Workspace
from tui.cases import Case, GoldSide, Labels, Progress, Share

Marks = tuple[int, ...]
DAMAGED = -1
NOBODY = "no labels yet: {annotate} labels frames, or footplate annotations import FILE takes a table of them"
ONE = "one coder so far, {}: a second one has to label the same frames; footplate label --coder NAME"
APART = "no frame was seen by two coders yet; {} go to every coder, and come early in each queue"
NO_OVERLAP = "no frame was seen by two coders, and workspace.yaml says overlap: 0; set it to 60, say"
NO_VARIABLES = "workspace.yaml names no variables; add what is labelled, with its labels in order"


def marks(workspace: Workspace) -> Marks:
    """What changes with the labels, with workspace.yaml, with the frames, the queue or the gold set."""
    try:
        with Log.open(workspace.labels, readonly=True) as log:
            version = log.version()
    except FootplateError:
        version = DAMAGED  # `labels` says why
    return (version, *(_changed_at(path) for path in _files(workspace)))


def _files(workspace: Workspace) -> tuple[Path, ...]:
    return (workspace.file, workspace.frames, workspace.queue, workspace.gold)


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def labels(workspace: Workspace) -> Labels:
    """Everything about the labels as they are now, or why nothing can be known."""
    here = Workspace(workspace.root)  # whose file may have been edited since
    now = marks(here)
    try:
        return _labels(here, now)
    except FootplateError as error:
        return Labels(now, f"{error.message}{f'  → {error.hint}' if error.hint else ''}")
    except Exception as error:  # noqa: BLE001 (the screen waits for an answer, whatever it is)
        return Labels(now, f"the labels cannot be read: {type(error).__name__}: {error}")


def _labels(workspace: Workspace, now: Marks) -> Labels:
    settings = workspace.settings
    variables = codebook(settings)
    with Log.open(workspace.labels, readonly=True) as log:
        decisions, settled = log.newest(kinds=CODED), settling.standing(log)
        coders, overlap = _coders(workspace, log, decisions)
    found = disagreements(decisions, variables, settled, salt=settings.salt)
    agreed = gold(decisions, variables)
    both = {"agreed": agreed, "adjudicated": with_adjudicated(agreed, decisions, settled)}
    return Labels(
        now,
        _trouble(settings, decisions),
        {name: (variable.level, variable.labels) for name, variable in settings.variables.items()},
        tuple(map(_case, found)),
        {name: summary([one for one in found if one.variable == name]) for name in variables},
        coders,
        {name: _sides(one) for name, one in both.items()},
        {name: len(one.units()) for name, one in both.items()},
        overlap,
        tuple(settling.reasons(settled)),
        gold_file(workspace),
    )


def _trouble(settings: Settings, decisions: Sequence[Decision]) -> str:
    """Why there is nothing to agree on, and what to do."""
    if not settings.variables:
        return NO_VARIABLES
    given = [one for one in decisions if one.variable in settings.variables]
    coders = sorted({one.coder for one in given})
    if len(coders) < 2:
        return ONE.format(coders[0]) if coders else NOBODY
    seen: dict[Unit, str] = {}
    if any(seen.setdefault(one.unit, one.coder) != one.coder for one in given):
        return ""
    return APART.format(f"{settings.overlap} frames") if settings.overlap else NO_OVERLAP


def _case(one: Disagreement) -> Case:
    settled = one.adjudicated
    rest = (settled.value, settled.reason, settled.coder) if settled else ()
    return Case(one.unit.video_id, one.unit.frame_index, one.variable, one.kind, one.pair, one.codes, *rest)


def _sides(found: Gold) -> tuple[GoldSide, ...]:
    sides = []
    for name in found.variables:
        mix = tuple(Share(share.label, share.gold, share.left_out) for share in found.mix(name))
        origins, whys = found.origins(name), tuple(found.whys(name).items())
        missed = sum(one.missed for one in found.verdicts[name].values())
        sides.append(GoldSide(name, origins[AGREED], origins[ADJUDICATED], found.overruled(name), missed, whys, mix))
    return tuple(sides)


# --- how far coders are -------------------------------------------------------------------------------------------


def _coders(
    workspace: Workspace, log: Log, decisions: Sequence[Decision]
) -> tuple[tuple[Progress, ...], tuple[int, int]]:
    """All coders, and of the overlap how many frames there are and how many two coders have seen."""
    settings = workspace.settings
    by_coder: dict[str, list[Decision]] = {name: [] for name in settings.coders}
    for one in decisions:
        if one.variable in settings.variables:
            by_coder.setdefault(one.coder, []).append(one)
    units = frames.units(workspace) if workspace.frames.exists() else []
    done = _done(workspace, log, units)
    made = tuple(_progress(done(name), mine, settings, asked=bool(units)) for name, mine in by_coder.items())
    times: dict[Unit, set[str]] = {}
    for name, mine in by_coder.items():
        for one in mine:
            times.setdefault(one.unit, set()).add(name)
    shared = queue.overlap(settings.salt, units, settings.overlap)
    return made, (len(shared), sum(len(times.get(unit, ())) > 1 for unit in shared))


def _done(workspace: Workspace, log: Log, units: Sequence[Unit]) -> Callable[[str], states.Progress]:
    """How far somebody is, as Overview and `annotations progress` say it too."""
    settings, active = workspace.settings, frames.active(workspace)
    study = queue.Study(settings.salt, settings.coders, settings.overlap)
    whoever = queue.Study(settings.salt, (), settings.overlap)  # for who labelled, and is no longer named

    def of(coder: str) -> states.Progress:
        known = study if coder in study.coders else whoever
        return states.progress(log, coder, known, units, list(settings.variables), active)

    return of


def _progress(done: states.Progress, mine: Sequence[Decision], settings: Settings, *, asked: bool) -> Progress:
    """A coder's row; frames that are asked for are known where frames.csv lists them, of those who are named."""
    saved = []
    for variable in settings.variables:
        values = [one.value for one in mine if one.variable == variable]
        unsure, blank = values.count(CANT_TELL), values.count(BLANK)
        saved.append((variable, len(values) - unsure - blank, unsure, blank))
    newest = max((one.at for one in mine), default=0.0)
    wanted = done.asked if asked and (done.coder in settings.coders or not settings.coders) else 0
    return Progress(done.coder, done.done, wanted, done.overlap, tuple(saved), newest)


def gold_file(workspace: Workspace) -> int | None:
    """How many frames gold.csv holds now; None where there is none."""
    try:
        return len(frames.rows(workspace.gold)) if workspace.gold.exists() else None
    except FootplateError:
        return 0
