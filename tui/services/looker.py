"""Processes that look into files: asked from threads, started when first needed, and again when they have ended."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from typing import Any

from engine.errors import DataError

DEADLINE_S = 120.0
GONE = {"error": "the process that looks into files has ended", "hint": "it is started again with the next look"}
Answer = Mapping[str, Any]


class Outdated(DataError):
    """Something newer of the same kind was asked meanwhile."""


class Gone(DataError):
    """The process has ended before it answered."""


class Looker:
    """Questions as lines of JSON to a process, and its answers back to the threads that asked."""

    def __init__(self, module: str = "engine.look", *words: str, deadline_s: float = DEADLINE_S) -> None:
        self._words, self._deadline_s = [sys.executable, "-m", module, *words], deadline_s
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[subprocess.Popen[str], SimpleQueue[Answer]]] = {}
        self._asked = 0

    def ask(self, do: str, **words: Any) -> Any:
        """What the process answers; called in a thread.

        Raises:
            Outdated: the same was asked again before it was answered.
            DataError: the file is not what it has to be, or the process has ended.
        """
        mine: SimpleQueue[Answer] = SimpleQueue()
        with self._lock:
            process, self._asked = self._running(), self._asked + 1
            number = self._asked
            self._waiting[number] = process, mine
            self._write(process, {"id": number, "do": do, **words})
        try:
            answer = mine.get(timeout=self._deadline_s)
        except Empty:
            self.close()
            raise DataError(
                f"no answer after {self._deadline_s:.0f} s", hint="the file may be damaged or too large"
            ) from None
        if answer is GONE:
            raise Gone(GONE["error"], hint=GONE["hint"])
        if answer.get("cut"):
            raise Outdated("outdated")
        if "error" in answer:
            raise DataError(answer["error"], hint=answer.get("hint", ""))
        return answer["answer"]

    def close(self) -> None:
        """End the process; who waits for an answer is told so."""
        process = self._process
        if process is not None:
            process.kill()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                encoding="utf-8", start_new_session=True,  # ctrl+c in the terminal is not meant for it
            )  # fmt: skip
            threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        return self._process

    def _write(self, process: subprocess.Popen[str], question: Mapping[str, Any]) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
        except OSError:
            self._waiting.pop(question["id"])[1].put(GONE)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        """Hand each answer to who waits for it."""
        assert process.stdout is not None
        for line in process.stdout:
            answer = json.loads(line)
            if (waiting := self._waiting.pop(answer["id"], None)) is not None:
                waiting[1].put(answer)
        process.wait()
        with self._lock:
            for number in [number for number, (asked, _) in self._waiting.items() if asked is process]:
                self._waiting.pop(number)[1].put(GONE)


looker = Looker()
