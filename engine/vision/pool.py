"""Processes that do parts of studies side by side, each with its own few threads. No torch here, only there."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from engine import errors
from engine.errors import DataError
from engine.vision.parts import Part

TICK_S = 0.25
CODE = "import sys; from engine.vision.worker import main; main(int(sys.argv[1]), *sys.argv[2:4], int(sys.argv[4]))"
ROOT = str(Path(__file__).resolve().parents[2])
Answer = dict[str, Any]


def processes(asked: int | str, threads: int, device: str) -> int:
    """How many: as asked, or one for each `threads` processors that we may use; a GPU is fed by one."""
    if asked != "auto":
        return int(asked)
    return 1 if device != "cpu" else max(1, len(os.sched_getaffinity(0)) // threads)


class Pool:
    """Some worker processes; they begin to load their libraries at once, and end with the `with` block."""

    def __init__(self, count: int, device: str, precision: str, threads: int) -> None:
        self.answers: queue.Queue[tuple[subprocess.Popen[str], Answer]] = queue.Queue()
        self.idle: list[subprocess.Popen[str]] = []
        self.known: Answer = {}
        self.workers = [_started(device, precision, threads) for _ in range(count)]
        for worker in self.workers:
            threading.Thread(target=self._listen, args=(worker,), daemon=True).start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.workers:
            worker.kill()
        for worker in self.workers:
            worker.wait()

    def facts(self, check: Callable[[], None]) -> Answer:
        """Device, precision, threads and libraries, as soon as one process knows."""
        while not self.known:
            self._next(check)
        return self.known

    def run(self, parts: Sequence[Part], check: Callable[[], None]) -> Iterator[Answer]:
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

    def _next(self, check: Callable[[], None]) -> Answer:
        check()
        try:
            worker, answer = self.answers.get(timeout=TICK_S)
        except queue.Empty:
            return {}
        if "error" in answer:
            raise _raised(answer["error"])
        if "facts" in answer:
            self.known = answer["facts"]
        if "facts" in answer or "done" in answer:
            self.idle.append(worker)
        return answer

    def _listen(self, worker: subprocess.Popen[str]) -> None:
        for line in worker.stdout or ():
            self.answers.put((worker, json.loads(line)))
        self.answers.put((worker, {"error": {"kind": "", "message": _death(worker.wait()), "hint": ""}}))


def _started(device: str, precision: str, threads: int) -> subprocess.Popen[str]:
    limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    paths = os.pathsep.join([ROOT, *(path for path in sys.path if path)])
    return subprocess.Popen(
        [sys.executable, "-P", "-c", CODE, str(os.getpid()), device, precision, str(threads)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **limits, "PYTHONPATH": paths},
    )


def _give(worker: subprocess.Popen[str], part: Part) -> None:
    try:
        print(json.dumps(vars(part)), file=worker.stdin, flush=True)
    except BrokenPipeError:
        return  # it has died; its listener says how


def _death(code: int) -> str:
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"a training process ended early ({how}); out of memory is the usual reason"


def _raised(told: dict[str, str]) -> Exception:
    kind = getattr(errors, told["kind"], None)
    if kind is None:
        return DataError(
            told["message"], hint="resume goes on with what is left; with fewer compute.processes if memory is short"
        )
    found: Exception = kind(told["message"], hint=told["hint"])
    return found
