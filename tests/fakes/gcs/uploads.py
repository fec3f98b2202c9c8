"""Uploads: in one piece, with their description, or resumable in chunks that a lost connection does not lose."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.gcs.objects import Held, Holdings, Refused
from tests.fakes.gcs.wire import Reply, Request

UNIT = 256 * 1024  # what is kept of a chunk that was cut short, and what chunks are multiples of
RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass
class Session:
    """A resumable upload: what has come so far, and the object once all has."""

    bucket: str
    name: str
    about: Mapping[str, Any]
    conditions: Mapping[str, str]
    data: bytearray = field(default_factory=bytearray)
    made: Held | None = None


class Uploads:
    """All ways by which bytes come in."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self.sessions: dict[str, Session] = {}

    def simple(self, bucket: str, ask: Request) -> Held:
        """Bytes alone; the description is in headers and query."""
        _must_be_whole(ask)
        about = {"contentType": ask.headers.get("content-type"), **_told_hashes(ask)}
        return self._holdings.put(bucket, ask.query.get("name", ""), ask.body, about, ask.query)

    def multipart(self, bucket: str, ask: Request) -> Held:
        """A description in JSON, and then the bytes."""
        _must_be_whole(ask)
        about, data = _parts(ask)
        name = str(about.get("name") or ask.query.get("name", ""))
        return self._holdings.put(bucket, name, data, about, ask.query)

    def begin(self, bucket: str, ask: Request) -> str:
        """A new resumable upload; its id."""
        about = json.loads(ask.body or b"{}")
        about.setdefault("contentType", ask.headers.get("x-upload-content-type"))
        name = str(about.get("name") or ask.query.get("name", ""))
        self._holdings.may_write(bucket, name, ask.query)
        number = secrets.token_hex(16)
        self.sessions[number] = Session(bucket, name, about, dict(ask.query))
        return number

    def go_on(self, ask: Request) -> Held | Reply:
        """A chunk, or the question how far it is; the object once all has come."""
        session = self.sessions.get(ask.query.get("upload_id", ""))
        if session is None:
            raise Refused(404, "notFound", "No such upload.")
        if ask.method == "DELETE":
            del self.sessions[ask.query["upload_id"]]
            return Reply(499)
        if session.made is not None:
            return session.made
        start, total = _span(ask)
        if start is not None:
            self._keep(session, ask, start, total)
        if not ask.whole or total is None or len(session.data) < total:
            return _so_far(session)
        about = {**session.about, **_told_hashes(ask)}
        session.made = self._holdings.put(session.bucket, session.name, bytes(session.data), about, session.conditions)
        return session.made

    def _keep(self, session: Session, ask: Request, start: int, total: int | None) -> None:
        have = len(session.data)
        if start > have:
            raise Refused(503, "backendError", f"Bytes {have}-{start} have not come.")
        new = ask.body[have - start :]
        last = ask.whole and total is not None and start + len(ask.body) >= total
        session.data += new if last else new[: (have + len(new)) // UNIT * UNIT - have]


def _must_be_whole(ask: Request) -> None:
    if not ask.whole:
        raise Refused(400, "invalid", "The request was cut short.")


def _span(ask: Request) -> tuple[int | None, int | None]:
    """First byte and size of the whole, as far as they are told."""
    told = ask.headers.get("content-range")
    if told is None:
        size = int(ask.headers.get("content-length", len(ask.body)))
        return 0, size
    found = RANGE.fullmatch(told)
    if not found:
        raise Refused(400, "invalid", f"Invalid Content-Range {told!r}")
    first, _, total = found.groups()
    whole = None if total == "*" else int(total)
    return (None if first is None else int(first)), whole


def _so_far(session: Session) -> Reply:
    return Reply(308, headers={"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {})


def _told_hashes(ask: Request) -> dict[str, str]:
    """Hashes in the header X-Goog-Hash, by their names in JSON."""
    names = {"crc32c": "crc32c", "md5": "md5Hash"}
    pairs = (one.strip().partition("=") for one in ask.headers.get("x-goog-hash", "").split(",") if one)
    return {names[name]: value for name, _, value in pairs if name in names}


def _parts(ask: Request) -> tuple[dict[str, Any], bytes]:
    found = re.search(r'boundary="?([^";]+)"?', ask.headers.get("content-type", ""))
    if not found:
        raise Refused(400, "invalid", "No boundary in Content-Type.")
    mark = b"--" + found[1].encode()
    pieces = ask.body.split(mark, 2)
    if len(pieces) != 3 or not (last := ask.body.rfind(b"\r\n" + mark + b"--")) > 0:
        raise Refused(400, "invalid", "Expected two parts.")
    about = json.loads(pieces[1].split(b"\r\n\r\n", 1)[1])
    begin = len(pieces[0]) + len(mark) + len(pieces[1]) + len(mark)
    head = ask.body.index(b"\r\n\r\n", begin)
    kind = re.search(rb"content-type:\s*([^\r\n]+)", ask.body[begin:head], re.IGNORECASE)
    if kind:
        about.setdefault("contentType", kind[1].decode())
    return about, ask.body[head + 4 : last]
