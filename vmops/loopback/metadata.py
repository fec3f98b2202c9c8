"""The metadata server of a machine: what it may know of itself, and the notice that it is preempted."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import urllib.parse
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from vmops.loopback import agent
from vmops.loopback.asked import last

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]
BASE = "/computeMetadata/v1"


class Metadata(ThreadingHTTPServer):
    """Answers for one machine, on its own address."""

    daemon_threads = True

    def __init__(self, cloud: Cloud, zone: str, name: str, address: str, port: int) -> None:
        self.cloud, self.zone, self.name = cloud, zone, name
        super().__init__((address, port), Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self) -> None:
        """Answer nobody any more."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A machine that has gone is nobody's fault."""

    def tree(self) -> Json:
        """All that can be asked for."""
        body = self.cloud.records.get("instances", self.zone, self.name) or {}
        project = f"projects/{self.cloud.number}"
        attributes = {item["key"]: item["value"] for item in body.get("metadata", {}).get("items", [])}
        instance = {
            "id": body.get("id", ""), "name": self.name, "zone": f"{project}/zones/{self.zone}",
            "hostname": f"{self.name}.{self.zone}.c.{self.cloud.project}.internal", "attributes": attributes,
            "machine-type": f"{project}/machineTypes/{last(body.get('machineType', ''))}",
            "preempted": "TRUE" if body.get("_preempted") else "FALSE",
            "maintenance-event": body.get("_maintenance") or "NONE", "cpu-platform": body.get("cpuPlatform", ""),
            "scheduling": _scheduling(body.get("scheduling", {})), "tags": body.get("tags", {}).get("items", []),
            "network-interfaces": {"0": {"ip": (body.get("networkInterfaces") or [{}])[0].get("networkIP", ""),
                                         "access-configs": {"0": {"external-ip": body.get("_address", "")}}}},
        }  # fmt: skip
        return {
            "instance": instance,
            "project": {"project-id": self.cloud.project, "numeric-project-id": self.cloud.number, "attributes": {}},
        }


def _scheduling(given: Json) -> Json:
    return {"preemptible": str(given.get("preemptible", False)).upper(),
            "automatic-restart": str(given.get("automaticRestart", True)).upper(),
            "on-host-maintenance": given.get("onHostMaintenance", "MIGRATE")}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One question of the machine."""

    protocol_version = "HTTP/1.1"
    server: Metadata

    def do_GET(self) -> None:
        """Answer, at once or when the value has changed."""
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        if self.headers.get("Metadata-Flavor") != "Google" or self.headers.get("X-Forwarded-For"):
            return self._send(403, "Missing Metadata-Flavor:Google header.", "")
        if not parts.path.startswith(f"{BASE}/"):
            return self._send(404, "", "")
        return self._tell(parts.path.removeprefix(f"{BASE}/"), query)

    def do_PUT(self) -> None:
        """Publish a guest attribute: instance/guest-attributes/NAMESPACE/KEY."""
        value = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        parts = self.path.removeprefix(f"{BASE}/instance/guest-attributes/").split("/")
        if self.headers.get("Metadata-Flavor") != "Google" or len(parts) != 2:
            return self._send(403, "", "")
        agent.publish(self.server.cloud, self.server.zone, self.server.name, parts[0], parts[1], value)
        return self._send(200, "", "")

    def _tell(self, path: str, query: dict[str, str]) -> None:
        found, tag = self._value(path, query)
        if query.get("wait_for_change", "").lower() == "true":
            found, tag = self._changed(path, query, query.get("last_etag") or tag)
        if found is None:
            return self._send(404, "", "")
        return self._send(200, found, tag)

    def _changed(self, path: str, query: dict[str, str], seen: str) -> tuple[str | None, str]:
        """The value once it is another one than has been seen, or when the time is over."""
        cloud, until = self.server.cloud, time.monotonic() + float(query.get("timeout_sec") or 3600)
        while True:
            with cloud.records.changed:
                found, tag = self._value(path, query)
                if tag != seen or cloud.closed or time.monotonic() >= until:
                    return found, tag
                cloud.records.changed.wait(min(0.5, max(0.0, until - time.monotonic())))

    def _value(self, path: str, query: dict[str, str]) -> tuple[str | None, str]:
        """What is there, as text or as a listing, and its tag."""
        at: Any = self.server.tree()
        for part in (part for part in path.split("/") if part):
            at = at.get(part) if isinstance(at, dict) else None
        if at is None:
            return None, "0"
        if isinstance(at, list) or (isinstance(at, dict) and query.get("recursive", "").lower() == "true"):
            text = json.dumps(at)
        elif isinstance(at, dict):
            text = "".join(f"{key}/\n" if isinstance(value, dict) else f"{key}\n" for key, value in at.items())
        else:
            text = str(at)
        return text, hashlib.sha256(text.encode()).hexdigest()[:16]

    def _send(self, status: int, text: str, tag: str) -> None:
        data = text.encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Metadata-Flavor", "Google")
            self.send_header("Content-Type", "application/text")
            if tag:
                self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so http.server names it
        """Nobody reads it."""
