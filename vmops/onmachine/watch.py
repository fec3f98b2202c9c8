"""Put the watchdog in place and see that it runs: by systemd where there is one, else as a process of its own."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

SERVICE = "footplate-watchdog.service"
WAIT_S = 20.0
UNIT = """[Unit]
Description=Footplate's watchdog: notice of preemption, idle stop, limits of a life
After=network.target

[Service]
User={user}
ExecStart={command}
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
"""


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """Write what is new, and start it where it does not run or something is new."""
    folder = Path.home() / "footplate" / "watchdog"
    folder.mkdir(parents=True, exist_ok=True)
    program, settings = folder / "watchdog.py", folder / "settings.json"
    command = [sys.executable, str(program), "run", str(settings)]
    words = json.dumps({**asked["settings"], "folder": str(folder)}, indent=1, sort_keys=True)
    changed = [write(program, asked["program"]), write(settings, words)]
    if asked["systemd"]:
        changed.append(write_unit(Path(asked["units"]) / SERVICE, command))
        return {"by": "systemd", "changed": any(changed), "problem": serve(any(changed))}
    hook = Path.home() / "footplate" / "boot" / "watchdog.sh"
    changed.append(write(hook, f"#!/bin/sh\nexec {shlex.join(command)}\n"))
    hook.chmod(0o755)
    return {"by": "process", "changed": any(changed), "problem": run(folder, command, any(changed))}


def write(path: Path, text: str) -> bool:
    """Whether a file had to be written, since it was another one."""
    with suppress(OSError):
        if path.read_text() == text:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_text(text)
    beside.replace(path)
    return True


def write_unit(path: Path, command: list[str]) -> bool:
    """The same for systemd's file, which belongs to root."""
    quoted = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"' for word in command)
    text = UNIT.format(user=pwd.getpwuid(os.getuid()).pw_name, command=quoted)
    with suppress(OSError):
        if path.read_text() == text:
            return False
    root("tee", str(path), data=text)
    root("systemctl", "daemon-reload")
    return True


def serve(changed: bool) -> str:
    """Have systemd run it, from now on and after each boot; what went wrong."""
    steps = [["enable", SERVICE], ["restart" if changed else "start", SERVICE]]
    return " · ".join(filter(None, (root("systemctl", *words) for words in steps)))


def root(*words: str, data: str = "") -> str:
    """Have root do something; what went wrong."""
    allowed = ["sudo", "-n"] if os.getuid() else []
    done = subprocess.run(
        [*allowed, *words], input=data.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    return done.stderr.decode("utf-8", "replace").strip() if done.returncode else ""


def run(folder: Path, command: list[str], changed: bool) -> str:
    """Have it run as a process; what went wrong."""
    if held(folder / "lock"):
        if not changed:
            return ""
        end_old(folder)
    with (folder / "output.txt").open("ab") as output:
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    return "" if wait(lambda: held(folder / "lock")) else f"it does not start: see {folder}/output.txt"


def end_old(folder: Path) -> None:
    """End the one that runs with what was there before."""
    with suppress(OSError, ValueError, KeyError):
        os.kill(json.loads((folder / "state.json").read_text())["pid"], signal.SIGTERM)
    wait(lambda: not held(folder / "lock"))


def wait(condition: Any) -> bool:
    """Whether it comes true in time."""
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def held(lock: Path) -> bool:
    """Whether a living process holds a lock."""
    try:
        file = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.stdin.buffer.readline()))))
