"""What this tmux does with keys, colours, copies and notices, each with the line that changes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from engine import terminal
from engine.checks.finding import Finding, ask, either

Ask = Callable[[list[str]], str]
ESCAPE_MS = 50  # more than this is felt
NEEDED = (3, 2)  # since then a copy goes on to the terminal around it: load-buffer -w


def everything(environ: Mapping[str, str], asked: Ask | None = None) -> Iterator[Finding]:
    """All of it, where one is inside; `asked` answers what `tmux` with these words prints."""
    tmux = asked or (lambda words: ask(["tmux", *words], timeout_s=2))
    version = tmux(["-V"])
    if not terminal.in_tmux(environ):
        have = f"{version} is there" if version else "not installed"
        said = f"not inside of it ({have}); runs survive without it, screens do not"
        yield Finding("tmux", "note", said, "tmux new -A -s lab" if version else "install tmux")
        return
    yield _version(version)
    option = partial(_option, tmux)
    yield _escape(option("-sv", "escape-time"))
    yield _copies(option("-sv", "set-clipboard"))
    yield _colours(option("-gv", "default-terminal"), tmux(["display-message", "-p", "#{client_termfeatures}"]),
                   tmux(["display-message", "-p", "#{client_termname}"]))  # fmt: skip
    yield _signs(tmux(["display-message", "-p", "#{client_utf8}"]))
    yield _notices(option("-gwv", "allow-passthrough"))
    yield _switch("focus", option("-sv", "focus-events"), "tmux set -s focus-events on")
    yield _switch("mouse", option("-gv", "mouse"), "tmux set -g mouse on, to click and to scroll")


def _option(tmux: Ask, kind: str, name: str) -> str:
    return tmux(["show-options", kind, name])


def _version(said: str) -> Finding:
    found = re.search(r"(\d+)\.(\d+)", said)
    new = found is not None and (int(found[1]), int(found[2])) >= NEEDED
    return either("tmux", new, said or "does not answer", "copies need tmux 3.2: update it")


def _escape(said: str) -> Finding:
    milliseconds = int(said) if said.isdigit() else 0
    words = f"is felt after {milliseconds} ms" if milliseconds > ESCAPE_MS else f"{milliseconds} ms"
    return either("tmux escape", milliseconds <= ESCAPE_MS, words, "tmux set -s escape-time 10; q goes back at once")


def _copies(said: str) -> Finding:
    fine = said in ("on", "external")
    words = f"set-clipboard {said or 'unknown'}" if fine else f"set-clipboard {said}: copies stay in tmux's buffer"
    return either("tmux clipboard", fine, words, "tmux set -s set-clipboard external")


def _colours(inside: str, features: str, around: str) -> Finding:
    """What programs inside take it for, and whether true colours get through to the terminal around it."""
    if "256color" not in inside and not inside.endswith("-direct"):
        said = f"default-terminal {inside}: other programs inside see few colours"
        return Finding("tmux colours", "note", said, "tmux set -g default-terminal tmux-256color")
    words = f"{inside}, {'true colours' if 'RGB' in features else '256 colours'} on {around or 'no terminal'}"
    fix = f"tmux set -as terminal-features ',{around or 'xterm-256color'}:RGB', where the terminal has true colours"
    return either("tmux colours", "RGB" in features, words, fix)


def _signs(said: str) -> Finding:
    fine = said != "0"
    words = "UTF-8" if fine else "tmux takes the terminal for one without UTF-8: lines become underscores"
    return either("tmux text", fine, words, "tmux -u attach", "bad")


def _notices(said: str) -> Finding:
    words = f"allow-passthrough {said or 'is not known to it'}"
    if said in ("on", "all"):
        return Finding("tmux notices", "ok", words)
    return Finding("tmux notices", "ok", f"{words}: the bell gets through, bell: osc9 does not",
                   "tmux set -g allow-passthrough on, for bell: osc9")  # fmt: skip


def _switch(what: str, said: str, fix: str) -> Finding:
    return Finding(f"tmux {what}", "ok", said or "unknown", "" if said == "on" else fix)
