"""Google Cloud Storage as far as its clients can tell: plain HTTP on loopback, in memory, with faults on demand.

`with serve() as cloud:` gives its endpoint; `cloud.faults` lets things go wrong, `cloud.calls` tells what was asked.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.fakes.gcs.faults import READS, Fault, Faults
from tests.fakes.gcs.json_api import JsonApi
from tests.fakes.gcs.objects import Holdings, Refused
from tests.fakes.gcs.uploads import Uploads
from tests.fakes.gcs.wire import Reply, Request, Wire, told
from tests.fakes.gcs.xml_api import XmlApi

KEPT = 20_000  # calls that are remembered


class Gcs:
    """The server; everything it holds is changed in its own thread only."""

    def __init__(self, port: int = 0) -> None:
        self._listening = socket.create_server(("127.0.0.1", port), backlog=512)
        self._listening.setblocking(False)
        self.endpoint = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.holdings, self.faults = Holdings(), Faults()
        self.uploads = Uploads(self.holdings)
        self.calls: list[tuple[str, str]] = []
        self.counts: Counter[str] = Counter()
        self.logins: Counter[str] = Counter()
        self.most_at_once = self._now = 0
        self._json, self._xml = JsonApi(self.holdings, self.uploads, self.endpoint), XmlApi(self.holdings)

    async def run(self) -> None:
        """Take connections until cancelled."""
        loop, serving = asyncio.get_running_loop(), set[asyncio.Task[None]]()
        try:
            while True:
                connection, _ = await loop.sock_accept(self._listening)
                task = loop.create_task(self._serve(connection))
                serving.add(task)
                task.add_done_callback(serving.discard)
        finally:
            self._listening.close()

    async def _serve(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, suppress(OSError):
            wire = Wire(connection)
            while (ask := await wire.request()) is not None:
                self._now += 1
                self.most_at_once = max(self.most_at_once, self._now)
                try:
                    if not await self._reply(wire, ask):
                        return
                finally:
                    self._now -= 1

    async def _reply(self, wire: Wire, ask: Request) -> bool:
        """Answer; whether the connection goes on."""
        asked = f"{ask.path}?{'&'.join(f'{key}={value}' for key, value in ask.query.items())}"
        self._remember(ask.method, asked)
        self.logins[ask.headers.get("authorization", "")] += 1
        if self.faults.latency_s:
            await asyncio.sleep(self.faults.latency_s)
        fault = self.faults.take(ask.method, asked, _reads(ask))
        if fault and fault.kind == "cut before":
            return False
        failing = fault and fault.kind == "status"
        reply = _refusal(Refused(fault.status, "backendError", "Try again.")) if fault and failing else self._act(ask)
        if (fault and fault.kind == "cut after") or not ask.whole:
            return False
        if fault and fault.kind in READS and reply.status in (200, 206):
            reply = _spoilt(reply, fault)
        await wire.send(reply.head())
        if ask.method != "HEAD":
            await wire.send(reply.body)
        return fault is None or fault.kind != "cut within"

    def _remember(self, method: str, asked: str) -> None:
        self.counts[method] += 1
        if len(self.calls) < KEPT:
            self.calls.append((method, asked))

    def _act(self, ask: Request) -> Reply:
        is_json = ask.path.split("/")[1] in ("storage", "download", "upload", "resumable")
        try:
            return self._json.answer(ask) if is_json else self._xml.answer(ask)
        except Refused as refused:
            return _refusal(refused)
        except Exception:
            traceback.print_exc()
            return _refusal(Refused(501, "notImplemented", f"{ask.method} {ask.path}: {traceback.format_exc(1)}"))


def _reads(ask: Request) -> bool:
    """Whether an object's bytes are asked for."""
    return ask.method == "GET" and (ask.query.get("alt") == "media" or not ask.path.startswith("/storage/"))


def _refusal(refused: Refused) -> Reply:
    if refused.status == 304:
        return Reply(304)
    words = {"message": refused.message, "domain": "global", "reason": refused.reason}
    return told({"error": {"code": refused.status, "message": refused.message, "errors": [words]}}, refused.status)


def _spoilt(reply: Reply, fault: Fault) -> Reply:
    """An answer that is not true, or not whole."""
    body = bytes(reply.body)
    if fault.kind == "corrupt" and body:
        return Reply(reply.status, bytes([body[0] ^ 1]) + body[1:], reply.headers)
    if fault.kind == "hash":
        return Reply(
            reply.status, body, {**reply.headers, "X-Goog-Hash": "crc32c=AAAAAQ==,md5=AAAAAAAAAAAAAAAAAAAAAA=="}
        )
    return Reply(reply.status, body[: len(body) // 2], reply.headers, length=len(body))


@contextmanager
def serve(*buckets: str) -> Iterator[Gcs]:
    """A server in a thread of this process, with buckets in it."""
    cloud, loop = Gcs(), asyncio.new_event_loop()
    for name in buckets:
        cloud.holdings.make(name)
    task = loop.create_task(cloud.run())
    thread = threading.Thread(target=_until_cancelled, args=(loop, task), name="storage", daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)


def _until_cancelled(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(task)
    for one in asyncio.all_tasks(loop):
        one.cancel()
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(one)
    loop.close()
