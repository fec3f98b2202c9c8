"""Actions on rented machines; what costs names the money, and what is deleted is asked by its name."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import BUCKET, MACHINES, Action

MACHINING = (
    Action("create_machine", ("n",), "new", "Plan a machine: its kind, spot or standard, zones and prices; then ask "
           "for it", (MACHINES,), "Change", "costly", why.no_cloud, footer=12, dialog=True,
           verb="footplate vm create KIND NAME"),
    Action("start_machine", ("u",), "start", "Start the stopped machine", (MACHINES,), "Change", "costly",
           why.cannot_start, footer=14, verb="footplate vm start NAME"),
    Action("stop_machine", ("x",), "stop", "Stop the machine; its disk stays, and costs", (MACHINES,), "Change",
           "change", why.cannot_stop, footer=16, verb="footplate vm stop NAME"),
    Action("delete_machine", ("D",), "delete", "Delete the machine and its disk for good", (MACHINES,), "Change",
           "delete", why.no_machine, footer=50, verb="footplate vm delete NAME"),
    Action("shell", ("s",), "ssh", "A shell on the machine, and back here when it ends", (MACHINES,), "Change",
           "change", why.no_shell, footer=18, at_once=True, verb="footplate vm ssh NAME"),
    Action("serial", ("l",), "serial log", "What the machine wrote to its first serial port, as when it does not start",
           (MACHINES,), "Look", why_not=why.no_machine, footer=24, verb="footplate vm serial NAME"),
    Action("describe_machine", ("d",), "describe", "All that is known of the machine", (MACHINES,), "Look",
           why_not=why.no_machine, footer=25, verb="footplate vm describe NAME"),
    Action("adopt", ("a",), "adopt", "Wait for what somebody asked for and did not wait for", (MACHINES,), "Change",
           "change", why.no_cloud, verb="footplate vm adopt"),
    Action("delete_orphan", ("X",), "delete orphan", "Delete the disk, address or machine that costs and that nothing "
           "uses", (MACHINES,), "Change", "delete", why.no_orphan, footer=52,
           verb="footplate vm orphans --delete WHAT NAME PLACE"),
    Action("refresh", ("r",), "look again", "Look now", (MACHINES, BUCKET), "Look", footer=60),
)  # fmt: skip
