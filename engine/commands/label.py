"""The verb code: what a coder says of one frame, and taking it back; the screen for it is `footplate label`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

from engine.annotations import frames, saying
from engine.annotations.decision import REMARK, Decision, Unit
from engine.annotations.given import codebook, said
from engine.annotations.log import Log
from engine.commands.verb import Asked, Verb, answer, whole, workspace
from engine.errors import AskError
from engine.workspace import Workspace

HINT = "footplate code CODER VIDEO FRAME VARIABLE=LABEL …; or footplate code CODER --undo"


def code(asked: Asked) -> int:
    """Save labels of a frame as a coder, or take the coder's last ones back."""
    here = workspace(asked)
    coder = saying.known(here.settings, asked.coder)
    if asked.undo:
        return _undo(asked, here, coder)
    if asked.video is None or asked.frame is None:
        raise AskError("which frame is meant is not said", hint=HINT)
    unit = Unit(asked.video, asked.frame)
    values = saying.values(codebook(here.settings), asked.said)
    if not values and asked.flag is None and asked.note is None:
        raise AskError("nothing is said of the frame", hint=HINT)
    if unit not in {*frames.units(here), *frames.active(here)}:
        raise AskError(f"{here.frames}: no frame {unit.frame_index} of {unit.video_id!r}",
                       hint="footplate run frames lists the videos' frames there")  # fmt: skip
    with Log.open(here.labels) as log:
        made = saying.say(log, coder, unit, values, at=time.time(), flagged=asked.flag, note=asked.note)
    return answer(asked, {"saved": [_raw(one) for one in made]}, _words("saved", made))


def _undo(asked: Asked, here: Workspace, coder: str) -> int:
    with Log.open(here.labels) as log:
        taken = log.undo(coder, time.time())
    if not taken:
        raise AskError(f"{coder} has saved nothing that stands", hint="there is nothing left to take back")
    return answer(asked, {"taken_back": [_raw(one) for one in taken]}, _words("taken back", taken))


def _words(done: str, decisions: Sequence[Decision]) -> str:
    return "\n".join(f"{done}: {one.unit.video_id}, frame {one.unit.frame_index}: {_said(one)}" for one in decisions)


def _said(one: Decision) -> str:
    if one.variable == REMARK:
        return f"{'flagged' if one.flagged else 'not flagged'}{f', note: {one.note}' if one.note else ''}"
    return f"{one.variable} {said(one.value)}"


def _raw(one: Decision) -> dict[str, Any]:
    about = {} if one.variable == REMARK else {"variable": one.variable, "value": one.value}
    return {"coder": one.coder, "video_id": one.unit.video_id, "frame_index": one.unit.frame_index, **about,
            "flagged": one.flagged, "note": one.note, "at": one.at}  # fmt: skip


def _code(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("coder", metavar="CODER", help="who says it; workspace.yaml names the coders")
    parser.add_argument("video", nargs="?", metavar="VIDEO", help="its video_id")
    parser.add_argument("frame", nargs="?", type=whole, metavar="FRAME", help="its frame_index")
    parser.add_argument("said", nargs="*", default=[], metavar="VARIABLE=LABEL",
                        help='a label of the codebook, "can\'t tell", or nothing for a blank')  # fmt: skip
    parser.add_argument("--flag", action=argparse.BooleanOptionalAction, help="flag the frame, or flag it no more")
    parser.add_argument("--note", metavar="WORDS", help="a note to the frame; it replaces the one before")
    parser.add_argument("--undo", action="store_true", help="take back what the coder saved last")


VERBS = (Verb("code", "label one frame without the screen", _code, code),)
