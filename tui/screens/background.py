"""Work that a screen has done in a thread, and what it says about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from textual import on
from textual.message import Message
from textual.worker import get_current_worker

from engine.errors import FootplateError
from tui.pace import Paced

T = TypeVar("T")


class Background(Paced[None], inherit_bindings=False):
    """A screen that never waits: what takes time is done elsewhere, and comes back as a message."""

    class Finished(Message):
        """Work has ended, well or not; `then` is what follows."""

        def __init__(self, then: Callable[[], Any]) -> None:
            super().__init__()
            self.then = then

    def work(self, what: str, do: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do something in a thread, and go on with what it answers; the newest work of a name outdates older ones."""
        self.run_worker(partial(self._work, what, do, then), thread=True, group=what, exclusive=True)

    def at_work(self, what: str) -> bool:
        """Whether such work is still being done."""
        return any(one.group == what and one.node is self and not one.is_finished for one in self.workers)

    def _work(self, what: str, do: Callable[[], T], then: Callable[[T], None]) -> None:
        worker = get_current_worker()
        try:
            result = self.ask(do)
        except FootplateError as error:
            following = partial(self.tell_error, what, error.message, error.hint)
        except Exception as error:  # noqa: BLE001 (a failed thread must be told on the screen and not end it)
            following = partial(self.tell_error, what, f"{type(error).__name__}: {error}", "")
        else:
            following = partial(then, result)
        if not worker.is_cancelled:
            self.post_message(self.Finished(following))

    def ask(self, do: Callable[[], T]) -> T:
        """What a service answers; called in a thread."""
        return do()

    @on(Finished)
    def _finished(self, message: Finished) -> None:
        message.then()
        self.finished()

    def finished(self) -> None:
        """Something that was done in the background has come back."""

    def tell(self, words: str) -> None:
        """Say that something went well."""
        self.notify(words, markup=False)

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        """Say what went wrong, why, and what to do."""
        words = f"{why}\n→ {what_to_do}" if what_to_do else why
        self.notify(words, title=f"{what} did not work", severity="error", timeout=12, markup=False)
