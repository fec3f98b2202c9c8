"""Tellings to a webhook: a POST of JSON with a deadline, tried a few times; its address is a secret."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import AskError, FootplateError

TIMEOUT_S = 10.0
PAUSES_S = (2.0, 8.0)  # between three attempts


class WebhookError(FootplateError):
    """A webhook did not take what it was sent."""


def checked(url: Any) -> str:
    """An address that can be posted to; AskError, which does not repeat it, where it is none."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        fine = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fine = False
    if not fine:
        raise AskError("expected https://HOST/PATH", hint="the address that the chat or the service gave for it")
    return str(url)


def shown(url: str) -> str:
    """As much of an address as may be shown: whoever knows all of it can post there."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…"


def send(url: str, payload: Mapping[str, Any], *, wait: Callable[[float], Any] = time.sleep) -> str:
    """Post; the words for it.

    Raises:
        WebhookError: it was not taken, or nobody answered, three times; a refusal (4xx) is not repeated.
    """
    for pause in (*PAUSES_S, None):
        fault, again = _attempt(url, payload)
        if not fault:
            return f"sent to {shown(url)}"
        if pause is None or not again:
            break
        wait(pause)
    raise WebhookError(f"{shown(url)}: {fault}", hint="look at webhook.url in the settings, and at that service")


def _attempt(url: str, payload: Mapping[str, Any]) -> tuple[str, bool]:
    """What went wrong, empty where nothing did, and whether it may go better later."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen  # some 40 ms, for those who have a webhook

    body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "backslashreplace")
    head = {"Content-Type": "application/json", "User-Agent": "footplate"}
    try:
        with urlopen(Request(url, body, head, method="POST"), timeout=TIMEOUT_S):
            return "", False
    except HTTPError as error:
        return f"answered {error.code} {error.reason}", error.code in (408, 429) or error.code >= 500
    except OSError as error:
        return f"does not answer: {getattr(error, 'reason', error)}", True
    except (HTTPException, ValueError) as error:  # their words may hold the address
        return f"cannot be asked: {type(error).__name__}", True


class Sender:
    """Sends in a thread of its own, one after the other; `failed` is told why one was not taken, in that thread."""

    def __init__(self, send: Callable[[Mapping[str, Any]], Any], failed: Callable[[FootplateError], Any]) -> None:
        self._send, self._failed = send, failed
        self._waiting: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._go, name="webhook", daemon=True)
        self._thread.start()

    def put(self, payload: Mapping[str, Any]) -> None:
        """Send this when its turn comes; returns at once."""
        self._waiting.put(payload)

    def close(self, wait_s: float = 0.0) -> None:
        """Send what waits and nothing more; whoever wants to be sure waits for it."""
        self._waiting.put(None)
        self._thread.join(wait_s)

    def _go(self) -> None:
        while (payload := self._waiting.get()) is not None:
            try:
                self._send(payload)
            except FootplateError as error:
                self._failed(error)
            except Exception as error:  # noqa: BLE001 (a thread that dies in silence sends nothing any more)
                self._failed(WebhookError(f"{type(error).__name__}: {error}"))
