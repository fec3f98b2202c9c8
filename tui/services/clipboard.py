"""Copying out of tmux: its own buffer takes what the terminal's escape sequence would lose with tmux's defaults."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress

TIMEOUT_S = 2.0


def to_tmux(text: str) -> bool:
    """Hand a text to tmux, which hands it on to the outer terminal; False outside of tmux."""
    if not os.environ.get("TMUX"):
        return False
    with suppress(OSError, subprocess.SubprocessError):
        command = ["tmux", "load-buffer", "-w", "-"]
        done = subprocess.run(command, input=text.encode(), timeout=TIMEOUT_S, check=False, capture_output=True)
        return done.returncode == 0
    return False
