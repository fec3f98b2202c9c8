"""Actions on rounds of active learning."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import ROUNDS, Action

ROUNDING = (
    Action("next_round", ("n",), "next round", "Fill in the form of the next round, which begins where this one ended",
           (ROUNDS,), "Go", why_not=why.no_next_round, footer=15, verb="footplate run round"),
)  # fmt: skip
