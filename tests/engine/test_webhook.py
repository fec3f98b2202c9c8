"""Webhooks: what arrives, what is tried again, what is never shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from engine import webhook
from engine.errors import AskError, FootplateError
from engine.webhook import Sender, WebhookError, checked, send, shown


class Chat(HTTPServer):
    """A service on this machine that answers as it is told to, and keeps what it got."""

    def __init__(self, *answers: int) -> None:
        self.got: list[Any] = []
        self.answers = list(answers)
        super().__init__(("127.0.0.1", 0), _Answer)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/secret"


class _Answer(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def chat() -> Iterator[Chat]:
    made = Chat()
    yield made
    made.shutdown()
    made.server_close()


def test_a_payload_arrives_as_json(chat: Chat) -> None:
    assert send(chat.url, {"text": "größer"}) == "sent to http://127.0.0.1/…"
    assert chat.got == [{"text": "größer"}]


def test_what_may_go_better_is_tried_three_times_with_pauses(chat: Chat) -> None:
    chat.answers, pauses = [503, 429, 200], []
    send(chat.url, {}, wait=pauses.append)
    assert len(chat.got) == 3 and pauses == [2.0, 8.0]
    chat.answers = [500, 500, 500]
    with pytest.raises(WebhookError, match="answered 500") as told:
        send(chat.url, {}, wait=pauses.append)
    assert len(chat.got) == 6 and "secret" not in str(told.value)


def test_a_refusal_is_not_repeated(chat: Chat) -> None:
    chat.answers = [404]
    with pytest.raises(WebhookError, match="answered 404"):
        send(chat.url, {}, wait=lambda _: pytest.fail("it waited"))
    assert len(chat.got) == 1


def test_a_service_that_is_not_there_is_told_without_its_address(chat: Chat) -> None:
    chat.shutdown()
    chat.server_close()
    with pytest.raises(WebhookError, match="does not answer") as told:
        send(chat.url, {}, wait=lambda _: None)
    assert "secret" not in str(told.value) and "webhook.url" in told.value.hint


def test_a_service_that_never_answers_is_left_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as deaf, pytest.raises(WebhookError, match="timed out"):
        send(f"http://127.0.0.1:{deaf.getsockname()[1]}/", {}, wait=lambda _: None)


@pytest.mark.parametrize("url", ["", "chat.example.org/x", "file:///etc/passwd", "https://", "http://[", 5, None])
def test_only_an_address_that_can_be_posted_to_is_taken(url: Any) -> None:
    with pytest.raises(AskError) as told:
        checked(url)
    assert told.value.message == "expected https://HOST/PATH"


def test_an_address_is_shown_by_its_host_alone() -> None:
    assert shown("https://ada:pw@chat.example.org:8443/hooks/abc?token=x") == "https://chat.example.org/…"


ERRORS = {1: FootplateError("no"), 2: ZeroDivisionError("oh")}


def test_a_sender_sends_in_turn_tells_faults_and_ends() -> None:
    sent, faults = [], []

    def post(payload: Any) -> None:
        if payload["n"] in ERRORS:
            raise ERRORS[payload["n"]]
        sent.append(payload["n"])

    sender = Sender(post, lambda error: faults.append(error.message))
    for n in range(4):
        sender.put({"n": n})
    sender.close(10)
    assert sent == [0, 3] and faults == ["no", "ZeroDivisionError: oh"]
