"""What `footplate annotations` tells: how far coders are, what they left blank, every decision."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from itertools import islice

from engine.annotations import frames, states
from engine.annotations.decision import REMARK, UNDO, Decision, to_line
from engine.annotations.given import codebook
from engine.annotations.log import Log
from engine.annotations.moment import moment
from engine.annotations.past import blanks as left_blank
from engine.annotations.queue import Study, overlap
from engine.annotations.table import UNDATED
from engine.commands.verb import Asked, answer, table, whole, workspace
from engine.errors import AskError
from engine.workspace import Workspace


def progress(asked: Asked) -> int:
    """How far each coder is, and how much of the overlap two coders have done."""
    here = workspace(asked)
    settings, variables = here.settings, list(here.settings.variables)
    study, units, active = (
        Study(settings.salt, settings.coders, settings.overlap),
        frames.units(here),
        frames.active(here),
    )
    shared = overlap(settings.salt, units, settings.overlap)
    with Log.open(here.labels, readonly=True) as log:
        coders = settings.coders or log.coders()
        found = [states.progress(log, coder, study, units, variables, active) for coder in coders]
        double = states.double_coded(log, shared, variables)
    rows = [
        (one.coder, f"{one.done} of {one.asked}", f"{one.overlap} of {one.overlap_asked}", str(one.recode),
         f"{one.repeats} of {one.repeats_asked}", str(sum(counts["cant_tell"] for counts in one.states.values())))
        for one in found
    ]  # fmt: skip
    value = {"overlap": len(shared), "double_coded": double, "coders": [asdict(one) for one in found]}
    listed = table(rows, ("CODER", "DONE", "OVERLAP", "BLANK", "REPEATS", "CAN'T TELL"))
    words = listed.plain() if asked.plain else str(listed)
    return answer(asked, value, f"{words}\n\n{double} of {len(shared)} overlap frames double-coded")


def blanks(asked: Asked) -> int:
    """What coders saved with nothing chosen."""
    here = workspace(asked)
    with Log.open(here.labels, readonly=True) as log:
        _must_know(log, here, asked.coder)
        found = [one for one in left_blank(log.newest(coder=asked.coder)) if one.variable in codebook(here.settings)]
    if not found:
        return answer(asked, [], "nothing was left blank")
    rows = [(one.coder, one.unit.video_id, str(one.unit.frame_index), one.variable, _when(one.at)) for one in found]
    value = [{"coder": one.coder, **one.unit._asdict(), "variable": one.variable, "at": one.at} for one in found]
    return answer(asked, value, table(rows, ("CODER", "VIDEO", "FRAME", "VARIABLE", "SAVED")))


def log(asked: Asked) -> int:
    """What was decided, the oldest first, what was taken back among it."""
    here = workspace(asked)
    with Log.open(here.labels, readonly=True) as opened:
        _must_know(opened, here, asked.coder)
        wanted = (
            one
            for one in opened.history(as_of=moment(asked.as_of) if asked.as_of else None)
            if asked.coder in (None, one.coder)
        )
        found = list(islice(wanted, asked.limit or None))
    if asked.json:
        print("[" + ",\n ".join(map(to_line, found)) + "]")
        return 0
    rows = [_row(one) for one in found]
    header = ("AT", "CODER", "KIND", "VIDEO", "FRAME", "VARIABLE", "VALUE", "NOTE")
    return answer(asked, [], table(rows, header) if rows else "no decisions yet")


def _must_know(log: Log, here: Workspace, coder: str | None) -> None:
    """Raise AskError where nobody has that name, neither in workspace.yaml nor in the log."""
    known = sorted({*here.settings.coders, *log.coders()})
    if coder is not None and coder not in known:
        raise AskError(f"there is no coder {coder!r}", hint=f"known are: {', '.join(known) or 'none yet'}")


def _row(one: Decision) -> tuple[str, ...]:
    if one.kind == UNDO:
        return _when(one.at), one.coder, f"takes back {one.act[:8]}", "", "", "", "", ""
    variable, value = ("", "flagged" if one.flagged else "") if one.variable == REMARK else (one.variable, one.value)
    note = " · ".join(part for part in (one.note, one.reason) if part)
    return _when(one.at), one.coder, one.kind, one.unit.video_id, str(one.unit.frame_index), variable, value, note


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at >= UNDATED else "not known"


def names_coder(parser: argparse.ArgumentParser) -> None:
    """Let one coder be named."""
    parser.add_argument("--coder", metavar="NAME", help="of one coder only")


def log_arguments(parser: argparse.ArgumentParser) -> None:
    """What the log may be asked."""
    names_coder(parser)
    parser.add_argument("--as-of", metavar="MOMENT", help="only until then: a date, a time, or seconds since 1970")
    parser.add_argument("--limit", metavar="N", type=whole, default=0, help="at most so many; 0 for all")
