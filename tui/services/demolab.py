"""The demo lab, played by a process of its own that ends with this one, however this one ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from engine.code import HERE
from engine.demolab import NAME as NAME
from engine.demolab import environment
from engine.errors import FootplateError, WorkspaceError
from engine.workspace import FILE, home

LEAVE_S = 30.0


class DemoLab:
    """A folder, and the process that fills it."""

    def __init__(self, keep: str) -> None:
        self.root = home(Path(keep)).resolve() if keep else Path(tempfile.mkdtemp(prefix="footplate-demo-lab-"))
        if (self.root / FILE).exists():
            raise WorkspaceError(f"{self.root} is a workspace already", hint="name another folder for --keep")
        self._keep = bool(keep)
        self._player: subprocess.Popen[str] | None = None
        self._last_words = ""
        os.environ.update(environment(self.root))  # what is launched from the screens waits for the lab's devices too

    def start(self) -> None:
        """Begin to play; returns at once."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._player = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.demolab", str(self.root), *(["keep"] if self._keep else [])],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def step(self) -> float:
        """Look whether it still plays; belongs into a Watch."""
        if self._player is None:
            self.start()
        elif self._player.poll() is not None:
            self._last_words = self._last_words or self._said() or "without a word"
            raise FootplateError(f"it has ended: {self._last_words}", hint="no new runs arrive; open it again")
        return 1.0

    def _said(self) -> str:
        return self._player.stdout.read().strip().rpartition("\n")[2] if self._player and self._player.stdout else ""

    def leave(self) -> str:
        """Stop its runs and remove it, unless it is kept; what was done."""
        if self._player is None:  # the screens never opened
            if not self._keep:
                shutil.rmtree(self.root, ignore_errors=True)
            return ""
        with suppress(subprocess.TimeoutExpired, ValueError):
            said, _ = self._player.communicate(timeout=LEAVE_S)
            return said.strip().rpartition("\n")[2]
        return f"demo lab: its runs in {self.root} are still coming to an end"
