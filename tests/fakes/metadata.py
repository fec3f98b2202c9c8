"""A metadata server as a machine sees it, which can fail and hang: a notice of preemption, a name, and rights."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BASE = "/computeMetadata/v1/"
TOKEN = "instance/service-accounts/default/token"


class Metadata(ThreadingHTTPServer):
    """Values by path; beside them a cloud that can be asked to delete the machine, and an address to stop it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.values = {
            "instance/preempted": "FALSE",
            "instance/name": "gpu-1",
            "instance/zone": "projects/77/zones/us-central1-a",
            TOKEN: json.dumps({"access_token": "secret", "expires_in": 3599}),
        }
        self.changed = threading.Condition()
        self.failing = 0  # so many answers to come are 503
        self.deletes = 200  # what the cloud answers to a DELETE
        self.asked: list[tuple[str, str, str]] = []  # method, path, authorization
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def preempt(self) -> float:
        """Give the notice; when that was."""
        with self.changed:
            self.values["instance/preempted"] = "TRUE"
            self.changed.notify_all()
            return time.time()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody who was killed while he waited."""


class Handler(BaseHTTPRequestHandler):
    """One question."""

    protocol_version = "HTTP/1.1"
    server: Metadata

    def do_GET(self) -> None:
        """A value, at once or when it is another one than was seen."""
        parts, server = urlsplit(self.path), self.server
        if self.headers.get("Metadata-Flavor") != "Google":
            return self._answer(403, "Missing Metadata-Flavor:Google header.")
        if server.failing:
            server.failing -= 1
            return self._answer(503, "not now")
        path, query = parts.path.removeprefix(BASE), parse_qs(parts.query)
        if "wait_for_change" in query:
            with server.changed:
                end = time.monotonic() + float(query["timeout_sec"][0])
                while server.values.get(path) == query["last_etag"][0] and time.monotonic() < end:
                    server.changed.wait(0.2)
        value = server.values.get(path)
        return self._answer(404, "") if value is None else self._answer(200, value, path)

    def do_POST(self) -> None:
        """Stop the machine."""
        self._note()
        self._answer(200, "")

    def do_DELETE(self) -> None:
        """Delete the machine, which may be forbidden."""
        self._note()
        self._answer(self.server.deletes, "{}")

    def _note(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))

    def _answer(self, status: int, text: str, path: str = "") -> None:
        with suppress(OSError):
            self.send_response(status)
            if path and path != TOKEN:
                self.send_header("ETag", text)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (so http.server names it)
        """Nobody reads it."""


@contextmanager
def metadata() -> Iterator[Metadata]:
    """One that answers until the block ends."""
    server = Metadata()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
