"""Actions by which a coder labels frames; none of them asks, since one key takes back what the last one did."""

from __future__ import annotations

from typing import Any

from tui.actions import why
from tui.actions.action import ANNOTATE, LABELLED, Action

# The rows of letters on a keyboard, then with shift, without what leaves, takes back or stands for something else.
UPPER, HOME, LOWER = tuple("wertyuiopWRYUIOP"), tuple("asdfghjklASDGHJL"), tuple("xcvbnmXVM")
_SAVES: dict[str, Any] = {"screens": LABELLED, "group": "Label", "danger": "change", "at_once": True,
                          "why_not": why.no_frame}  # fmt: skip
_LOOKS: dict[str, Any] = {"screens": LABELLED, "group": "Label", "why_not": why.no_frame}
CODE = "footplate code CODER VIDEO FRAME VARIABLE=LABEL"

ROWS = (
    Action("label_upper", UPPER, "label", "What the screen shows beside these keys: the labels of a variable, in the "
           "order of the codebook, and last that one can't tell", verb=CODE, **_SAVES),
    Action("label_home", HOME, "label", "The same for another variable, or for the only one", verb=CODE, **_SAVES),
    Action("label_lower", LOWER, "label", "The same for a third variable", verb=CODE, **_SAVES),
)  # fmt: skip
LABELLING = (
    *ROWS,
    Action("label_any", ("enter",), "list", "Choose out of a list, which also has what has no key of its own",
           verb=CODE, **_SAVES),
    Action("blank", ("B",), "blank", "Save the frame with nothing chosen where nothing is chosen yet; it comes back "
           "later, to be coded again", footer=20, verb="footplate code CODER VIDEO FRAME VARIABLE=", **_SAVES),
    Action("take_back", ("z",), "undo", "Take back the last key that saved something, and the one before, and so on",
           LABELLED, "Label", "change", why.cannot_label, footer=10, at_once=True, verb="footplate code CODER --undo"),
    Action("skip", ("space",), "skip", "Leave the frame for later", footer=15, **_LOOKS),
    Action("flag", ("F",), "flag", "Flag the frame, or flag it no more", footer=25,
           verb="footplate code CODER VIDEO FRAME --flag", **_SAVES),
    Action("note", ("N",), "note", "Write a note to the frame", footer=30,
           verb="footplate code CODER VIDEO FRAME --note WORDS", **_SAVES),
    Action("frame_before", ("left", "pageup"), "before", "The frame before; where it is magnified: to the left",
           LABELLED, "Label"),
    Action("frame_after", ("right", "pagedown"), "after", "The frame after; where it is magnified: to the right",
           LABELLED, "Label"),
    Action("frame_up", ("up",), "up", "Where it is magnified: up", **_LOOKS | {"why_not": why.not_magnified}),
    Action("frame_down", ("down",), "down", "Where it is magnified: down", **_LOOKS | {"why_not": why.not_magnified}),
    Action("first_open", ("end",), "go on", "To the first frame that is not labelled yet", LABELLED, "Label"),
    Action("brighter", ("*",), "lighter", "Lift what is dark: 1.5, 2.2, 3, and as it is again", footer=40, **_LOOKS),
    Action("magnify", ("plus",), "zoom", "Twice as close, four times, and whole again", footer=45, **_LOOKS),
    Action("elsewhere", ("ctrl+o",), "open elsewhere", "Write the frame as a PNG, and say where",
           **_LOOKS),
    Action("coder", ("C",), "coder", "Choose who labels", (ANNOTATE,), "Label", footer=85),
)  # fmt: skip
