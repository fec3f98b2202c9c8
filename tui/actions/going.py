"""Actions by which one goes somewhere or moves in what has the focus."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import LABEL, RUNS, SCREENS, SCROLLED, WITH_RUNS, Action

GOING = (
    Action("open", ("enter",), "open", "Open what is under the cursor", SCROLLED, why_not=why.nothing_to_open,
           footer=10, verb="footplate show RUN"),
    Action("back", ("escape", "backspace"), "back", "Back to where you came from", SCREENS),
    Action("leave", ("q",), "back", "Back to where you came from; from the first screen, leave", (*SCREENS, LABEL),
           footer=80),
    Action("overview", ("1",), "overview", "What moves, what is new, what needs attention", SCREENS,
           verb="footplate runs --limit 10"),
    Action("runs", ("2",), "runs", "Every run", SCREENS, verb="footplate runs"),
    Action("run", ("3",), "run", "The run that was opened last, or the newest", SCREENS, verb="footplate show latest"),
    Action("launch", ("4",), "launch", "Start a new run", SCREENS, verb="footplate jobs"),
    Action("compare", ("5",), "compare", "Marked runs side by side", SCREENS),
    Action("agreement", ("7",), "agreement", "How far coders agree, and on what they differ", SCREENS,
           verb="footplate agreement"),
    Action("rounds", ("8",), "rounds", "All rounds of active learning side by side", SCREENS, verb="footplate rounds"),
    Action("machines", ("9",), "machines", "Rented machines: what they do and what they cost", SCREENS,
           verb="footplate vm list"),
    Action("bucket", ("0",), "bucket", "What lies in the bucket", SCREENS, verb="footplate bucket ls"),
    Action("annotate", ("6",), "annotate", "Label frames", SCREENS, verb="footplate label --coder NAME"),
    Action("compare_runs", ("c",), "compare", "Compare the marked runs", (RUNS,), why_not=why.no_run, footer=42,
           verb="footplate compare RUN RUN"),
    Action("next_pane", ("tab",), "pane", "Next pane", SCROLLED, footer=70),
    Action("previous_pane", ("shift+tab",), "previous pane", "Previous pane", SCROLLED),
    Action("log", ("l",), "log", "The log of the run", WITH_RUNS, footer=24, verb="footplate log RUN"),
    Action("describe", ("d",), "describe", "What was asked, where it runs, with which code, from which runs", WITH_RUNS,
           why_not=why.no_run, footer=25, verb="footplate show RUN"),
)  # fmt: skip
MOVING = (
    Action("down", ("j", "down"), "down", "One line down", SCROLLED, "Move"),
    Action("up", ("k", "up"), "up", "One line up", SCROLLED, "Move"),
    Action("left", ("left",), "left", "Scroll to the left", SCROLLED, "Move"),
    Action("right", ("right",), "right", "Scroll to the right", SCROLLED, "Move"),
    Action("page_down", ("pagedown", "ctrl+d"), "page down", "A page down", SCROLLED, "Move"),
    Action("page_up", ("pageup", "ctrl+u"), "page up", "A page up", SCROLLED, "Move"),
    Action("top", ("g", "home"), "top", "To the first line", SCROLLED, "Move"),
    Action("bottom", ("G", "end"), "bottom", "To the last line", SCROLLED, "Move"),
)
