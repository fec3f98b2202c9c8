"""Actions of Footplate itself, the same on every screen."""

from __future__ import annotations

from tui.actions.action import SCREENS, Action

EVERYWHERE = (
    Action("command_log", ("@",), "command log", "What was asked of the engine, with times and results", SCREENS,
           "Footplate"),
    Action("theme", ("ctrl+t",), "light or dark", "Change between the light and the dark theme", SCREENS, "Footplate"),
    Action("palette", ("ctrl+p", ":"), "commands", "Find a command by its name", SCREENS, "Footplate"),
    Action("help", ("?",), "help", "All keys of this screen", SCREENS, "Footplate", footer=90, verb="footplate keys"),
    Action("quit", ("ctrl+q",), "quit", "Leave; runs go on without you", SCREENS, "Footplate"),
)  # fmt: skip
