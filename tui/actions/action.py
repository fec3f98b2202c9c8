"""What an action is, and what it may know of the screen on which it would act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

# look: nothing changes. change: one key confirms. costly: names the thing and the money, and only y confirms.
# delete: what goes for good is asked by its name, which has to be typed.
Danger = Literal["look", "change", "costly", "delete"]

OVERVIEW, RUNS, RUN, LAUNCH, COMPARE = "overview", "runs", "run", "launch", "compare"
ANNOTATE, AGREEMENT, ROUNDS, MACHINES, BUCKET = "annotate", "agreement", "rounds", "machines", "bucket"
SCREENS = (  # in the order of their numbers
    OVERVIEW, RUNS, RUN, LAUNCH, COMPARE, ANNOTATE, AGREEMENT, ROUNDS, MACHINES, BUCKET,
)  # fmt: skip
LABEL = "label"  # the screen annotate where it is opened alone, for a coder who needs nothing else
LABELLED = (ANNOTATE, LABEL)
SCROLLED = tuple(screen for screen in SCREENS if screen != ANNOTATE)
REPLAY = "replay"  # no screen of its own: what can be done on each of them while a recording is shown
WITH_RUNS = (OVERVIEW, RUNS, RUN)


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
    marks: int = 0  # marked lines
    compared: int = 0  # runs side by side
    narrowed: bool = False  # only some of the lines are shown
    file: str = ""  # of which kind the file in view is: text, json, table, picture
    coder: str = ""  # who labels
    frame: str = ""  # what is in view to be labelled: shown, broken; empty where nothing is
    zoomed: bool = False
    card: bool = False  # whether there is a reliability card to read
    case: str = ""  # the frame under the cursor on which coders differ: open, settled; empty where there is none
    differing: int = 0  # how many there are, and how many frames are gold
    gold: int = 0
    rounding: str = ""  # the run of a round that moves
    cloud: str = ""  # why nobody can be asked of machines, or of a bucket
    machine: str = ""  # state of the machine under the cursor; "host" where there is only ssh
    orphan: str = ""  # what is under the cursor of the orphans: disk, address, machine
    stored: str = ""  # what is under the cursor of the bucket: folder, object
    under_way: bool = False  # whether something is brought to the bucket or from it
    read_only: str = ""  # why nothing may be changed here, where that is so


@dataclass(frozen=True)
class Action:
    """Something that can be done; what changes something asks first, by construction."""

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    screens: tuple[str, ...]
    group: str = "Go"
    danger: Danger = "look"
    why_not: Callable[[Facts], str] = lambda _facts: ""
    footer: int = 0  # place among the keys of the footer, the lowest first; 0 keeps it out
    verb: str = ""  # the command that does the same without a screen
    dialog: bool = False  # it opens a dialog of its own, which is the question
    at_once: bool = False  # done without a question, since one key takes it back

    @property
    def asks(self) -> bool:
        """Whether a question comes before it."""
        return self.danger != "look" and not (self.dialog or self.at_once)

    def reason(self, facts: Facts) -> str:
        """Why it cannot act here and now; empty where it can."""
        return self.why_not(facts) or (facts.read_only if self.danger != "look" else "")
