"""Operations: asked for, waited for, and gone on with by a cloud that was killed in the middle."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vmops.loopback.refusals import Failed

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]
Act = Callable[["Cloud", str, str, Json], None]  # the cloud, a scope, a name, the operation
WAIT_S = 120.0  # Compute answers `wait` after two minutes, done or not


def now() -> str:
    """As Compute writes times."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def number() -> str:
    """An id: a decimal of 64 bits, in a string."""
    return str(secrets.randbits(62) | 1 << 61)


class Operations:
    """All operations of a cloud; `acts` says what each type does to each collection."""

    def __init__(self, cloud: Cloud, acts: Mapping[str, Mapping[str, Act]]) -> None:
        self.cloud, self.acts = cloud, acts
        self._turns: dict[str, threading.Lock] = {}

    def ask(self, kind: str, scope: str, target: str, *, target_id: str = "", request_id: str = "",
            user: str = "", facts: Json | None = None) -> Json:  # fmt: skip
        """Begin one; `target` is a path below the project. The answer is the operation as it stands."""
        name = f"operation-{int(time.time() * 1000)}-{secrets.token_hex(6)}-{secrets.token_hex(4)}"
        place = {"zone": self.cloud.url(scope)} if scope.startswith("zones/") else {}
        place |= {"region": self.cloud.url(scope)} if scope.startswith("regions/") else {}
        body = {
            "kind": "compute#operation", "id": number(), "name": name, "operationType": kind, "status": "PENDING",
            "progress": 0, "insertTime": now(), "user": user or self.cloud.user, "targetLink": self.cloud.url(target),
            "targetId": target_id or number(), "selfLink": self.cloud.url(f"{scope}/operations/{name}"), **place,
            "_request": request_id, "_target": target, "_facts": facts or {},
        }  # fmt: skip
        self.cloud.records.put("operations", self.cloud.short(scope), name, body)
        self._begin(body)
        return body

    def go_on(self) -> None:
        """Take up again what was not done when the cloud ended."""
        for body in self.cloud.records.all("operations"):
            if body["status"] != "DONE":
                self._begin(body)

    def asked(self, request_id: str) -> Json | None:
        """The operation that this request has begun before."""
        known = self.cloud.records.all("operations") if request_id else []
        return next((body for body in known if body["_request"] == request_id), None)

    def busy(self, target: str) -> bool:
        """Whether something is being done to it."""
        return any(
            body["_target"] == target and body["status"] != "DONE" for body in self.cloud.records.all("operations")
        )

    def wait(self, scope: str, name: str, seconds: float = WAIT_S) -> Json | None:
        """The operation when it is done, or as it stands after so many seconds."""
        records = self.cloud.records
        until = time.monotonic() + seconds
        with records.changed:
            while (body := records.get("operations", scope, name)) and body["status"] != "DONE":
                if time.monotonic() > until or self.cloud.closed:
                    break
                records.changed.wait(0.5)
        return body

    def _begin(self, body: Json) -> None:
        threading.Thread(target=self._do, args=(body,), daemon=True, name=body["name"]).start()

    def _do(self, body: Json) -> None:
        """One after the other for the same target."""
        scope, name = self.cloud.short(body["_target"].rpartition("/")[0].rpartition("/")[0]), body["name"]
        with self._turns.setdefault(body["_target"], threading.Lock()):
            time.sleep(self.cloud.pace_s)
            self._update(scope, name, status="RUNNING", startTime=now())
            ended: Json = {}
            try:
                self._act(body)(self.cloud, scope, body["_target"].rpartition("/")[2], body)
            except Failed as failed:
                ended = failed.fields()
            except Exception as error:  # noqa: BLE001 - the edge: whoever waits must hear of it
                if self.cloud.closed:
                    return  # it goes on when the cloud does
                ended = Failed("INTERNAL_ERROR", f"Internal error: {error!r}", 500).fields()
            self._update(scope, name, status="DONE", progress=100, endTime=now(), **ended)

    def _act(self, body: Json) -> Act:
        return self.acts[body["_target"].split("/")[-2]][body["operationType"]]

    def _update(self, scope: str, name: str, **fields: Any) -> None:
        if not self.cloud.closed:
            self.cloud.records.update("operations", scope, name, **fields)
