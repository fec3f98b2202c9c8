"""Where machines are asked about: a client of the worker, which is started when needed and ends when idle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any

from vmops import codec
from vmops.provider import Allowance, Call, Machine, Orphan, Plan, Say, silent
from vmops.providers import unheard
from vmops.settings import Settings
from vmops.watched import Watched, of_text
from vmops.workerpipe import Pipe

IDLE_S = 300.0


class Desk:
    """A provider whose work is done in another process; any number of threads may ask it at once."""

    def __init__(
        self, settings: Settings, folder: Path, called: Callable[[Call], None] = unheard, *, idle_s: float = IDLE_S
    ) -> None:
        self.settings = settings
        self.folder = folder
        self._called = called
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._number = 0
        self._process: Pipe | None = None
        self._timer: threading.Timer | None = None

    def ask(self, do: str, *, say: Say = silent, **words: Any) -> Any:
        """What the worker answers, as JSON has it; its errors are raised here."""
        process, number, lines = self._asked(do, words)
        try:
            while "answer" not in (line := lines.get()):
                if "error" in line:
                    raise codec.error(line)
                say(line["say"])
            return line["answer"]
        finally:
            process.forget(number)
            self._rest()

    def machines(self) -> list[Machine]:
        """Every machine that bears our label."""
        return [codec.machine(one) for one in self.ask("machines")]

    def machine(self, name: str) -> Machine:
        """One of these; NotFound where there is none."""
        return codec.machine(self.ask("machine", name=name))

    def plan(self, kind: str, name: str, *, over_budget: bool = False) -> Plan:
        """What `create` would do."""
        return codec.plan(self.ask("plan", kind=kind, name=name, over_budget=over_budget))

    def create(self, kind: str, name: str, say: Say = silent, *, over_budget: bool = False) -> Machine:
        """A running machine of a kind; the next zone where one has none left."""
        return codec.machine(self.ask("create", say=say, kind=kind, name=name, over_budget=over_budget))

    def start(self, name: str, say: Say = silent, *, over_budget: bool = False) -> Machine:
        """A stopped machine, running again."""
        return codec.machine(self.ask("start", say=say, name=name, over_budget=over_budget))

    def stop(self, name: str, say: Say = silent) -> Machine:
        """A machine that is stopped; its disk stays, and costs."""
        return codec.machine(self.ask("stop", say=say, name=name))

    def delete(self, name: str, say: Say = silent) -> Machine:
        """A machine that is gone, and its disk with it."""
        return codec.machine(self.ask("delete", say=say, name=name))

    def adopt(self, say: Say = silent) -> list[Machine]:
        """Wait for what somebody asked for and did not wait for."""
        return [codec.machine(one) for one in self.ask("adopt", say=say)]

    def quotas(self) -> list[Allowance]:
        """What the project may use of what the kinds need."""
        return [codec.allowance(one) for one in self.ask("quotas")]

    def orphans(self) -> list[Orphan]:
        """What costs without use."""
        return [codec.orphan(one) for one in self.ask("orphans")]

    def delete_orphan(self, what: str, name: str, place: str, say: Say = silent) -> None:
        """Delete one of these."""
        self.ask("delete_orphan", say=say, what=what, name=name, place=place)

    def host_keys(self, name: str) -> list[str]:
        """The ssh host keys that a machine has told to the cloud; none before it booted."""
        return [str(one) for one in self.ask("host_keys", name=name)]

    def watchdog(self, name: str) -> Watched | None:
        """A machine as its own watchdog sees it; None where none has said anything."""
        return of_text(str(self.ask("watchdog", name=name)))

    def serial(self, name: str) -> str:
        """What a machine wrote to its first serial port."""
        return str(self.ask("serial", name=name))

    def close(self) -> None:
        """End the process; what it was in the middle of, the next one adopts."""
        with self._lock:
            self._stop_timer()
            process, self._process = self._process, None
        if process:
            process.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _asked(self, do: str, words: dict[str, Any]) -> tuple[Pipe, int, SimpleQueue[dict[str, Any]]]:
        with self._lock:
            self._stop_timer()
            if self._process is None or not self._process.alive:
                self._process = Pipe(self.settings, self.folder, self._called)
            self._number += 1
            return self._process, self._number, self._process.ask(self._number, do, words)

    def _rest(self) -> None:
        """End the process after a while in which nobody has asked anything."""
        with self._lock:
            if self._process and not self._process.asked:
                self._stop_timer()
                self._timer = threading.Timer(self._idle_s, self._end_if_idle)
                self._timer.daemon = True
                self._timer.start()

    def _end_if_idle(self) -> None:
        with self._lock:
            if self._process is None or self._process.asked:
                return
            process, self._process = self._process, None
        process.close()

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
