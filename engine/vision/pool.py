"""Processes that do parts of studies side by side, each with its own few threads. No torch here, only there."""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from engine import errors
from engine.errors import DataError
from engine.vision.parts import Part

TICK_S = 0.25
END_S = 10.0
CODE = "import sys; from engine.vision.worker import main; main(sys.argv[1:])"
ROOT = str(Path(__file__).resolve().parents[2])
Answer = dict[str, Any]
Check = Callable[[], None]


def processes(asked: int | str, threads: int, device: str) -> int:
    """How many: as asked, or one for each `threads` processors that we may use; a GPU is fed by one."""
    if asked != "auto":
        return int(asked)
    return 1 if device != "cpu" else max(1, len(os.sched_getaffinity(0)) // threads)


class Pool:
    """Some processes; they begin to load their libraries at once, and end with the `with` block."""

    def __init__(self, count: int, device: str, precision: str, threads: int) -> None:
        self.count, self.known = count, Answer()
        self.answers: queue.Queue[tuple[socket.socket | None, Answer]] = queue.Queue()
        self.idle: list[socket.socket] = []
        pairs = [socket.socketpair() for _ in range(count)]
        self.mother = _started([device, precision, str(threads)], threads, [theirs for _, theirs in pairs])
        self.listeners = [threading.Thread(target=self._listen, args=(ours,), daemon=True) for ours, _ in pairs]
        self.listeners.append(threading.Thread(target=self._watch, daemon=True))
        for listener in self.listeners:
            listener.start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.mother.kill()  # and with it all that it forked, which close their ends
        self.mother.wait()
        for listener in self.listeners:
            listener.join(END_S)

    def facts(self, check: Check) -> Answer:
        """Device, precision, threads and libraries, as soon as one process knows."""
        while not self.known:
            self._next(check)
        return self.known

    def run(self, parts: Sequence[Part], check: Check) -> Iterator[Answer]:
        """Do all parts, in this order as far as processes are free; yields each `epoch` and each `done` of a `part`.

        `check` is called several times a second; what it raises ends the pool, and with it the parts in work.
        """
        waiting, left = deque(parts), len(parts)
        while left:
            while waiting and self.idle:
                _give(self.idle.pop(), waiting.popleft())
            answer = self._next(check)
            left -= "done" in answer
            if "part" in answer:
                yield answer

    def _next(self, check: Check) -> Answer:
        check()
        try:
            pipe, answer = self.answers.get(timeout=TICK_S)
        except queue.Empty:
            return {}
        if "error" in answer:
            raise _raised(answer["error"])
        if "facts" in answer:
            self.known = answer["facts"]
        if pipe is not None and ("facts" in answer or "done" in answer):
            self.idle.append(pipe)
        return answer

    def _listen(self, pipe: socket.socket) -> None:
        with suppress(OSError), pipe.makefile("r", encoding="utf-8") as lines:  # of a death its mother tells
            for line in lines:
                self.answers.put((pipe, json.loads(line)))

    def _watch(self) -> None:
        for line in self.mother.stdout or ():
            self.answers.put((None, json.loads(line)))
        self.answers.put((None, {"error": {"kind": "", "message": _death(self.mother.wait()), "hint": ""}}))


def _started(words: list[str], threads: int, sockets: Sequence[socket.socket]) -> subprocess.Popen[str]:
    limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    paths = os.pathsep.join([ROOT, *(path for path in sys.path if path)])
    numbers = [pipe.fileno() for pipe in sockets]
    mother = subprocess.Popen(
        [sys.executable, "-P", "-c", CODE, str(os.getpid()), *words, *map(str, numbers)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=numbers,
        env={**os.environ, **limits, "PYTHONPATH": paths},
    )
    for pipe in sockets:
        pipe.close()
    return mother


def _give(pipe: socket.socket, part: Part) -> None:
    with suppress(OSError):  # of a death its mother tells
        pipe.sendall(json.dumps(vars(part)).encode() + b"\n")


def _death(code: int) -> str:
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"the training processes ended early ({how})"


def _raised(told: dict[str, str]) -> Exception:
    kind = getattr(errors, told["kind"], DataError) if told["kind"] else DataError
    found: Exception = kind(told["message"], hint=told["hint"] or "resume goes on with what is left")
    return found
