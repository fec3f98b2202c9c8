"""The verbs disagreements and adjudicate: on what coders differ, and settling it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

from engine import filter as filters
from engine.annotations import adjudicate as settling
from engine.annotations.decision import CODED, Unit
from engine.annotations.disagreements import FIELDS, Disagreement, disagreements, either_way, summary
from engine.annotations.given import codebook, said, uncompared
from engine.annotations.log import Log
from engine.commands.verb import Asked, Verb, answer, say, table, whole, workspace
from engine.errors import AskError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def differ(asked: Asked) -> int:
    """The units on which coders differ; codes stand without names, in another order for each unit."""
    here = workspace(asked)
    variables = codebook(here.settings)
    wanted = either_way(filters.compiled(asked.filter))
    filters.must_be_whole(asked.filter, wanted)
    filters.must_know(wanted, FIELDS)
    with Log.open(here.labels, readonly=True) as log:
        decisions = log.newest(kinds=CODED)
        found = disagreements(
            decisions, _only(variables, asked.variable), settling.standing(log), salt=here.settings.salt
        )
    chosen = [one for one in found if wanted.fits(one.fields())]
    sums = {name: summary([one for one in found if one.variable == name]) for name in _only(variables, asked.variable)}
    if asked.json:
        return answer(asked, {"summary": sums, "units": [_raw(one) for one in chosen]}, "")
    if missing := uncompared(decisions, _only(variables, asked.variable)):
        return answer(asked, {}, missing)
    for name, words in sums.items():
        print(f"{name}: {words}")
    none = f"none fits {asked.filter!r}" if found else "nothing to settle"
    return answer(asked, {}, table([_row(one) for one in chosen], HEADER) if chosen else none)


def _only(variables: dict[str, tuple[str, ...]], asked: str | None) -> dict[str, tuple[str, ...]]:
    if asked is None:
        return variables
    if asked not in variables:
        raise AskError(f"there is no variable {asked!r}", hint=f"there are: {', '.join(variables)}")
    return {asked: variables[asked]}


HEADER = ("VIDEO", "FRAME", "VARIABLE", "KIND", "CODES", "ADJUDICATED", "REASON")


def _row(one: Disagreement) -> tuple[str, ...]:
    settled = one.adjudicated
    rest = (said(settled.value), settled.reason) if settled else ("", "")
    return one.unit.video_id, str(one.unit.frame_index), one.variable, one.kind, lettered(one.codes), *rest


def lettered(codes: Sequence[str]) -> str:
    """`A personal · B social`."""
    return " · ".join(f"{LETTERS[place % 26]} {said(code)}" for place, code in enumerate(codes))


def _raw(one: Disagreement) -> dict[str, Any]:
    settled = one.adjudicated
    return {
        "video_id": one.unit.video_id, "frame_index": one.unit.frame_index, "variable": one.variable,
        "kind": one.kind, "pair": one.pair, "codes": list(one.codes),
        "adjudicated": None if settled is None else
        {"label": settled.value, "reason": settled.reason, "by": settled.coder, "at": settled.at},
    }  # fmt: skip


def settle(asked: Asked) -> int:
    """Decide what a frame's label is, or take the newest decision back."""
    here = workspace(asked)
    if asked.undo:
        return _undo(asked)
    missing = [name for name in ("video", "frame", "variable", "label") if getattr(asked, name) is None]
    if missing:
        raise AskError(f"adjudicate: no {' '.join(missing).upper()}", hint="footplate adjudicate VIDEO FRAME VARIABLE "
                       "LABEL --reason WORDS --by NAME; or --undo --by NAME")  # fmt: skip
    unit = Unit(asked.video, asked.frame)
    with Log.open(here.labels) as log:
        variables = codebook(here.settings)
        made = settling.adjudicate(
            log, variables, unit, asked.variable, asked.label, reason=asked.reason, by=asked.by, at=time.time()
        )
        if settling.labelled_by(log, unit, asked.variable, asked.by):
            say(f"note: {asked.by} labelled this frame too, and so judges an own label")
        coded = [one.value for one in log.newest(unit=unit, kinds=CODED) if one.variable == asked.variable]
        if agreed := settling.unanimous(coded):
            say(f"note: all coders agree on {agreed}: there was nothing to settle")
    words = f"{unit.video_id}, frame {unit.frame_index}: {asked.variable} is {made.value} ({made.reason})"
    return answer(asked, {"video_id": unit.video_id, "frame_index": unit.frame_index, "variable": made.variable,
                          "label": made.value, "reason": made.reason, "by": made.coder}, words)  # fmt: skip


def _undo(asked: Asked) -> int:
    if not asked.by.strip():
        raise AskError("whose adjudication is not said", hint="--by NAME")
    with Log.open(workspace(asked).labels) as log:
        taken = settling.undo(log, asked.by, time.time())
    if not taken:
        raise AskError(f"{asked.by} has no adjudication that stands", hint="footplate disagreements lists them")
    raw = [{"video_id": one.unit.video_id, "frame_index": one.unit.frame_index, "variable": one.variable,
            "label": one.value, "reason": one.reason} for one in taken]  # fmt: skip
    words = [f"taken back: {one.unit.video_id}, frame {one.unit.frame_index}: {one.variable} {said(one.value)}"
             for one in taken]  # fmt: skip
    return answer(asked, {"taken_back": raw}, "\n".join(words))


def _differ(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("variable", nargs="?", metavar="VARIABLE", help="one of the workspace's; else all of them")
    about = f"only those that fit: kind:genuine pair:personal/social !has:adjudicated; fields: {', '.join(FIELDS)}"
    parser.add_argument("--filter", default="", metavar="FILTER", help=about)


def _settle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", nargs="?", metavar="VIDEO", help="its video_id")
    parser.add_argument("frame", nargs="?", type=whole, metavar="FRAME", help="its frame_index")
    parser.add_argument("variable", nargs="?", metavar="VARIABLE")
    parser.add_argument("label", nargs="?", metavar="LABEL", help='one of the codebook, or "can\'t tell"')
    parser.add_argument("--reason", default="", metavar="WORDS", help="why; needed, and kept with the decision")
    parser.add_argument("--by", default="", metavar="NAME", help="who decides, or takes back; needed")
    parser.add_argument("--undo", action="store_true", help="take back the newest adjudication of --by NAME")


VERBS = (
    Verb("disagreements", "the frames on which coders differ, blanks apart from genuine ones", _differ, differ),
    Verb("adjudicate", "settle what coders disagree on", _settle, settle),
)
