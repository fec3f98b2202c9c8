"""What a screen asked of a service: the service's name, and about what."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.workspace import Workspace
from tui.services.gate import Gate

SOFT = "a "
OF_SERVICES = "tui.services."
OF_TODAY = "tui.services.clipboard"  # it is our clipboard also in a replay


@dataclass(frozen=True)
class Question:
    """A service by its name, and the words and numbers that it was asked with."""

    name: str
    about: tuple[Any, ...]

    def likeness(self, other: Question) -> tuple[bool, int]:
        """Whether another question may stand for this one, and how well it fits.

        A picture is asked for in so many cells: one of another size is better than none. So numbers may differ, and
        values by which a service was told what another one had answered.
        """
        same = len(self.about) == len(other.about) and self.name == other.name
        pairs = list(zip(self.about, other.about, strict=False))
        return same and all(a == b or (_is_soft(a) and _is_soft(b)) for a, b in pairs), sum(a == b for a, b in pairs)


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
    if isinstance(argument, str | int | float | bool | None):
        return argument
    if isinstance(argument, list | tuple) and all(isinstance(part, str) for part in argument):
        return " ".join(argument)
    return f"{SOFT}{type(argument).__name__} {zlib.crc32(repr(argument).encode('utf-8', 'replace')):08x}"


def _is_soft(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number or (isinstance(value, str) and value.startswith(SOFT))
