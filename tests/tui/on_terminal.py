"""The screens in a process of their own on a terminal of their own: the bytes that go over the wire."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.lab import PATIENCE_S, ROOT

BARE = ("PATH", "HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "FOOTPLATE_SLOTS", "TMUX_TMPDIR")


class OnTerminal:
    """A command on a pseudo-terminal; all that it writes is kept, and nothing is ever answered to its questions."""

    def __init__(self, command: Sequence[str], size: tuple[int, int] = (80, 24), **environment: str) -> None:
        self.bytes = b""
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        known = {name: os.environ[name] for name in BARE if name in os.environ}
        everything = {**known, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **environment}
        self.process = subprocess.Popen(
            list(command), stdin=slave, stdout=slave, stderr=slave, env=everything, start_new_session=True
        )
        os.close(slave)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while chunk := os.read(self._master, 1 << 16):
                self.bytes += chunk
        except OSError:
            return  # the other end is closed

    def __enter__(self) -> OnTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """What was written, without the sequences that paint it."""
        return re.sub(r"\x1b\[[0-9;?<>=$]*[a-zA-Z]", "", self.bytes.decode(errors="replace"))

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def sees(self, words: str, since: int = 0) -> int:
        """Wait until these were written after `since` bytes; how many bytes there are then."""
        end = time.monotonic() + PATIENCE_S
        while words.encode() not in self.bytes[since:]:
            assert time.monotonic() < end, f"waited in vain for {words!r}: {self.text[-3000:]}"
            assert self.process.poll() is None, self.text[-3000:]
            time.sleep(0.02)
        return len(self.bytes)

    def rests(self, seconds: float = 0.3) -> int:
        """Wait until nothing was written for a while; how many bytes there are then."""
        before, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            if len(self.bytes) != before:
                before, since = len(self.bytes), time.monotonic()
            time.sleep(0.02)
        return before


def screens(root: Path, *words: str, size: tuple[int, int] = (80, 24), **environment: str) -> OnTerminal:
    """`footplate` over a workspace."""
    return OnTerminal([sys.executable, "-m", "tui", "-w", str(root), *words], size, **environment)
