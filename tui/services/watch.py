"""Work that is done again and again in a thread of its own, and that says when it goes wrong and when it goes well."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from engine.errors import FootplateError
from tui.messages import ServiceFailed, ServiceRecovered

Post = Callable[[Message], object]
AFTER_FAILURE_S = 2.0


class Watch:
    """Does a step, waits as many seconds as it answers, and goes on until it is closed or a step answers None.

    The thread is a daemon: a disk that hangs may stop what is seen of it, and never the way out of the TUI.
    """

    def __init__(self, what: str, step: Callable[[], float | None], post: Post, *, what_to_do: str) -> None:
        self._what, self._step, self._post, self._what_to_do = what, step, post, what_to_do
        self._closed, self._wake = threading.Event(), threading.Event()
        self._failing = ""
        self._thread = threading.Thread(target=self._go, name=what, daemon=True)

    def start(self) -> Watch:
        self._thread.start()
        return self

    def nudge(self) -> None:
        """Do the next step now."""
        self._wake.set()

    def close(self) -> None:
        """Do no further step."""
        self._closed.set()
        self._wake.set()

    def _go(self) -> None:
        wait: float | None = 0.0
        while wait is not None and not self._closed.is_set():
            wait = self._safely()
            if wait is not None:
                self._wake.wait(wait)
                self._wake.clear()

    def _safely(self) -> float | None:
        try:
            wait = self._step()
        except Exception as error:  # noqa: BLE001 (a thread that dies in silence shows old numbers as new ones)
            self._fail(error)
            return AFTER_FAILURE_S
        if self._failing:
            self._failing = ""
            self._tell(ServiceRecovered(self._what))
        return wait

    def _fail(self, error: Exception) -> None:
        why = error.message if isinstance(error, FootplateError) else f"{type(error).__name__}: {error}"
        hint = error.hint if isinstance(error, FootplateError) else ""
        if why != self._failing:
            self._failing = why
            self._tell(ServiceFailed(self._what, why, hint or self._what_to_do))

    def _tell(self, message: Message) -> None:
        if not self._closed.is_set():
            self._post(message)
