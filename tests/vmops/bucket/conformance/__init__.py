"""What a Cloud Storage has to do, as checks that the real clients drive; each name is a sentence that may be false."""

from __future__ import annotations

import base64
import hashlib
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import google_crc32c
import obstore.store
from google.cloud import storage

Check = Callable[["Lab"], None]
CHECKS: dict[str, Check] = {}
UNIT = 256 * 1024


def check(name: str) -> Callable[[Check], Check]:
    """Name a check."""

    def keep(one: Check) -> Check:
        assert name not in CHECKS, name
        CHECKS[name] = one
        return one

    return keep


@dataclass
class Lab:
    """A bucket, and a prefix in it that no other check uses."""

    client: storage.Client
    name: str
    endpoint: str
    prefix: str = field(default_factory=lambda: f"check-{uuid.uuid4().hex[:12]}/")

    @property
    def bucket(self) -> Any:
        return self.client.bucket(self.name)

    def blob(self, name: str = "x", **how: Any) -> Any:
        """An object below the prefix, not asked for yet."""
        return self.bucket.blob(self.prefix + name, **how)

    def put(self, data: bytes, name: str = "x", **how: Any) -> Any:
        """An object that is written."""
        blob = self.blob(name)
        blob.upload_from_string(data, **how)
        return blob

    def bytes(self, name: str = "x") -> Any:
        return self.blob(name).download_as_bytes()

    def names(self, **how: Any) -> list[str]:
        """Names that a listing tells, without the prefix."""
        how["prefix"] = self.prefix + how.get("prefix", "")
        for key in ("start_offset", "end_offset"):
            if key in how:
                how[key] = self.prefix + how[key]
        return [blob.name[len(self.prefix) :] for blob in self.client.list_blobs(self.name, **how)]

    def fill(self, *names: str) -> None:
        """Objects that hold their names."""
        for name in names:
            self.put(name.encode(), name)

    # --- what the library hides: the wire of a resumable upload ---------------------------------------------------

    def begin(self, name: str = "x", **query: str) -> str:
        """Begin a resumable upload; its address."""
        words = "&".join(f"{key}={value}" for key, value in {"uploadType": "resumable", **query}.items())
        answer = self.client._http.request(
            "POST",
            f"{self.endpoint}/upload/storage/v1/b/{self.name}/o?{words}",
            json={"name": self.prefix + name},
            headers={"X-Upload-Content-Type": "application/octet-stream"},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.headers["Location"])

    def chunk(self, where: str, data: bytes, span: str, **headers: str) -> Any:
        """Send a chunk."""
        words = {"Content-Range": span, **{key.replace("_", "-"): value for key, value in headers.items()}}
        return self.client._http.request("PUT", where, data=data, headers=words, allow_redirects=False)

    def cut(self, where: str, data: bytes, span: str, sent: int) -> None:
        """Send a part of a chunk, and lose the connection."""
        parts = urlsplit(where)
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        head += f"Content-Length: {len(data)}\r\nContent-Range: {span}\r\n\r\n"
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as line:
            line.sendall(head.encode() + data[:sent])
            line.shutdown(socket.SHUT_WR)
            line.settimeout(5)
            try:
                while line.recv(4096):
                    pass
            except OSError:
                pass

    def simple(self, data: bytes, name: str = "x") -> Any:
        """An upload of bytes alone."""
        where = (
            f"{self.endpoint}/upload/storage/v1/b/{self.name}/o?uploadType=media&name={quote(self.prefix + name, '')}"
        )
        return self.client._http.request("POST", where, data=data, headers={"Content-Type": "text/plain"})

    @property
    def quick(self) -> obstore.store.GCSStore:
        """The same bucket for obstore."""
        here = urlsplit(self.endpoint).hostname == "127.0.0.1"
        config: Any = {"base_url": self.endpoint, "skip_signature": True} if here else {}
        options: Any = {"allow_http": here}
        patience: Any = {"max_retries": 2}
        return obstore.store.GCSStore(self.name, config=config, client_options=options, retry_config=patience)


def crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()
