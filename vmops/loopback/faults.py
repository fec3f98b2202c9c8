"""What goes wrong when a test or a demo asks for it."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from vmops.loopback.refusals import Failed, Refused

Json = dict[str, Any]
REASONS = {500: "internalError", 502: "backendError", 503: "backendError", 429: "rateLimitExceeded", 401: "authError",
           403: "forbidden", 408: "timeout"}  # fmt: skip
FOR_EVER = 1 << 30


@dataclass
class Fault:
    """One fault, and how many times more it happens."""

    kind: str
    where: str
    left: int
    method: str = ""
    value: Any = None

    def fits(self, method: str, path: str) -> bool:
        """Whether it is about this call."""
        return self.method in ("", method) and re.search(self.where, path) is not None


class Faults:
    """All faults of a cloud; each call here adds one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Fault] = []
        self.limits: dict[tuple[str, str], float] = {}

    def stock_out(self, *zones: str, gpu: str = "", times: int = FOR_EVER) -> None:
        """No hardware in these zones, or in all; with `gpu` only none with that accelerator."""
        for zone in zones or (".",):
            self._add(Fault("stock", f"^{zone}$" if zones else zone, times, value=gpu))

    def restock(self) -> None:
        """Hardware everywhere again."""
        with self._lock:
            self._all = [fault for fault in self._all if fault.kind != "stock"]

    def quota(self, metric: str, limit: float, region: str = "") -> None:
        """Another limit; without a region in all regions, or for the project."""
        self.limits[region, metric] = limit

    def fail(self, path: str, status: int = 503, times: int = 1, method: str = "") -> None:
        """Answer with an HTTP error, and do nothing; `path` is a regular expression."""
        self._add(Fault("fail", path, times, method, status))

    def lose_answer(self, path: str, times: int = 1, method: str = "") -> None:
        """Do what is asked, and cut the connection without an answer."""
        self._add(Fault("lose", path, times, method))

    def slow(self, path: str, seconds: float, times: int = FOR_EVER, method: str = "") -> None:
        """Take so many seconds longer."""
        self._add(Fault("slow", path, times, method, seconds))

    def break_operation(self, kind: str, code: str, message: str = "", times: int = 1, status: int = 503) -> None:
        """Let an operation of a kind (insert, start, …) end with an error of this code."""
        self._add(Fault("break", f"^{kind}$", times, value=Failed(code, message or code, status)))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._all, self.limits = [], {}

    # --- asked by the cloud ------------------------------------------------------------------------------------------

    def before(self, method: str, path: str) -> None:
        """Wait and refuse, where asked for."""
        if slow := self._take("slow", method, path):
            time.sleep(slow.value)
        if fail := self._take("fail", method, path):
            raise Refused(fail.value, REASONS.get(fail.value, "backendError"), f"Injected: HTTP {fail.value}.")

    def loses(self, method: str, path: str) -> bool:
        """Whether the answer is lost."""
        return self._take("lose", method, path) is not None

    def operation(self, body: Json) -> None:
        """Let an operation fail, where asked for."""
        if broken := self._take("break", "", body["operationType"]):
            raise broken.value

    def out_of_stock(self, zone: str, gpus: list[str]) -> bool:
        """Whether a zone has none of what is asked for."""
        with self._lock:
            fits = (one for one in self._all if one.kind == "stock" and one.fits("", zone) and one.left)
            return self._spend(next((one for one in fits if not one.value or one.value in gpus), None)) is not None

    def _take(self, kind: str, method: str, path: str) -> Fault | None:
        with self._lock:
            return self._spend(next((f for f in self._all if f.kind == kind and f.left and f.fits(method, path)), None))

    def _spend(self, fault: Fault | None) -> Fault | None:
        if fault is not None:
            fault.left -= 1
        return fault

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self._all.append(fault)
