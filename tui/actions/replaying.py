"""Actions of a replay, on every screen beside those of the screen itself."""

from __future__ import annotations

from tui.actions.action import REPLAY, Action

_HERE = (REPLAY,)
REPLAYING = (
    Action("replay_pause", ("K",), "pause, play", "Let the replay stand still, or go on", _HERE, "Replay", footer=1),
    Action("replay_back", ("<",), "-10 s", "Ten seconds back", _HERE, "Replay", footer=3),
    Action("replay_forth", (">",), "+10 s", "Ten seconds forth", _HERE, "Replay", footer=4),
    Action("replay_step_back", ("comma",), "step back", "To what was told before, and stand still", _HERE, "Replay"),
    Action("replay_step", (".",), "step", "To what was told next, and stand still", _HERE, "Replay"),
    Action("replay_slower", ("{",), "slower", "Half as fast", _HERE, "Replay"),
    Action("replay_faster", ("}",), "faster", "Twice as fast, up to 64 times", _HERE, "Replay"),
    Action("replay_begin", ("^",), "begin", "To the beginning", _HERE, "Replay"),
    Action("replay_end", ("$",), "end", "To the end", _HERE, "Replay"),
    Action("replay_seek", ("T",), "to a time", "To a time: 1:30, 90, +30, -30 or 50%", _HERE, "Replay", footer=6),
    Action("replay_lead", ("=",), "as it was", "Be led again to where the person was, after looking around", _HERE,
           "Replay", footer=8),
)  # fmt: skip
