"""What all steps of a shepherd share: its run, the machine, what is kept in mind, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Stopped
from engine.remote import memory, place
from engine.remote.memory import Memory
from engine.remote.patience import Pauses
from engine.remote.place import Place
from engine.remote.standing import Standing
from engine.run import Run
from engine.workspace import Workspace


@dataclass
class Errand:
    """One run that is elsewhere; the machine may become another one on the way."""

    workspace: Workspace
    run: Run
    say: Callable[[str], None]
    memory: Memory = field(init=False)
    place: Place = field(init=False)
    standing: Standing = field(init=False)
    pauses: Pauses = field(init=False)

    def __post_init__(self) -> None:
        self.memory = memory.recall(self.run)
        self.standing = Standing(self.run, self.memory.wish.name, self.say)
        self.pauses = Pauses(self.asked_to_stop)
        self.place = place.of_name(self.workspace, self.memory.wish.name)

    def keep(self, **changes: Any) -> None:
        """Keep in mind, beyond our death."""
        self.memory = memory.keep(self.run, self.memory, **changes)

    def asked_to_stop(self) -> bool:
        """Whether somebody has asked the run to stop."""
        return self.run.stop.exists()

    def stop_if_asked(self) -> None:
        """Raise Stopped where somebody has; only before the run has begun there."""
        if self.asked_to_stop():
            raise Stopped("stopped before it had begun there")

    def progress(self, step: str) -> Callable[[str], None]:
        """How a step comes along, in the link's words."""

        def said(words: str) -> None:
            self.standing.set(link=words if words.startswith(step) else f"{step}: {words}")

        return said
