"""A program on a bare pseudo-terminal of a fixed size: every byte that it writes is counted and has its time."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

SIZE = (120, 30)
PATIENCE_S = 60.0
QUIET_S = 0.15  # longer than any pause within one drawing
LEFT = b"\x1b[?1049l"  # the alternate screen is left: what stood before is seen again
# What an xterm answers to what programs ask at their start: its kind, its modes, its colours.
ANSWERS = (
    (re.compile(rb"\x1b\[c"), b"\x1b[?64;1;2;22c"),
    (re.compile(rb"\x1b\[>0?c"), b"\x1b[>41;390;0c"),
    (re.compile(rb"\x1b\[\?(\d+)\$p"), b"\x1b[?%b;0$y"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\](1[01]);\?(?:\x07|\x1b\\)"), b"\x1b]%b;rgb:1e1e/1e1e/1e1e\x1b\\"),
)


class Terminal:
    """Reads in a thread, as a terminal would; with `answers` it also replies to queries as an xterm would."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = SIZE,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        answers: bool = True,
    ) -> None:
        self._pty, theirs = os.openpty()
        columns, lines = size
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        told = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
        self._answers = answers
        self._chunks: list[tuple[float, bytes]] = []
        self._new = threading.Condition()
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [*command],
            preexec_fn=lambda: os.login_tty(theirs),
            cwd=folder,
            env={**os.environ, **told},
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _read(self) -> None:
        while True:
            with suppress(InterruptedError):
                select.select([self._pty], [], [])
                try:
                    chunk = os.read(self._pty, 1 << 16)
                except OSError:  # nobody holds the other end any more
                    return
                with self._new:
                    self._chunks.append((time.perf_counter(), chunk))
                    self._new.notify_all()
                if self._answers:
                    self._answer(chunk)

    def _answer(self, chunk: bytes) -> None:
        for query, answer in ANSWERS:
            for match in query.finditer(chunk):
                os.write(self._pty, answer % match.groups())

    # --- what a person does --------------------------------------------------------------------------------------

    def press(self, keys: bytes) -> float:
        """Write keys; the time just before."""
        at = time.perf_counter()
        os.write(self._pty, keys)
        return at

    def written(self, since: float = 0.0) -> bytes:
        """All that the program has written since a time."""
        with self._new:
            return b"".join(chunk for at, chunk in self._chunks if at >= since)

    def times(self, since: float = 0.0) -> list[float]:
        """When it has written something, since a time."""
        with self._new:
            return [at for at, _ in self._chunks if at >= since]

    def sees(self, words: bytes, since: float = 0.0, patience_s: float = PATIENCE_S) -> float:
        """Wait until it has written these bytes; when they were there."""
        end = time.perf_counter() + patience_s
        with self._new:
            while words not in (written := b"".join(chunk for at, chunk in self._chunks if at >= since)):
                left = end - time.perf_counter()
                if left <= 0:
                    raise TimeoutError(f"waited in vain for {words!r}; it wrote last: {written[-300:]!r}")
                self._new.wait(left)
            return self._chunks[-1][0]

    def first_byte(self, since: float, patience_s: float = PATIENCE_S) -> float:
        """When it first wrote anything after a time."""
        end = time.perf_counter() + patience_s
        with self._new:
            while not (later := [at for at, _ in self._chunks if at >= since]):
                left = end - time.perf_counter()
                if left <= 0:
                    raise TimeoutError("it wrote nothing")
                self._new.wait(left)
            return later[0]

    def settled(self, quiet_s: float = QUIET_S, patience_s: float = PATIENCE_S) -> float:
        """Wait until it has written nothing for a while; when it wrote last."""
        end = time.perf_counter() + patience_s
        while (quiet := time.perf_counter() - (last := self.last_at)) < quiet_s:
            if time.perf_counter() > end:
                raise TimeoutError("it does not stop writing")
            time.sleep(quiet_s - quiet)
        return last

    @property
    def last_at(self) -> float:
        """When it wrote last."""
        with self._new:
            return self._chunks[-1][0] if self._chunks else self.began

    def exited(self, patience_s: float = PATIENCE_S) -> float:
        """Wait until the process has ended; when it had."""
        self.process.wait(patience_s)
        return time.perf_counter()

    def close(self) -> None:
        """End the program."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        os.close(self._pty)
