"""What a screen asked of a service: the service's name, and about what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.workspace import Workspace
from tui.services.gate import Gate

OF_SERVICES = "tui.services."
OF_TODAY = "tui.services.clipboard"  # it is our clipboard also in a replay


@dataclass(frozen=True)
class Question:
    """A service by its name, and the words and numbers that it was asked with."""

    name: str
    about: tuple[Any, ...]

    def likeness(self, other: Question) -> tuple[bool, int]:
        """How well another question fits: of the same words, and with how many of the same numbers.

        A picture is asked for in so many cells; one of another size is better than none.
        """
        same = len(self.about) == len(other.about) and self.name == other.name
        words = same and all(a == b for a, b in zip(self.about, other.about, strict=True) if not _is_number(a))
        return words, sum(a == b for a, b in zip(self.about, other.about, strict=False))


def question(do: Callable[[], Any]) -> Question | None:
    """What is asked of a service; None where the screen asks what it holds itself, as a search in a log does."""
    arguments: list[Any] = []
    while isinstance(do, partial):
        arguments[:0] = [*do.args, *do.keywords.values()]
        do = do.func
    module = getattr(do, "__module__", "") or ""
    held = hasattr(do, "__self__") or any(hasattr(argument, "lines") for argument in arguments)
    if held or module == OF_TODAY or not module.startswith(OF_SERVICES):
        return None
    rest = (argument for argument in arguments if not isinstance(argument, Workspace | Gate))
    return Question(f"{module}:{do.__qualname__}", tuple(_flat(argument) for argument in rest))


def _flat(argument: Any) -> Any:
    return argument if isinstance(argument, str | int | float | bool | None) else repr(argument)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
