"""Actions of Footplate itself, the same on every screen."""

from __future__ import annotations

from tui.actions.action import AGREEMENT, BUCKET, LABEL, OVERVIEW, ROUNDS, SCREENS, Action

ALONE_TOO = (*SCREENS, LABEL)

EVERYWHERE = (
    Action("command_log", ("@",), "command log", "What was asked of the engine, with times and results", SCREENS,
           "Footplate"),
    Action("events", ("E",), "events", "What ended, failed or stalled, and what is new since you last looked", SCREENS,
           "Footplate", verb="footplate watch"),
    Action("sync_labels", ("Y",), "sync labels", "Bring the labels here and those in the bucket together", (OVERVIEW,
           AGREEMENT, ROUNDS, BUCKET), "Change", "change", verb="footplate annotations sync"),
    Action("theme", ("ctrl+t",), "theme", "The next theme: dark, light, and both in high contrast", ALONE_TOO,
           "Footplate"),
    Action("palette", ("ctrl+p", ":"), "commands", "Find a command by its name", ALONE_TOO, "Footplate"),
    Action("help", ("?",), "help", "All keys of this screen", ALONE_TOO, "Footplate", footer=90, verb="footplate keys"),
    Action("quit", ("ctrl+q",), "quit", "Leave; runs go on without you", ALONE_TOO, "Footplate"),
)  # fmt: skip
