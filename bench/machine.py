"""On what was measured: the machine, how busy it was, and which versions."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any


def described() -> dict[str, Any]:
    """Processor, cores and load averages (1, 5, 15 minutes) just now; versions."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "textual": version("textual"),
        "tmux": _first_line("tmux", "-V"),
        "less": _first_line("less", "--version"),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _first_line(*command: str) -> str:
    if not shutil.which(command[0]):
        return "not installed"
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return said[0].strip() if said else "installed"
