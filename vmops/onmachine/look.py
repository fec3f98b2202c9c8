"""What a machine is and has: its clock, disk, Python, programs, GPUs, and what set-up has left there before."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PROGRAMS = ("git", "rsync", "nvidia-smi", "systemctl", "sudo", "tar")


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """All of it, in one answer."""
    home = Path.home() / "footplate"
    home.mkdir(exist_ok=True)
    code = home / "code" / asked["sha256"][:16]
    return {
        "now": time.time(),
        "folder": str(home),
        "free_bytes": shutil.disk_usage(home).free,
        "python": ".".join(map(str, sys.version_info[:3])),
        "programs": [name for name in PROGRAMS if shutil.which(name)],
        # A machine of the loopback cloud shares its computer's systemd, which is not its to change.
        "systemd": Path("/run/systemd/system").is_dir() and "FOOTPLATE_MACHINE" not in os.environ,
        "root": os.getuid() == 0 or said(["sudo", "-n", "true"]) is not None,
        "gpus": gpus(),
        "code": str(code) if asked["sha256"] and digest(code, asked["packages"]) == asked["sha256"] else "",
        "commits": commits(home / "repo.git"),
        "environment": ready(home / "env" / asked["environment"]),
    }


def digest(folder: Path, packages: list[str]) -> str:
    """The hash of all Python files of some packages, their names included; empty where there are none."""
    paths = sorted((path for name in packages for path in (folder / name).rglob("*.py")), key=lambda path: path.parts)
    paths += [folder / name for name in packages if (folder / name).is_file()]
    total = hashlib.sha256()
    for path in paths:
        name = str(path.relative_to(folder))
        total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest() if paths else ""


def gpus() -> list[dict[str, str]]:
    """Each GPU as its driver tells it: name, driver, compute capability, memory."""
    wanted = "name,driver_version,compute_cap,memory.total"
    answer = said(["nvidia-smi", f"--query-gpu={wanted}", "--format=csv,noheader"]) or ""
    return [gpu(line) for line in answer.splitlines() if line.count(",") == 3]


def gpu(line: str) -> dict[str, str]:
    """A line of nvidia-smi's table."""
    name, driver, capability, memory = (word.strip() for word in line.split(","))
    return {"name": name, "driver": driver, "capability": capability, "memory": memory}


def commits(repository: Path) -> list[str]:
    """The commits that were sent before."""
    answer = said(["git", "--git-dir", str(repository), "for-each-ref", "--format=%(objectname)"]) or ""
    return answer.split() if repository.is_dir() else []


def ready(folder: Path) -> bool:
    """Whether an environment was made to its end."""
    return (folder / "ready").is_file()


def said(words: list[str]) -> str | None:
    """What a command says; None where it is not there, fails or hangs."""
    try:
        asked = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.decode("utf-8", "replace") if asked.returncode == 0 else None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.stdin.buffer.readline()))))
