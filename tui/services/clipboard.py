"""Copying through whatever lies between: tmux, the terminal's escape sequence (OSC 52), else a file.

Whether a terminal took what the sequence handed it cannot be known. So where it is known not to, or where the text is
longer than terminals take, a file takes its place; and where that is in doubt, there is a file as well. The words tell
which way it went.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import home, terminal
from engine.files import write_atomic
from engine.words import size
from tui.services.gate import Gate

TIMEOUT_S = 2.0
TERMINAL_TAKES = 74_000  # bytes, which are 100,000 characters of base64: where xterm and others stop
TMUX_TAKES = 1 << 20
Tmux = Callable[[list[str], bytes], str | None]


@dataclass(frozen=True)
class Copied:
    """The way it went, in words; and whether the terminal is still to be handed it, by the sequence."""

    words: str
    by_sequence: bool = False


def copy(
    text: str, gate: Gate, *, way: str = "auto", environ: Mapping[str, str] = os.environ, tmux: Tmux | None = None
) -> Copied:
    """Copy by the best way that there is, or by the one that somebody wants.

    Raises:
        FootplateError: there is only a file to copy to, and it cannot be written, or may not.
    """
    data = text.encode("utf-8", "replace")
    if way == "file":
        return Copied(f"copied to {_to_file(data, gate)}")
    if way == "tmux" or (way == "auto" and terminal.in_tmux(environ)):
        return _by_tmux(data, gate, tmux or _tmux)
    return _by_terminal(data, gate, "yes" if way == "terminal" else terminal.takes_copies(environ))


def _by_tmux(data: bytes, gate: Gate, tmux: Tmux) -> Copied:
    """Into tmux's buffer, which with -w goes on to the terminal around it, also with tmux's defaults."""
    if len(data) > TMUX_TAKES or tmux(["load-buffer", "-w", "-"], data) is None:
        return Copied(f"tmux does not take it ({size(len(data))}): copied to {_to_file(data, gate)}")
    if tmux(["show-options", "-sv", "set-clipboard"], b"") == "off":
        return Copied("copied to tmux's buffer alone (its set-clipboard is off); prefix ] pastes it")
    if len(data) > TERMINAL_TAKES:
        return Copied("copied to tmux's buffer; for the terminal around it that may be too long; prefix ] pastes it")
    return Copied("copied to tmux's buffer and the terminal")


def _by_terminal(data: bytes, gate: Gate, takes: str) -> Copied:
    if len(data) > TERMINAL_TAKES:
        return Copied(f"{size(len(data))} are too long for a terminal: copied to {_to_file(data, gate)}")
    if takes == "no":
        return Copied(f"this terminal has no clipboard: copied to {_to_file(data, gate)}")
    if takes == "perhaps":
        return Copied(f"copied to the terminal, if it takes it, and to {_to_file(data, gate)}", by_sequence=True)
    return Copied("copied to the terminal", by_sequence=True)


def _to_file(data: bytes, gate: Gate) -> str:
    path = home.state() / "copied.txt"
    gate.change(f"writing {home.short(path)}", lambda: _write(path, data))
    return home.short(path)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # what is copied may be nobody else's business
    write_atomic(path, data)


def _tmux(words: list[str], given: bytes) -> str | None:
    """What tmux answers; None where it refuses or is not there."""
    try:
        command = ["tmux", *words]
        done = subprocess.run(command, input=given, timeout=TIMEOUT_S, check=False, capture_output=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None
