"""What was once found of something, until that changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Kept:
    """Of each thing that is asked for, the answer to the last question."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[Hashable, Any]] = {}

    def of(self, what: str, question: Hashable, find: Callable[[], T]) -> T:
        """What was found for the same question; found now where it is another one, or the first."""
        known = self._answers.get(what)
        if known is None or known[0] != question:
            self._answers[what] = known = question, find()
        found: T = known[1]
        return found

    def forget(self) -> None:
        """All of it has changed."""
        self._answers.clear()
