"""One thing that was looked at, and how programs are asked about it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: `ok`, `note` (works, could be better) or `bad`."""

    what: str
    state: Literal["ok", "note", "bad"]
    said: str
    fix: str = ""


def either(what: str, fine: bool, said: str, fix: str, otherwise: Literal["note", "bad"] = "note") -> Finding:
    """A finding that needs its fix only where it is not fine."""
    return Finding(what, "ok" if fine else otherwise, said, "" if fine else fix)


def ask(command: list[str], timeout_s: float = 10) -> str:
    """What a program prints; nothing where it fails, is not there, or takes too long."""
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
