"""The near end of a worker: questions go in, and each answer finds who waits for it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from vmops import codec
from vmops.errors import Unavailable
from vmops.provider import Call
from vmops.settings import Settings, to_json

ROOT = Path(__file__).resolve().parent.parent
LOG_BYTES = 1 << 20
_LOG = logging.getLogger(__name__)


class Pipe:
    """One worker, and who waits for its answers."""

    def __init__(self, settings: Settings, folder: Path, called: Callable[[Call], None]) -> None:
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self.asked: dict[int, SimpleQueue[dict[str, Any]]] = {}
        self.alive = True
        self._called = called
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        with _log(folder / "worker.log") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "vmops.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, text=True, env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
            )  # fmt: skip
        self._write({"settings": to_json(settings), "folder": str(folder)})
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, number: int, do: str, words: dict[str, Any]) -> SimpleQueue[dict[str, Any]]:
        """Ask; where its answer will come."""
        lines: SimpleQueue[dict[str, Any]] = SimpleQueue()
        with self._lock:
            self.asked[number] = lines
        self._write({"id": number, "do": do, **words})
        if not self.alive:  # it ended before it could hear
            lines.put(codec.fault(_gone()))
        return lines

    def forget(self, number: int) -> None:
        """Nobody waits for that any more."""
        with self._lock:
            self.asked.pop(number, None)

    def close(self) -> None:
        """End it."""
        self.alive = False
        self._process.kill()
        self._process.wait()

    def _write(self, value: dict[str, Any]) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(value) + "\n")
            self._process.stdin.flush()
        except OSError:
            self.alive = False  # whoever listens hears so as well

    def _listen(self) -> None:
        assert self._process.stdout
        try:
            for text in self._process.stdout:
                self._heard(text)
        finally:
            self._ended()

    def _heard(self, text: str) -> None:
        """One line; one that says nothing, or who does not take it, leaves nobody waiting for the others."""
        try:
            line = json.loads(text)
            if "call" in line:
                self._called(codec.call(line["call"]))
            elif lines := self.asked.get(line["id"]):
                lines.put(line)
        except Exception:  # noqa: BLE001 (whatever it is, the next line is somebody else's)
            _LOG.exception("a line of the worker: %.200r", text)

    def _ended(self) -> None:
        self._process.kill()  # where we could not go on listening, it would work for nobody
        self._process.wait()
        with self._lock:
            self.alive = False
            for lines in self.asked.values():
                lines.put(codec.fault(_gone()))


def _log(path: Path) -> TextIO:
    """Where workers complain: each after the others, since who asks why one has gone may have started the next."""
    with suppress(OSError):
        if path.stat().st_size > LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
    return path.open("a")


def _gone() -> Unavailable:
    return Unavailable(
        "the process that speaks with the cloud is gone",
        hint="ask again: what it was in the middle of goes on from its journal; machines/worker.log may tell why",
    )
