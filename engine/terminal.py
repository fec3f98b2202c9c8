"""What the environment says of the terminal: its colours, its background, whether its clipboard can be reached.

Nothing here asks the terminal itself: an answer takes a round trip, and swallows keys that were typed ahead.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

Environ = Mapping[str, str]
NONE, FEW, MANY, ALL = "none", "16", "256", "16 million"
LIGHT = ("7", "15")  # of the colours that COLORFGBG names
# Terminals whose clipboard an escape sequence (OSC 52) does not reach, and such as do it in some versions only.
DEAF = ("linux", "dumb", "screen", "vt100", "vt102", "vt220", "cons25", "")
DOUBTFUL = {"TERM_PROGRAM": "Apple_Terminal", "VTE_VERSION": ""}


class Cell(NamedTuple):
    """Pixels of a cell of the terminal."""

    width: int
    height: int


USUAL = Cell(8, 16)  # where nobody tells


def cell() -> Cell:
    """How large a cell is, as the system has heard from the terminal."""
    with suppress(OSError, ValueError, AttributeError):
        raw = fcntl.ioctl(sys.__stdout__, termios.TIOCGWINSZ, b"\0" * 8)  # type: ignore[arg-type]
        lines, columns, width, height = struct.unpack("HHHH", raw)
        if lines and columns and width and height:
            return Cell(width // columns, height // lines)
    return USUAL


def colours(environ: Environ = os.environ) -> str:
    """How many colours there are."""
    term = environ.get("TERM", "")
    if environ.get("NO_COLOR"):
        return NONE
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return ALL
    # tmux takes 256 whatever it calls itself, and makes of them what the terminal around it has.
    known = "256" in term or term.partition("-")[0] in ("kitty", "alacritty", "foot", "tmux") or in_tmux(environ)
    return MANY if known or (term.startswith("xterm-") and "color" not in term) else FEW


def is_light(environ: Environ = os.environ) -> bool:
    """Whether it says that its background is light."""
    return environ.get("COLORFGBG", "").rpartition(";")[2] in LIGHT


def in_tmux(environ: Environ = os.environ) -> bool:
    return bool(environ.get("TMUX"))


def over_ssh(environ: Environ = os.environ) -> bool:
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def takes_copies(environ: Environ = os.environ) -> str:
    """Whether its clipboard takes what an escape sequence hands it: yes, no, or perhaps. Of use outside of tmux."""
    term = environ.get("TERM", "")
    if environ.get("STY") or term in DEAF or term.startswith("screen"):
        return "no"
    doubtful = any(name in environ and environ[name].startswith(value) for name, value in DOUBTFUL.items())
    return "perhaps" if doubtful else "yes"


def notice(words: str, environ: Environ = os.environ) -> str:
    """The sequence (OSC 9) for a notice of the desktop; inside of tmux wrapped, so that it is handed on."""
    plain = "".join(sign for sign in words if sign.isprintable())[:200]
    sequence = f"\x1b]9;{plain}\a"
    return f"\x1bPtmux;\x1b{sequence}\x1b\\" if in_tmux(environ) else sequence
