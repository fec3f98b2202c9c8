"""The one table of what an operator can do: keys, footer, help, palette and confirmations all come from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

Danger = Literal["look", "change", "costly"]
MOVING = ("pending", "running")


@dataclass(frozen=True)
class Facts:
    """What a screen tells of itself, so that an action can say why it cannot act."""

    states: tuple[str, ...] = ()  # of the runs that would be acted on: the marked ones, else the one under the cursor
    pane: str = ""
    lines: int = 0  # lines in the text that can be searched
    matches: int = 0
    undo: str = ""
    copyable: str = ""
    faults: int | None = None  # in the form; None while it has not been checked


@dataclass(frozen=True)
class Action:
    """Something that can be done: `costly` ones ask first, by construction."""

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    screens: tuple[str, ...]
    group: str = "Go"
    danger: Danger = "look"
    why_not: Callable[[Facts], str] = lambda _facts: ""
    footer: int = 0  # place among the keys of the footer, the lowest first; 0 keeps it out


def _no_run(facts: Facts) -> str:
    return "" if facts.states else "there is no run here; 4 launches one"


def _nothing_to_stop(facts: Facts) -> str:
    if not facts.states or any(state in MOVING for state in facts.states):
        return _no_run(facts)
    return f"it is {facts.states[0]} already" if len(facts.states) == 1 else "none of the marked runs is moving"


def _still_moving(facts: Facts) -> str:
    moving = any(state in MOVING for state in facts.states)
    return "it is still moving; x asks it to stop" if moving else _no_run(facts)


def _cannot_resume(facts: Facts) -> str:
    if facts.states and all(state == "done" for state in facts.states):
        return "it is done; r does it again as a new run"
    return _still_moving(facts)


def _nothing_to_open(facts: Facts) -> str:
    if facts.pane in ("look", "log", "curves", "spec", "about"):
        return "there is nothing to open in this pane; tab goes to the next"
    return "" if facts.pane else _no_run(facts)


def _no_undo(facts: Facts) -> str:
    return "" if facts.undo else "there is nothing to undo"


def _no_lines(facts: Facts) -> str:
    return "" if facts.lines else "there is no text here to search"


def _no_match(facts: Facts) -> str:
    return "" if facts.matches else "nothing was found; / searches"


def _no_text(facts: Facts) -> str:
    return "" if facts.lines else "there are no lines here to wrap; l shows the log"


def _not_the_log(facts: Facts) -> str:
    return "" if facts.pane == "log" else "only the log grows; l shows it"


def _nothing_to_copy(facts: Facts) -> str:
    return "" if facts.copyable else "there is nothing to copy here"


def _faulty(facts: Facts) -> str:
    if facts.faults is None:
        return "the form is being checked"
    return f"{facts.faults} fault{'s' * (facts.faults != 1)} in the form; the first stands below it" * bool(
        facts.faults
    )


OVERVIEW, RUNS, RUN, LAUNCH = "overview", "runs", "run", "launch"
SCREENS = (OVERVIEW, RUNS, RUN, LAUNCH)
LISTS = (OVERVIEW, RUNS)
WITH_RUNS = (OVERVIEW, RUNS, RUN)

TABLE: tuple[Action, ...] = (
    Action("open", ("enter",), "open", "Open what is under the cursor", SCREENS, why_not=_nothing_to_open, footer=10),
    Action("back", ("escape", "backspace"), "back", "Back to where you came from", SCREENS),
    Action("leave", ("q",), "back", "Back to where you came from; from the first screen, leave", SCREENS, footer=80),
    Action("overview", ("1",), "overview", "What moves, what is new, what needs attention", SCREENS),
    Action("runs", ("2",), "runs", "Every run", SCREENS),
    Action("run", ("3",), "run", "The run that was opened last, or the newest", SCREENS),
    Action("launch", ("4",), "launch", "Start a new run", SCREENS),
    Action("next_pane", ("tab",), "pane", "Next pane", SCREENS, footer=70),
    Action("previous_pane", ("shift+tab",), "previous pane", "Previous pane", SCREENS),
    Action("log", ("l",), "log", "The log of the run", WITH_RUNS, footer=24),
    Action("describe", ("d",), "describe", "What was asked, where it runs, with which code, from which runs", WITH_RUNS,
           why_not=_no_run, footer=25),
    # --- moving
    Action("down", ("j", "down"), "down", "One line down", SCREENS, "Move"),
    Action("up", ("k", "up"), "up", "One line up", SCREENS, "Move"),
    Action("left", ("left",), "left", "Scroll to the left", SCREENS, "Move"),
    Action("right", ("right",), "right", "Scroll to the right", SCREENS, "Move"),
    Action("page_down", ("pagedown", "ctrl+d"), "page down", "A page down", SCREENS, "Move"),
    Action("page_up", ("pageup", "ctrl+u"), "page up", "A page up", SCREENS, "Move"),
    Action("top", ("g", "home"), "top", "To the first line", SCREENS, "Move"),
    Action("bottom", ("G", "end"), "bottom", "To the last line", SCREENS, "Move"),
    # --- looking
    Action("filter", ("/",), "filter", "Show only runs that fit; words, field:word, !not, this|that", (RUNS,), "Look",
           footer=20),
    Action("sort", ("o",), "sort", "Sort by the next column", (RUNS,), "Look", footer=30),
    Action("reverse", ("O",), "reverse", "Sort the other way round", (RUNS,), "Look"),
    Action("mark", ("space",), "mark", "Mark the run, to act on several at once", (RUNS,), "Look", why_not=_no_run,
           footer=40),
    Action("search", ("/",), "search", "Search the text", (RUN,), "Look", why_not=_no_lines, footer=20),
    Action("next_match", ("n",), "next match", "Next match", (RUN,), "Look", why_not=_no_match),
    Action("previous_match", ("N",), "previous match", "Previous match", (RUN,), "Look", why_not=_no_match),
    Action("follow", ("F",), "follow", "Stay at the end of the log while it grows", (RUN,), "Look",
           why_not=_not_the_log, footer=26),
    Action("wrap", ("w",), "wrap", "Wrap long lines, or scroll sideways", (RUN,), "Look", why_not=_no_text, footer=28),
    Action("full", ("f",), "full screen", "Only this pane, on the whole screen", (RUN,), "Look", footer=60),
    Action("copy", ("y",), "copy", "Copy the id of the run, or the path of the file", WITH_RUNS, "Look",
           why_not=_nothing_to_copy),
    # --- changing
    Action("edit", ("e",), "tags, note", "Give the run tags and a note", (RUNS, RUN), "Change", "change", _no_run,
           footer=55),
    Action("stop", ("x",), "stop", "Ask the run to come to a checkpoint and stop", WITH_RUNS, "Change", "costly",
           _nothing_to_stop, footer=45),
    Action("resume", ("R",), "resume", "Go on with the run where it stood", WITH_RUNS, "Change", "change",
           _cannot_resume, footer=52),
    Action("retry", ("r",), "retry", "Start the same spec again, as a new run", WITH_RUNS, "Change", "change", _no_run,
           footer=50),
    Action("archive", ("a",), "archive", "Put the run out of sight; z brings it back", (RUNS, RUN), "Change", "costly",
           _still_moving, footer=57),
    Action("undo", ("z",), "undo", "Take back the last change", WITH_RUNS, "Change", "change", _no_undo, footer=58),
    Action("start", ("ctrl+s",), "start here", "Start a run of this form on this machine", (LAUNCH,), "Change",
           "change", _faulty, footer=5),
    # --- everywhere
    Action("theme", (), "light or dark", "Change between the light and the dark theme", SCREENS, "Footplate"),
    Action("palette", ("ctrl+p", ":"), "commands", "Find a command by its name", SCREENS, "Footplate"),
    Action("help", ("?",), "help", "All keys of this screen", SCREENS, "Footplate", footer=90),
    Action("quit", ("ctrl+q",), "quit", "Leave; runs go on without you", SCREENS, "Footplate"),
)  # fmt: skip
BY_ID = {action.id: action for action in TABLE}


def of(screen: str) -> list[Action]:
    """What can be done on a screen."""
    return [action for action in TABLE if screen in action.screens]


def bindings(screen: str) -> list[BindingType]:
    """The keys of a screen; each has the id of its action, by which a keymap can move it."""
    return [
        Binding(",".join(action.keys), f"act('{action.id}')", action.label, show=False, tooltip=action.help,
                id=action.id, priority=action.id == "quit")
        for action in of(screen) if action.keys
    ]  # fmt: skip


def shown(key: str) -> str:
    """A key as it is written on the screen: ^s, space, ?."""
    names = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "shift+tab": "⇧tab",
             "up": "↑", "down": "↓", "left": "←", "right": "→"}  # fmt: skip
    return names.get(key, key.replace("ctrl+", "^"))
