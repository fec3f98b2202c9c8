"""Pictures for terminals with graphics, as sequences: Kitty's protocol and Sixel. Nothing here asks the terminal.

Sources: kovidgoyal, Terminal graphics protocol (sw.kovidgoyal.net/kitty/graphics-protocol); Sixel as in
engine/framing/drawn.py.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping

from engine import terminal
from engine.terminal import Cell

CHUNK = 4096  # bytes of a picture in one of Kitty's sequences, at most
ID = 4
KITTY_IN_TMUX = (
    "kitty pictures do not get through tmux, which does not know where its panes are on the screen; "
    "outside of tmux they do, and inside --pictures half works, or sixel where tmux was built with it"
)
IN_SCREEN = "GNU screen hands on no pictures; --pictures half works there"


def hindrance(kind: str, environ: Mapping[str, str] = os.environ) -> str:
    """Why pictures of a kind cannot get to the terminal, and what can be done; empty where nothing is known of it."""
    if kind == "half":
        return ""
    if environ.get("STY"):
        return IN_SCREEN
    return KITTY_IN_TMUX if kind == "kitty" and terminal.in_tmux(environ) else ""


def cells(width: int, height: int, room: tuple[int, int], of: Cell) -> tuple[int, int]:
    """How many columns and lines a picture takes: its own size, or as much as there is room for."""
    part = min(1.0, room[0] * of.width / width, room[1] * of.height / height)
    return max(1, round(width * part / of.width)), max(1, round(height * part / of.height))


def kitty(png: bytes, columns: int, lines: int, *, scaled: bool) -> str:
    """Show a PNG where the cursor is; the terminal makes it smaller where it is `scaled`, and never larger."""
    text = base64.standard_b64encode(png).decode()
    chunks = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
    size = f",c={columns},r={lines}" if scaled else ""
    parts = [
        f"\x1b_G{f'a=T,f=100,i={ID},p=1,q=2,C=1{size},' if not n else ''}m={int(n < len(chunks) - 1)};{chunk}\x1b\\"
        for n, chunk in enumerate(chunks)
    ]
    return "".join(parts)


def away() -> str:
    """Take Kitty's picture away, and let the terminal forget it."""
    return f"\x1b_Ga=d,d=I,i={ID},q=2\x1b\\"


def at(x: int, y: int, sequence: str) -> str:
    """A sequence written at a place, after which the cursor stands where it stood."""
    return f"\x1b7\x1b[{y + 1};{x + 1}H{sequence}\x1b8"
