"""What the environment says of the terminal: kind, colours, signs, size, clipboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine import terminal
from engine.checks.finding import Finding, either

SMALLEST, USUAL = (60, 14), (80, 24)


def everything(environ: Mapping[str, str], encoding: str, size: tuple[int, int] | None) -> Iterator[Finding]:
    """All of it; `size` is None where there is no terminal."""
    yield kind(environ)
    yield colours(environ)
    yield text(environ, encoding)
    if size is not None:
        yield room(*size)
    yield clipboard(environ)


def kind(environ: Mapping[str, str]) -> Finding:
    """What the terminal calls itself, and whether that can be drawn on."""
    term = environ.get("TERM", "")
    through = " over ssh" if terminal.over_ssh(environ) else ""
    program = f", {environ['TERM_PROGRAM']}" if environ.get("TERM_PROGRAM") else ""
    fix = "export TERM=xterm-256color"
    return either("terminal", term not in ("", "dumb"), f"{term or 'TERM is not set'}{program}{through}", fix, "bad")


def colours(environ: Mapping[str, str]) -> Finding:
    """How many colours it has."""
    depth = terminal.colours(environ)
    if depth == terminal.NONE:
        return Finding("colours", "note", "none: NO_COLOR is set", "unset NO_COLOR")
    if depth == terminal.FEW:
        return Finding("colours", "note", "16, in high contrast", "export TERM=xterm-256color")
    background = f"; {'light' if terminal.is_light(environ) else 'dark'} background" if "COLORFGBG" in environ else ""
    all_there_are = depth == terminal.ALL or terminal.in_tmux(environ)
    return either("colours", all_there_are, f"{depth}{background}", "export COLORTERM=truecolor, where it has them")


def text(environ: Mapping[str, str], encoding: str) -> Finding:
    """Whether lines and bars can be written."""
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    said = f"{encoding or 'unknown'}, locale {locale or 'not set'}"
    fine = encoding.lower().replace("-", "") == "utf8"
    words = said if fine else f"{said}: lines and bars will not show"
    return either("text", fine, words, "export LANG=C.UTF-8", "bad")


def room(width: int, height: int) -> Finding:
    """Whether the screens have the room they need."""
    said = f"{width}×{height}"
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Finding("size", "bad", f"{said}: too small to draw", f"at least {SMALLEST[0]}×{SMALLEST[1]}")
    fix = f"from {USUAL[0]}×{USUAL[1]} on nothing is left out"
    return either("size", width >= USUAL[0] and height >= USUAL[1], said, fix)


def clipboard(environ: Mapping[str, str]) -> Finding:
    """Which way a copy takes."""
    if terminal.in_tmux(environ):
        return Finding("clipboard", "ok", "tmux's buffer, and from there the terminal (load-buffer -w)")
    takes = terminal.takes_copies(environ)
    said = {
        "yes": "the terminal's escape sequence (OSC 52)",
        "perhaps": "the terminal's escape sequence, if it takes it, and a file",
        "no": "a file, as this terminal has none",
    }
    return either("clipboard", takes == "yes", said[takes], "inside of tmux copies reach every terminal that can")
