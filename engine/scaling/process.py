"""One decoding process as its parent sees it: a pipe, and memory that both share and that has no name."""

from __future__ import annotations

import json
import mmap
import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from engine.vision.decode import Frame

SLOTS = 3
TICK_S = 0.1
CODE = "import sys; from engine.scaling.decoder import main; main(sys.argv[1:])"
ROOT = str(Path(__file__).resolve().parents[2])


class Ended(Exception):
    """The process is not there any more; `early` where it left by itself before it had begun."""

    def __init__(self, code: int, ready: bool) -> None:
        super().__init__(f"signal {-code}" if code < 0 else f"exit code {code}")
        self.early = code >= 0 and not ready


class Process:
    """Told and heard by one thread; `free` is called by any."""

    def __init__(self, slot_bytes: int) -> None:
        self._guard = threading.Lock()
        self._given, self._heard, self.ready = set[int](), b"", False
        self._pipe, theirs = socket.socketpair()
        self._pipe.settimeout(TICK_S)
        # It has no name, so that nobody has to clean it up.
        with tempfile.TemporaryFile(dir=_fast()) as file, theirs:
            file.truncate(SLOTS * slot_bytes)
            self._memory = mmap.mmap(file.fileno(), SLOTS * slot_bytes)
            self._child = _started(theirs.fileno(), file.fileno(), slot_bytes)

    @property
    def works(self) -> bool:
        """Whether it has begun and has a slot to write to; else it waits for us, which is no fault of the video."""
        with self._guard:
            return self.ready and len(self._given) < SLOTS

    def tell(self, value: dict[str, Any]) -> None:
        """Send a line."""
        with suppress(OSError), self._guard:  # its death is seen when it is heard
            self._pipe.sendall(json.dumps(value).encode() + b"\n")

    def hear(self) -> dict[str, Any] | None:
        """Its next line; None where none came for a while.

        Raises:
            Ended: it is dead.
        """
        while b"\n" not in self._heard:
            try:
                data = self._pipe.recv(1 << 16)
            except TimeoutError:
                return None
            except OSError:
                data = b""
            if not data:
                raise Ended(self._child.wait(), self.ready)
            self._heard += data
        line, _, self._heard = self._heard.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        self.ready = self.ready or "ready" in said
        if "slot" in said:
            with self._guard:
                self._given.add(said["slot"])
        return said

    def pixels(self, at: int, height: int, width: int) -> Frame:
        """(H, W, 3) uint8 at a place of the shared memory; not a copy."""
        return np.frombuffer(self._memory, np.uint8, height * width * 3, at).reshape(height, width, 3)

    def free(self, slot: int) -> None:
        """A slot may be written to again."""
        with self._guard:
            self._given.discard(slot)
        self.tell({"free": slot})

    def kill(self) -> None:
        """Kill it, from any thread."""
        self._child.kill()

    def end(self) -> None:
        """Kill it. What came of it may still be read."""
        self._child.kill()
        self._child.wait()
        self._pipe.close()


def _fast() -> str | None:
    """Where files are memory; else wherever temporary files are."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _started(pipe: int, memory: int, slot_bytes: int) -> subprocess.Popen[bytes]:
    limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    paths = os.pathsep.join([ROOT, *(path for path in sys.path if path)])
    words = [str(os.getpid()), str(pipe), str(memory), str(SLOTS), str(slot_bytes)]
    return subprocess.Popen(
        [sys.executable, "-P", "-c", CODE, *words],
        stdin=subprocess.DEVNULL,
        pass_fds=(pipe, memory),
        env={**os.environ, **limits, "PYTHONPATH": paths},
    )
