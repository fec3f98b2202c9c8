"""Actions on runs that stand side by side."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import COMPARE, Action

COMPARING = (
    Action("add_run", ("i",), "add a run", "Add a run to those that are compared", (COMPARE,), "Look", footer=40),
    Action("leave_out", ("u",), "leave out", "Compare without the run under the cursor", (COMPARE,), "Look",
           why_not=why.not_the_runs, footer=41),
    Action("reference", ("b",), "reference", "Hold the others against the run under the cursor", (COMPARE,), "Look",
           why_not=why.not_the_runs, footer=42),
    Action("common", ("p",), "common items", "Pair also where only some test items are the same, or no more",
           (COMPARE,), "Look", why_not=why.nothing_compared),
    Action("export", ("S",), "save", "Write the comparison as Markdown and CSV", (COMPARE,), "Change", "change",
           why.nothing_compared, footer=50, verb="footplate compare RUN RUN --markdown --out FILE"),
)  # fmt: skip
