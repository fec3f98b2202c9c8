"""Keys: whether those typed during the start all arrive, and how soon a key acts, beside peers."""

from __future__ import annotations

import string
import sys
import tempfile
import time
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from bench import bare, labs, peers
from bench.numbers import told
from bench.terminal import LEFT, Terminal
from bench.tmux import Tmux

TEXT = string.ascii_lowercase + string.digits
EVERY_S = 0.012  # so quickly nobody types; the whole text falls into the start
PATIENCE_S = 5.0
SETTLED_S = 0.4
AFTER_S = 6.0  # by then every one of them has started
RUNS = 100  # more than the cursor is moved down: a key at the last row draws nothing
KEYS = {"toolong": b"\x03"}  # what leaves a program, where it is not q
Opened = tuple[list[str], str]  # a command, and the keys that open a line to type in


def main(quick: bool) -> dict[str, Any]:
    rounds = 3 if quick else 9
    with labs.workspace() as workspace, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "log.txt").write_text("a line\n" * 1000)
        for number in range(RUNS):
            labs.ended(workspace, f"run {number}")
        ours = labs.screens(workspace)
        return {
            "typed_ahead": _typed_ahead({"footplate": (ours, "2/"), **_writable()}, Path(folder), rounds),
            **_latencies(ours, rounds),
            "leave": _leave(ours, Path(folder), rounds),
        }


def _writable() -> dict[str, Opened]:
    """Peers that take text, and the keys (none for most) that bring the line for it."""
    known = {"posting": ((), ""), "harlequin": ((), ""), "toolong": (("log.txt",), "/"), "wandb": (("leet",), "/")}
    return {
        name: ([program, *words], keys) for name, (words, keys) in known.items() if (program := peers.program(name))
    }


def _typed_ahead(programs: dict[str, Opened], folder: Path, rounds: int) -> dict[str, Any]:
    """How many of the keys that were typed from the first moment on never arrived, of all rounds together.

    Of a peer that does not show them either when they are typed after its start, nothing is told: this way of
    typing does not suit it.
    """
    found: dict[str, Any] = {"sent": rounds * len(TEXT)}
    for name, (command, keys) in programs.items():
        if _lost(command, keys, folder, after_s=AFTER_S):
            found[f"{name}_not_measured"] = "the text is not seen when typed after the start either"
        else:
            found[f"{name}_lost"] = sum(_lost(command, keys, folder) for _ in range(rounds))
    return found


def _lost(command: Sequence[str], keys: str, folder: Path, after_s: float = 0.0) -> int:
    with Tmux(command, folder=folder) as tmux:
        time.sleep(after_s)
        for key in keys + TEXT:
            tmux.type(key)
            time.sleep(EVERY_S)
        end = time.perf_counter() + PATIENCE_S
        while (arrived := _arrived(tmux)) < len(TEXT) and time.perf_counter() < end:
            time.sleep(0.05)
        return len(TEXT) - arrived


def _arrived(tmux: Tmux) -> int:
    """How many characters of the text stand in order on one line; pieces of fewer than four may be other words.

    Before a program has a screen of its own, the terminal itself shows what is typed.
    """
    return max(_in_order(line) for line in [*tmux.screen().splitlines(), ""]) if tmux.alternate else 0


def _in_order(line: str) -> int:
    blocks = SequenceMatcher(None, TEXT, line, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size > 3)


# --- how soon a key acts -----------------------------------------------------------------------------------------


def _latencies(ours: Sequence[str], rounds: int) -> dict[str, Any]:
    """From a key to what it draws, on a pseudo-terminal."""
    with Terminal(ours) as terminal:
        terminal.sees(b"verview")
        for screen in b"2", b"1", b"2":  # both have been loaded, and Runs is in view
            _drawn(terminal, screen)
        moves = [_drawn(terminal, key) for key in [b"j"] * (10 * rounds) + [b"k"] * (10 * rounds)]
        switches = [(_drawn(terminal, b"q"), _drawn(terminal, b"2")) for _ in range(3 * rounds)]
    back, there = zip(*switches, strict=True)
    return {**_told("move", moves), **_told("back", back), **_told("screen", there)}


def _told(name: str, drawn: Sequence[tuple[float, float]]) -> dict[str, Any]:
    first, last = zip(*drawn, strict=True)
    return {f"{name}_ms": told(first), f"{name}_drawn_ms": told(last)}


def _drawn(terminal: Terminal, key: bytes) -> tuple[float, float]:
    """Press a key; milliseconds until the first and until the last byte of what it changes have been written."""
    terminal.settled()
    at = terminal.press(key)
    first = terminal.first_byte(at)
    return (first - at) * 1e3, (terminal.settled() - at) * 1e3


def _leave(ours: Sequence[str], folder: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds from the key until what stood before is back on the screen, and until the process has ended."""
    programs = {"footplate": [*ours], "bare_textual": [sys.executable, "-m", "bench.bare"]}
    words = {"footplate": b"verview", "bare_textual": bare.WORDS.encode()}
    if toolong := peers.program("toolong"):
        programs["toolong"], words["toolong"] = [toolong, str(folder / "log.txt")], b"a line"
    if wandb := peers.program("wandb"):
        programs["wandb"], words["wandb"] = [wandb, "leet"], b"Run Overview"
    found: dict[str, Any] = {}
    for name, command in programs.items():
        left = [_left(command, words[name], folder, KEYS.get(name, b"q")) for _ in range(rounds)]
        found[f"{name}_ms"] = told([screen for screen, _ in left])
        found[f"{name}_process_ms"] = told([process for _, process in left])
    return found


def _left(command: Sequence[str], words: bytes, folder: Path, key: bytes) -> tuple[float, float]:
    with Terminal(command, folder=folder) as terminal:
        terminal.sees(words)
        terminal.settled(SETTLED_S)
        at = terminal.press(key)
        return (terminal.sees(LEFT, at) - at) * 1e3, (terminal.exited() - at) * 1e3
