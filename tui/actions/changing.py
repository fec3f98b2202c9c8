"""Actions that change something outside; each asks first, and goes through the gate."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import AGREEMENT, LAUNCH, RUN, RUNS, WITH_RUNS, Action

CHANGING = (
    Action("edit", ("e",), "tags, note", "Give the run tags and a note", (RUNS, RUN), "Change", "change", why.no_run,
           footer=55, dialog=True, verb="footplate label RUN --add TAG --note WORDS"),
    Action("stop", ("x",), "stop", "Ask the run to come to a checkpoint and stop", WITH_RUNS, "Change", "costly",
           why.nothing_to_stop, footer=45, verb="footplate stop RUN"),
    Action("resume", ("R",), "resume", "Go on with the run where it stood", WITH_RUNS, "Change", "change",
           why.cannot_resume, footer=52, verb="footplate resume RUN"),
    Action("retry", ("r",), "retry", "Start the same spec again, as a new run", WITH_RUNS, "Change", "change",
           why.no_run, footer=50, verb="footplate retry RUN"),
    Action("archive", ("a",), "archive", "Put the run out of sight; {undo} brings it back", (RUNS, RUN), "Change",
           "change", why.still_moving, footer=57, verb="footplate archive RUN"),
    Action("save", ("S",), "save", "Save the log, or what a filter lets through, as a file in the workspace's saved/",
           (RUN,), "Change", "change", why.no_log_lines, verb="footplate log RUN"),
    Action("undo", ("z",), "undo", "Take back the last change", (*WITH_RUNS, AGREEMENT), "Change", "change",
           why.no_undo, footer=58, verb="footplate archive --undo RUN"),
    Action("run_on", ("ctrl+o",), "where", "Choose where it runs: here, on a machine, or on a new one", (LAUNCH,),
           "Look", footer=6, verb="footplate run JOB --on MACHINE"),
    Action("start", ("ctrl+s",), "start", "Start a run of this form, here or where was chosen", (LAUNCH,), "Change",
           "change", why.faulty, footer=5, verb="footplate run JOB --detach"),
)  # fmt: skip
