"""Whether the command that was started in a folder lives, and end it where that is asked."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """How it stands; `signal` is sent to all processes of its session first."""
    place = Path.home() / asked["folder"] / ".started"
    known = max((read(path) for path in place.glob("*.json")), key=lambda one: one.get("at", 0), default={})
    alive = held(place / "lock")
    if alive and asked["signal"] and known.get("pid"):
        with suppress(ProcessLookupError):
            os.killpg(known["pid"], signal.Signals[asked["signal"]])
    return {"alive": alive, "pid": known.get("pid", 0), "token": known.get("token", "")}


def held(lock: Path) -> bool:
    """Whether a process holds a lock: a number of a process alone may be another's by now."""
    try:
        file = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def read(path: Path) -> dict[str, Any]:
    """A record; empty where it is damaged."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.stdin.buffer.readline()))))
