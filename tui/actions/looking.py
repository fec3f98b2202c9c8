"""Actions that change what is seen, and nothing else."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import RUN, RUNS, WITH_RUNS, Action

TABLES = (
    Action("filter", ("/",), "filter", "Show only runs that fit; words, field:word, !not, this|that", (RUNS,), "Look",
           footer=20, verb="footplate runs --filter WORDS"),
    Action("sort", ("o",), "sort", "Sort by the next column", (RUNS,), "Look", footer=30),
    Action("reverse", ("O",), "reverse", "Sort the other way round", (RUNS,), "Look"),
    Action("mark", ("space",), "mark", "Mark the run, to act on several at once", (RUNS,), "Look", why_not=why.no_run,
           footer=40),
)  # fmt: skip
TEXTS = (
    Action("search", ("/",), "search", "Search the text", (RUN,), "Look", why_not=why.no_lines, footer=20),
    Action("next_match", ("n",), "next match", "Next match", (RUN,), "Look", why_not=why.no_match),
    Action("previous_match", ("N",), "previous match", "Previous match", (RUN,), "Look", why_not=why.no_match),
    Action("follow", ("F",), "follow", "Stay at the end of the log while it grows", (RUN,), "Look",
           why_not=why.not_the_log, footer=26, verb="footplate log --follow RUN"),
    Action("wrap", ("w",), "wrap", "Wrap long lines, or scroll sideways", (RUN,), "Look", why_not=why.no_text,
           footer=28),
    Action("full", ("f",), "full screen", "Only this pane, on the whole screen", (RUN,), "Look", footer=60),
    Action("copy", ("y",), "copy", "Copy the id of the run, or the path of the file", WITH_RUNS, "Look",
           why_not=why.nothing_to_copy),
)  # fmt: skip
CURVES: tuple[Action, ...] = ()
LOOKING = (*TABLES, *TEXTS, *CURVES)
