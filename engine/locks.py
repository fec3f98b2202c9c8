"""Locks on files, which the kernel frees at the moment their holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

# A reader holds a lock for microseconds to see whether it is held: one refusal proves nothing.
LOCK_S = 1.0


def held(lock: Path) -> bool:
    """Whether a living process holds a lock; the kernel frees it at the moment its holder dies."""
    try:
        file = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def hold(lock: Path, wait_s: float = 0.0) -> int | None:
    """An open file whose lock is ours until it is closed; None where another process still has it after `wait_s`."""
    file = os.open(lock, os.O_CREAT | os.O_RDWR, 0o666)
    end = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                os.close(file)
                return None
            time.sleep(0.01)
        else:
            return file
