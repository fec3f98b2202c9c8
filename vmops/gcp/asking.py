"""One question to the cloud: with a deadline, asked again where that may help, and told to whoever listens."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import requests
from google.api_core.exceptions import GoogleAPICallError
from google.auth import exceptions as auth

from vmops.errors import NoCredentials, OutsideError, StockOut, Unavailable
from vmops.gcp import faults
from vmops.logins import LOG_IN
from vmops.provider import Call

DEADLINE_S = 60.0  # of one try; what changes something bears an id, so that asking again does nothing twice
TRIES = 6
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 20.0


class Method(Protocol):
    """A method of one of Google's clients."""

    def __call__(self, *, request: Any, retry: Any, timeout: float) -> Any: ...


class Asker:
    """Asks, and asks again when the other side has trouble; every try is told."""

    def __init__(self, called: Callable[[Call], None], *, pause: Callable[[float], None] = time.sleep) -> None:
        self._called = called
        self._pause = pause

    def ask(
        self,
        what: str,
        method: Method,
        request: Mapping[str, Any],
        *,
        timeout_s: float = DEADLINE_S,
        tries: int = TRIES,
    ) -> Any:
        """The answer; an OutsideError with all that is known where there is none."""
        for number in range(1, tries + 1):
            try:
                return self._once(what, lambda: method(request=dict(request), retry=None, timeout=timeout_s))
            except StockOut:
                raise
            except Unavailable:
                if number == tries:
                    raise
            self._pause(_backoff(number))
        raise AssertionError("unreachable")

    def listed(self, what: str, method: Method, request: Mapping[str, Any]) -> list[Any]:
        """All of a list that comes in pages."""
        return list(self.ask(what, lambda **words: list(method(**words)), request))

    def _once(self, what: str, go: Callable[[], Any]) -> Any:
        began = time.monotonic()
        try:
            answer = go()
        except Exception as error:
            told = _translated(what, error)
            self._called(Call(what, time.monotonic() - began, told.message if told else str(error), False))
            if told is None:
                raise
            raise told from None
        self._called(Call(what, time.monotonic() - began, _said(answer), True))
        return answer


def _translated(what: str, error: Exception) -> OutsideError | None:
    if isinstance(error, GoogleAPICallError):
        return faults.of_http(error, what)
    if isinstance(error, auth.TransportError | requests.Timeout | requests.ConnectionError):
        return Unavailable(f"{what}: no answer: {_shortest(error)}", hint="see to the network, and try again")
    if isinstance(error, auth.RefreshError | auth.DefaultCredentialsError):
        return NoCredentials(f"{what}: Google does not take these credentials: {_shortest(error)}", hint=LOG_IN)
    return error if isinstance(error, OutsideError) else None


def _shortest(error: Exception) -> str:
    """The innermost reason, as the system words it; libraries put three sentences around "Connection refused"."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        inner = inner.__cause__ or inner.__context__
    return str(error).replace("\n", " ")[:200] or type(error).__name__


def _said(answer: Any) -> str:
    if isinstance(answer, list):
        return f"{len(answer)} entries"
    return str(getattr(answer, "name", "") or "done")


def _backoff(number: int) -> float:
    pause: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (number - 1))
    return pause * random.uniform(0.7, 1.3)
