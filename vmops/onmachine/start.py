"""Start a command in a session of its own: at most one alive in a folder, and at most once by a token."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

WAIT_S = 20.0  # for another who is starting at this moment


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """Start it, or tell of the one that was started before."""
    folder = Path.home() / asked["folder"]
    place = folder / ".started"
    place.mkdir(parents=True, exist_ok=True)
    record = place / f"{asked['token']}.json"
    lock = os.open(place / "lock", os.O_CREAT | os.O_RDWR, 0o666)
    end = time.monotonic() + WAIT_S
    while True:
        if record.exists() and (known := read(record)):
            return {**known, "again": True}
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > end:
                return {"busy": newest(place)}
            time.sleep(0.02)
    if record.exists():
        return {**read(record), "again": True}
    return started(folder, record, lock, asked)


def started(folder: Path, record: Path, lock: int, asked: dict[str, Any]) -> dict[str, Any]:
    """Fork; the child inherits the lock, which it holds as long as it lives."""
    heard, told = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(heard)
        become(folder, record, lock, told, asked)
    os.close(told)
    if said := os.read(heard, 4096):  # a successful exec closes the pipe without a word
        return {"error": said.decode("utf-8", "replace")}
    return {**read(record), "again": False}


def become(folder: Path, record: Path, lock: int, told: int, asked: dict[str, Any]) -> None:
    """In the child: be the command. Its record is there before it is: nobody can start it a second time."""
    try:
        os.setsid()
        output = os.open(folder / asked["output"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for file, number in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(file, number)
        os.set_inheritable(lock, True)
        os.chdir(folder)
        write(record, {"pid": os.getpid(), "token": asked["token"], "at": time.time(), "argv": asked["argv"]})
        os.execvpe(asked["argv"][0], asked["argv"], {**os.environ, **asked["env"]})
    except BaseException as error:  # noqa: BLE001 (whatever it is, the parent has to hear it)
        record.unlink() if record.exists() else None
        os.write(told, f"{asked['argv'][0]}: {error}".encode())
    os._exit(127)


def write(path: Path, value: dict[str, Any]) -> None:
    beside = path.with_suffix(".part")
    with beside.open("w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read(path: Path) -> dict[str, Any]:
    """A record; empty where it is not written yet."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def newest(place: Path) -> dict[str, Any]:
    """The record that was written last."""
    return max((read(path) for path in place.glob("*.json")), key=lambda known: known.get("at", 0), default={})


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.stdin.buffer.readline()))))
