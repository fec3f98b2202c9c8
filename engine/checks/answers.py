"""What the terminal itself answers: how quickly, how wide it draws, which pictures it knows.

Only `footplate doctor` asks. It is a round trip, and keys that are typed meanwhile are lost.
"""

from __future__ import annotations

import os
import re
import select
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.checks.finding import Finding, either

LIMIT_S = 1.0  # for each of the two questions
SLOW_S = 0.15
SIGNS = "━●✓█⣿→…é"  # what the screens draw; each is one cell wide
WHERE, WHO = b"\x1b[6n", b"\x1b[c"
_NAME, _KITTY = b"\x1b[>q", b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_AT = re.compile(rb"\x1b\[(\d+);(\d+)R")
_IS = re.compile(rb"\x1b\[\?([\d;]*)c")


@dataclass(frozen=True)
class Answers:
    """What it said; `latency_s` is None where it said nothing."""

    latency_s: float | None = None
    widths: Mapping[str, int] = field(default_factory=dict)
    name: str = ""
    sixel: bool = False
    kitty: bool = False


def ask(reads: int, writes: int, limit_s: float = LIMIT_S) -> Answers:
    """Ask the terminal on these two files; what it draws meanwhile is wiped away."""
    import termios
    import tty

    before = termios.tcgetattr(reads)
    try:
        tty.setcbreak(reads, termios.TCSANOW)
        began = time.monotonic()
        if not _AT.search(_said(reads, writes, WHERE, _AT, limit_s)):
            return Answers()
        latency_s = time.monotonic() - began
        drawn = b"".join(b"\r" + sign.encode() + WHERE for sign in SIGNS) + b"\r\x1b[K"
        return understood(latency_s, _said(reads, writes, drawn + _KITTY + _NAME + WHO, _IS, limit_s))
    finally:
        termios.tcsetattr(reads, termios.TCSANOW, before)


def _said(reads: int, writes: int, question: bytes, last: re.Pattern[bytes], limit_s: float) -> bytes:
    """What comes back until the last answer has come, or nothing more within the limit."""
    os.write(writes, question)
    said, end = b"", time.monotonic() + limit_s
    while not last.search(said) and (left := end - time.monotonic()) > 0:
        if select.select([reads], [], [], left)[0]:
            said += os.read(reads, 4096)
    return said


def understood(latency_s: float, said: bytes) -> Answers:
    """The answers to the second question."""
    columns = [int(at[2]) for at in _AT.finditer(said)]
    widths = {sign: column - 1 for sign, column in zip(SIGNS, columns, strict=False)}
    attributes = found[1].split(b";") if (found := _IS.search(said)) else []
    name = re.search(rb"\x1bP>\|([^\x1b]*)\x1b\\", said)
    return Answers(latency_s, widths, name[1].decode("utf-8", "replace") if name else "", b"4" in attributes[1:],
                   b"\x1b_Gi=31;OK" in said)  # fmt: skip


def findings(said: Answers, environ: Mapping[str, str]) -> Iterator[Finding]:
    """What these answers mean."""
    if said.latency_s is None:
        yield Finding("answers", "note", f"the terminal answers nothing within {LIMIT_S:.0f} s", "another terminal")
        return
    milliseconds = f"{1000 * said.latency_s:.0f} ms"
    name = f" by {said.name}" if said.name else ""
    yield either("round trip", said.latency_s < SLOW_S, f"{milliseconds}{name}", "footplate --low-bandwidth")
    wide = [sign for sign, width in said.widths.items() if width != 1]
    words = "one cell each" if not wide else f"{' '.join(wide)} are not one cell wide: tables will lean"
    yield either("signs", not wide, words, "in the terminal: ambiguous characters narrow; or footplate --plain", "bad")
    yield Finding("pictures", "ok", f"{', '.join([*_pictures(said, environ), 'half blocks'])}")


def _pictures(said: Answers, environ: Mapping[str, str]) -> Sequence[str]:
    """The protocols that it knows; Footplate itself draws in half blocks, which all terminals can."""
    iterm = environ.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm") or environ.get("LC_TERMINAL") == "iTerm2"
    return [name for name, there in (("Kitty", said.kitty), ("Sixel", said.sixel), ("iTerm", iterm)) if there]
