"""HTTP/1.1 on bare sockets and one thread: quick enough that a benchmark measures clients and not this server."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PIECE = 1 << 18
OWN_PHRASES = {308: "Resume Incomplete", 499: "Client Closed Request"}


@dataclass(frozen=True)
class Request:
    """What a client asks; `whole` is false where the connection ended within its body."""

    method: str
    path: str  # as it came, percent signs and all
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in small letters
    body: bytes
    whole: bool = True


@dataclass(frozen=True)
class Reply:
    """What is answered; `length` is told instead of the body's where there is none, as after HEAD."""

    status: int
    body: bytes | memoryview = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None

    def head(self) -> bytes:
        """Status line and headers."""
        words = {"Content-Length": str(len(self.body) if self.length is None else self.length), **self.headers}
        if self.status in (204, 304):
            words.pop("Content-Length")
        lines = "".join(f"{name}: {value}\r\n" for name, value in words.items())
        phrase = OWN_PHRASES.get(self.status) or HTTPStatus(self.status).phrase
        return f"HTTP/1.1 {self.status} {phrase}\r\n{lines}\r\n".encode()


def told(value: Any, status: int = 200, **headers: str) -> Reply:
    """A reply in JSON."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json; charset=UTF-8", **headers})


class Wire:
    """One connection: requests come in, bytes go out."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket, self._loop, self._rest = connection, asyncio.get_running_loop(), bytearray()

    async def request(self) -> Request | None:
        """The next request, or None where the client has gone."""
        while (end := self._rest.find(b"\r\n\r\n")) < 0:
            if not await self._more():
                return None
        first, *lines = self._rest[:end].decode("latin-1").split("\r\n")
        del self._rest[: end + 4]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("expect", "").lower() == "100-continue":
            await self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        body, whole = await self._body(headers)
        method, target, _ = first.split(" ", 2)
        parts = urlsplit(target)
        return Request(method, parts.path, dict(parse_qsl(parts.query, True)), headers, body, whole)

    async def _body(self, headers: Mapping[str, str]) -> tuple[bytes, bool]:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return await self._chunks()
        size = int(headers.get("content-length", 0))
        whole = await self._upto(size)
        body = bytes(self._rest[:size])
        del self._rest[:size]
        return body, whole

    async def _chunks(self) -> tuple[bytes, bool]:
        found = bytearray()
        while True:
            while (end := self._rest.find(b"\r\n")) < 0:
                if not await self._more():
                    return bytes(found), False
            size = int(self._rest[:end].split(b";")[0], 16)
            if not await self._upto(end + 2 + size + 2):
                return bytes(found), False
            found += self._rest[end + 2 : end + 2 + size]
            del self._rest[: end + 2 + size + 2]
            if not size:
                return bytes(found), True

    async def _upto(self, size: int) -> bool:
        while len(self._rest) < size:
            if not await self._more():
                return False
        return True

    async def _more(self) -> bool:
        try:
            piece = await self._loop.sock_recv(self._socket, PIECE)
        except OSError:
            return False
        self._rest += piece
        return bool(piece)

    async def send(self, data: bytes | memoryview) -> None:
        """Give bytes to the client."""
        await self._loop.sock_sendall(self._socket, data)
