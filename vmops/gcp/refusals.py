"""What Google's storage says when it refuses or cannot be reached, in our errors; and what is worth another try."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests.exceptions
import urllib3.exceptions
from google.api_core import exceptions as answers
from google.api_core.retry import Retry
from google.auth import exceptions as logins
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

from vmops.errors import Conflict, Denied, NoCredentials, NotFound, OutsideError, Refused, Unavailable
from vmops.logins import LOG_IN

PATIENCE_S = 15.0  # for a question or a small act, tries included
BUSY = (408, 429, 500, 502, 503, 504)
LOST = (
    ConnectionError,
    http.client.HTTPException,
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.HTTPError,
)


class Tries:
    """Tries of one act; `again` tells whether there was more than one, so that an earlier one may have been heard."""

    def __init__(self, patience_s: float = 0.0) -> None:
        self.again = False
        patience_s = patience_s or PATIENCE_S
        self.retry = Retry(predicate=self._worth, initial=0.1, maximum=8.0, multiplier=2.0, timeout=patience_s)

    def _worth(self, error: Exception) -> bool:
        worth = isinstance(error, LOST) or _status(error) in BUSY
        self.again |= worth
        return worth


def _status(error: BaseException | None) -> int:
    if isinstance(error, InvalidResponse):
        return int(error.response.status_code)
    return int(getattr(error, "code", 0) or 0) if isinstance(error, answers.GoogleAPICallError) else 0


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Errors of Google's library as ours, with `what` they happened to."""
    try:
        yield
    except OutsideError:
        raise
    except answers.RetryError as error:
        raise _said(what, error.cause or error) from error
    except (answers.GoogleAPICallError, InvalidResponse, logins.GoogleAuthError, *LOST, DataCorruption) as error:
        raise _said(what, error) from error


def _said(what: str, error: BaseException) -> OutsideError:
    if isinstance(error, DataCorruption):
        return Unavailable(f"{what}: the bytes that came are not those that were written", hint="try again")
    if isinstance(error, logins.GoogleAuthError) and not isinstance(error, logins.TransportError):
        return NoCredentials(f"{what}: the credentials are not valid any more: {error}", hint=LOG_IN)
    status = _status(error)
    if made := _BY_STATUS.get(status):
        return made(what, error)
    if status in BUSY or isinstance(error, (*LOST, logins.TransportError)):
        return Unavailable(f"{what}: {_words(error)}", hint="see to the network, and try again")
    return Refused(f"{what}: {_words(error)}", hint="the request was not as the service wants it")


def _words(error: BaseException) -> str:
    """The service's own words, without the address and the JSON around them; of a lost connection its reason."""
    if reason := re.search(r"\[Errno -?\d+\] ([^\"')]+)", str(error)):
        return f"cannot be reached: {reason[1]}"
    told: Any = getattr(error, "errors", None) or []
    if told and isinstance(told[0], dict) and told[0].get("message"):
        return str(told[0]["message"])
    return str(getattr(error, "message", "") or error).strip().splitlines()[0][:200]


_BY_STATUS: dict[int, Callable[[str, BaseException], OutsideError]] = {
    401: lambda what, error: NoCredentials(f"{what}: not logged in: {_words(error)}", hint=LOG_IN),
    403: lambda what, error: Denied(
        f"{what}: not allowed: {_words(error)}", hint="its owner has to give you the role Storage Object User"
    ),
    404: lambda what, error: NotFound(
        f"{what}: not there: {_words(error)}", hint="is the name right? footplate bucket ls tells what is there"
    ),
    412: lambda what, error: Conflict(f"{what}: it is another one now", hint="read it again"),
}
