"""What `footplate doctor` looks at: terminal, tmux, files, workspace, torch, GPU, ssh, machines; each with its fix."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.checks import answers, machine, person, rented, terminal, tmux
from engine.checks.finding import Finding as Finding


def everything(start: Path | None = None) -> Iterator[Finding]:
    """All findings, the quick ones first."""
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    size = os.get_terminal_size() if on_terminal else None
    yield from terminal.everything(os.environ, sys.stdout.encoding or "", size)
    if on_terminal:
        yield from answers.findings(answers.ask(sys.stdin.fileno(), sys.stdout.fileno()), os.environ)
    yield from tmux.everything(os.environ)
    yield from person.everything()
    yield from machine.workspace(start)
    yield machine.gpu()
    yield from machine.tools()
    yield from rented.everything(start)
    yield machine.torch()
