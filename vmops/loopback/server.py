"""The HTTP side of the cloud: each call is written down, may be made to fail, and is answered in JSON."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from vmops.loopback import control, routes
from vmops.loopback.records import shown
from vmops.loopback.refusals import Refused

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]


@dataclass
class Request:
    """A call as the server has seen it; `status` is what it was answered with, 0 as long as it is not."""

    method: str
    url_path: str
    query: dict[str, str]
    body: Json
    agent: str = ""
    at: float = 0.0
    status: int = 0
    path: str = ""  # below the project
    groups: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.groups[name]

    @property
    def where(self) -> str:
        """zones/ZONE, regions/REGION, or nothing."""
        return self.groups.get("where", "")

    @property
    def scope(self) -> str:
        """The zone or the region alone."""
        return self.where.rpartition("/")[2]

    @property
    def changes(self) -> bool:
        """Whether it asks for something to be done."""
        return self.method != "GET" and not self.url_path.endswith("/wait")


class Server(ThreadingHTTPServer):
    """Answers for a cloud."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, cloud: Cloud, port: int) -> None:
        self.cloud = cloud
        super().__init__(("127.0.0.1", port), Handler)

    def begin(self) -> None:
        """Answer in a thread."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is nobody's fault."""


class Handler(BaseHTTPRequestHandler):
    """One connection; it is kept for further calls."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Answer."""
        self._serve()

    do_POST = do_DELETE = do_GET  # noqa: N815 - so http.server calls them

    def _serve(self) -> None:
        cloud, request = self.server.cloud, self._request()
        cloud.calls.append(request)
        try:
            cloud.faults.before(request.method, request.url_path)
            said = control.answer(cloud, request) or routes.answer(cloud, request)
            request.status, answer = 200, shown(said)
        except Refused as refused:
            request.status, answer = refused.status, refused.body()
        if cloud.faults.loses(request.method, request.url_path):
            self.close_connection = True
            return
        self._send(request.status, json.dumps(answer).encode())

    def _request(self) -> Request:
        parts = urllib.parse.urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body: Json = {}
        with suppress(ValueError):
            body = json.loads(raw or b"{}")
        query = dict(urllib.parse.parse_qsl(parts.query))
        path = urllib.parse.unquote(parts.path)
        return Request(self.command, path, query, body, self.headers.get("User-Agent", ""), time.time())

    def _send(self, status: int, data: bytes) -> None:
        with suppress(OSError):  # who does not wait for an answer gets none
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so http.server names it
        """Calls are kept in the cloud's list and printed nowhere."""
