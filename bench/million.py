"""A log of 1,000,000 lines in a real tmux: opened, searched, filtered, and what it costs in memory; beside peers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from bench import labs, peers, writer
from bench.numbers import Told, repeated, told
from bench.startup import mebibytes
from bench.tmux import Tmux
from engine.workspace import Workspace

LINES = 1_000_000
SOUGHT = 987_650  # near the end, so that all of the file has to be looked through
FILTER = "0007[0-9][0-9]777"
LAST = f"{LINES - 1:09} at"
FILTERED, LAST_FILTERED = 100, "000799777 at"
SEARCHED_S = 30.0
OPENED_S = 0.3  # a line to type in needs a moment


def main(quick: bool) -> dict[str, Any]:
    rounds = 2 if quick else 5
    with labs.workspace() as workspace, tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        log.write_bytes(b"".join(writer.line(number, 1.7e9 + number / 1000) for number in range(LINES)))
        run = labs.ended(workspace)
        run.log.unlink()
        run.log.symlink_to(log)
        return {
            "size_mib": log.stat().st_size / 2**20,
            "open": _open(workspace, log, rounds),
            "search": _samples(rounds, "ms", _searches(workspace, log)),
            "filter": _samples(rounds, "ms", _filters(workspace, log)),
        }


def _samples(rounds: int, unit: str, measures: dict[str, Callable[[], float]]) -> dict[str, Told]:
    samples = repeated(rounds, *measures.values())
    return {f"{name}_{unit}": told(found) for name, found in zip(measures, samples, strict=True)}


# --- opening -----------------------------------------------------------------------------------------------------


def _open(workspace: Workspace, log: Path, rounds: int) -> dict[str, Any]:
    """Seconds until first lines stand on the screen, until the last one does, and memory then."""
    opened = {"footplate": lambda: _open_ours(workspace), "less": lambda: _open_peer(["less", str(log)], "G")}
    if peers.program("toolong"):
        opened["toolong"] = lambda: _open_peer(_of_toolong(log))
    found: dict[str, Any] = {}
    for name, once in opened.items():
        samples = [once() for _ in range(rounds)]
        for key in samples[0]:
            found.setdefault(name, {})[key] = told([sample[key] for sample in samples])
    return found


def _open_ours(workspace: Workspace) -> dict[str, float]:
    """From the key that opens the log."""
    with Tmux(labs.screens(workspace)) as tmux:
        _to_run(tmux)
        before, began = mebibytes(tmux.pid), time.perf_counter()
        tmux.keys("l")
        first = tmux.sees(" at=") - began
        whole = tmux.sees(f"of {LINES:,}") - began
        now = mebibytes(tmux.pid)
        return {"first_s": first, "whole_s": whole, "mib": now, "added_mib": now - before}


def _open_peer(command: list[str], *keys: str) -> dict[str, float]:
    """From the start of the program; the keys bring the end into view."""
    with Tmux(command) as tmux:
        first = tmux.sees(" at=") - tmux.began
        if keys:
            tmux.keys(*keys)
        return {"first_s": first, "whole_s": tmux.sees(LAST) - tmux.began, "mib": mebibytes(tmux.pid)}


# --- searching and filtering -------------------------------------------------------------------------------------


def _searches(workspace: Workspace, log: Path) -> dict[str, Callable[[], float]]:
    wanted, after = f"{SOUGHT:09} at", f"{SOUGHT + 1:09} at"
    found = {
        "footplate": lambda: _typed(_ours(workspace), "/", wanted, after),
        "less": lambda: _typed(_less(log), "/", wanted, after, "Enter"),
    }
    if peers.program("toolong"):
        found["toolong"] = lambda: _typed(_toolong(log), "/", wanted, after, "Down")
    return found


def _filters(workspace: Workspace, log: Path) -> dict[str, Callable[[], float]]:
    """Ours says how many lines are left; less is sent to the last of them."""
    return {
        "footplate": lambda: _typed(_ours(workspace), "&", f"/{FILTER}/", f"{FILTERED} of {LINES:,}"),
        "less": lambda: _typed(_less(log), "&", FILTER, LAST_FILTERED, "Enter", "G"),
    }


def _typed(opened: AbstractContextManager[Tmux], key: str, text: str, seen: str, *then: str) -> float:
    """Milliseconds from a typed text, all at once, to what it is to bring onto the screen."""
    with opened as tmux:
        tmux.type(key)
        time.sleep(OPENED_S)
        began = time.perf_counter()
        tmux.type(text)
        if then:
            tmux.keys(*then)
        return (tmux.sees(seen, SEARCHED_S) - began) * 1e3


@contextmanager
def _ours(workspace: Workspace) -> Iterator[Tmux]:
    """Our log, with its first line in view."""
    with Tmux(labs.screens(workspace)) as tmux:
        _to_run(tmux)
        tmux.keys("l")
        tmux.sees(f"of {LINES:,}")
        tmux.keys("g")
        tmux.sees("000000001 at")
        yield tmux


def _to_run(tmux: Tmux) -> None:
    tmux.sees(labs.TITLE)
    tmux.keys("2")
    tmux.sees("result")
    tmux.keys("Enter")
    tmux.sees("accuracy")


@contextmanager
def _less(log: Path) -> Iterator[Tmux]:
    with Tmux(["less", str(log)]) as tmux:
        tmux.sees("000000001 at")
        yield tmux


@contextmanager
def _toolong(log: Path) -> Iterator[Tmux]:
    """Toolong with its first line in view."""
    with Tmux(_of_toolong(log)) as tmux:
        tmux.sees(LAST)
        tmux.keys("Home")
        tmux.sees("000000001 at")
        yield tmux


def _of_toolong(log: Path) -> list[str]:
    return [str(peers.program("toolong")), str(log)]
