"""Where the screens hear from: the workspace itself, or (with the same words) a recording of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from engine.workspace import Workspace
from tui.services.catalog import Catalog
from tui.services.watch import Post

if TYPE_CHECKING:
    from tui.services.logfile import LogFile

T = TypeVar("T")


class ListOfRuns(Protocol):
    """Tells RunsChanged; `step` belongs into a Watch."""

    def step(self) -> float | None:
        """Tell what is new; seconds until the next look."""

    def look_again(self) -> None:
        """Take nothing for granted in the next step."""


class OneRun(Protocol):
    """Tells what a run says, how it goes, and that its log grew; `step` belongs into a Watch."""

    run_id: str
    log: LogFile

    def step(self) -> float | None:
        """Tell what is new; seconds until the next look, or None where there is nothing left to look at."""


class Sources(Protocol):
    """All that screens hear without having asked, whatever they ask, and the time that it is there."""

    closed: str  # why nothing may be changed; empty where it may
    place: str  # what has actions of its own on every screen: a replay; empty where nothing has

    def title(self) -> str:
        """What this is, at the left of the first line."""

    def now(self) -> float:
        """Seconds since 1970."""

    def catalog(self, post: Post) -> ListOfRuns:
        """Every run."""

    def follower(self, run_id: str, post: Post) -> OneRun:
        """One run."""

    def ask(self, do: Callable[[], T]) -> T:
        """What a service answers; called in a thread."""


class Live:
    """The workspace as it is now."""

    closed = place = ""

    def __init__(self, workspace: Workspace, name: str = "footplate") -> None:
        self._workspace, self._name = workspace, name

    def title(self) -> str:
        return self._name

    def now(self) -> float:
        return time.time()

    def catalog(self, post: Post) -> ListOfRuns:
        return Catalog(self._workspace, post)

    def follower(self, run_id: str, post: Post) -> OneRun:
        from tui.services.follow import Follower  # nothing of it is needed for the first paint

        return Follower(self._workspace, run_id, post)

    def ask(self, do: Callable[[], T]) -> T:
        return do()
