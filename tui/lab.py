"""What all screens share: the workspace, its runs, what can be undone, and which run was opened last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.workspace import Workspace
from tui.actions import Action, worded
from tui.entries import Entry, counts
from tui.options import Options
from tui.services.gate import Gate
from tui.services.sources import Sources

if TYPE_CHECKING:
    from tui.services.machines import Found


@dataclass(frozen=True)
class Undo:
    """Something that was done and can be taken back; `take_back` answers with the words for it."""

    what: str
    take_back: Callable[[], str]


@dataclass
class Lab:
    """The state of the TUI that is not of one screen."""

    workspace: Workspace
    gate: Gate
    sources: Sources
    options: Options = field(default_factory=Options)
    keymap: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # keys of actions that somebody has moved
    entries: Sequence[Entry] | None = None  # None until the catalog was read for the first time
    counts: str = ""  # how many of them move and wait
    opened: str = ""
    compared: list[str] = field(default_factory=list)  # ids of the runs that stand side by side
    undos: list[Undo] = field(default_factory=list)
    trouble: str = ""
    _by_id: dict[str, Entry] = field(default_factory=dict)
    pane: str = ""  # which pane of the next run to open is wanted
    machines: Found | None = None  # as they stood when a screen asked last
    told_of_machines: set[tuple[object, ...]] = field(default_factory=set)
    form: tuple[str, str] = ("", "")  # the preset that Launch shows next, and the text that a screen made of it

    def keys(self, action: Action) -> tuple[str, ...]:
        """The keys of an action, here."""
        return self.keymap.get(action.id, action.keys)

    def now(self) -> float:
        """The time that it is on the screens, in seconds since 1970; in a replay it is that of the recording."""
        return self.sources.now()

    def worded(self, words: str) -> str:
        """Words in which `{stop}` stands for the key of an action."""
        return worded(words, self.keys)

    def entry(self, run_id: str) -> Entry | None:
        """The run of an id, where the catalog has it."""
        return self._by_id.get(run_id)

    def take(self, entries: Sequence[Entry]) -> None:
        """These are the runs now."""
        self.entries, self.counts = entries, counts(entries)
        self._by_id = {entry.id: entry for entry in entries}
