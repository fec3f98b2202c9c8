"""Bytes on a pseudo-terminal of 120×30: while nothing happens, and while a log grows by 1,000 lines a second."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import labs
from bench.terminal import Terminal

LINES_PER_S = 1000
PAUSE_S = 0.02
DRAWING_S = 0.02  # what is written within so short a time belongs to one drawing
WARM_S = 2.0


def main(quick: bool) -> dict[str, Any]:
    seconds = 4.0 if quick else 10.0
    return {"idle": _idle(10.0), "log": _log(seconds)}


# --- nothing happens ---------------------------------------------------------------------------------------------


def _idle(seconds: float) -> dict[str, Any]:
    """Bytes in so many seconds on screens on which nothing moves."""
    with labs.workspace() as workspace:
        run = labs.ended(workspace)
        run.log.write_text("".join(f"step {number}: fine\n" for number in range(1000)))
        with Terminal(labs.screens(workspace)) as terminal:
            terminal.sees(b"verview")
            found = {"overview_bytes": _while_idle(terminal, b"1", b"", seconds)}
            found["runs_bytes"] = _while_idle(terminal, b"2", labs.TITLE.encode(), seconds)
            found["log_bytes"] = _while_idle(terminal, b"l", b": fine", seconds)
    return {"seconds": seconds, **found}


def _while_idle(terminal: Terminal, key: bytes, words: bytes, seconds: float) -> int:
    """Press a key, wait until the screen is there by its words, and count."""
    terminal.settled()
    terminal.sees(words, terminal.press(key))
    time.sleep(WARM_S)
    since = time.perf_counter()
    time.sleep(seconds)
    return len(terminal.written(since))


# --- a log grows -------------------------------------------------------------------------------------------------


def _log(seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with labs.workspace() as workspace, labs.moving(workspace) as run:
        for name, flags in (("footplate", ()), ("low_bandwidth", ("--low-bandwidth",))):
            with Terminal(labs.screens(workspace, *flags)) as terminal:
                terminal.sees(labs.TITLE.encode())
                terminal.first_byte(terminal.press(b"l"))
                with growing(run.log):
                    found |= _written(terminal, name, seconds)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("richlog", "log"):
            path = Path(folder) / f"{name}.txt"
            path.touch()
            with Terminal([sys.executable, "-m", "bench.apps", name, str(path)]) as terminal, growing(path):
                found |= _written(terminal, f"textual_{name}", seconds)
    return found


def _written(terminal: Terminal, name: str, seconds: float) -> dict[str, float]:
    """KiB a second while the last lines are in view."""
    terminal.sees(b"of the log")
    time.sleep(WARM_S)
    since = time.perf_counter()
    time.sleep(seconds)
    written, times = len(terminal.written(since)), terminal.times(since)
    return {
        f"{name}_kib_per_s": written / 1024 / seconds,
        f"{name}_drawings_per_s": _drawings(times) / seconds,
    }


def _drawings(times: Sequence[float]) -> int:
    """How many bursts there were."""
    return sum(1 for before, at in zip((0.0, *times), times, strict=False) if at - before > DRAWING_S)


@contextmanager
def growing(log: Path) -> Iterator[None]:
    """Append 1,000 lines a second meanwhile, as a training loop words them."""
    over = threading.Event()

    def write() -> None:
        number, began = 0, time.perf_counter()
        with log.open("a") as file:
            while not over.wait(PAUSE_S):
                due = int((time.perf_counter() - began) * LINES_PER_S)
                file.writelines(_line(number) for number in range(number, due))
                file.flush()
                number = due

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _line(number: int) -> str:
    return (
        f"step {number:>7} of the log: loss {1 / (number + 1):.6f} lr 0.000300 {number * 7919 % 10007:>5} samples/s\n"
    )
