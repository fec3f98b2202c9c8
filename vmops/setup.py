"""Make a machine ready for a job: code, environment, watchdog, and a look at whether it can do what the job needs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmops import programs, setupchecks, setupcode, setupenv, ssh
from vmops.errors import Failed, Missing, NotFound
from vmops.setupcode import Code as Code
from vmops.setupenv import Environment
from vmops.sshwords import Say, silent

WATCHDOG = Path(__file__).with_name("watchdog.py")
UNITS = "/etc/systemd/system"
THERE = "there already, by its hash"
LOADING_S = 300.0  # torch from a cold disk


@dataclass(frozen=True)
class Prepared:
    """What a machine has when it is ready.

    `skew_s` is how far its clock is ahead, `warnings` are worth a look, `came_as` tells whether the code was sent as a
    commit or as files.
    """

    python: str
    code_folder: str
    torch: str
    cuda: str
    driver: str
    gpu: str
    free_bytes: int
    skew_s: float
    warnings: tuple[str, ...] = ()
    came_as: str = ""


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
        lock: requirements.lock, with bootstrap.lock beside it, from which the environment is made.
        python: of an environment that is there already; then `lock` does not count.
        gpu: the kind of GPU that is paid for; empty for none.
        watchdog: its settings; None where none is wanted.

    Raises:
        Missing, DiskFull, Failed, Conflict: it cannot be made ready, and why.
        Unreachable, Cut, Denied: there is no way to it.
    """
    environment = None if python else _environment(lock)
    say(f"connecting to {host.name}")
    facts, skew = _looked(host, code, environment)
    setupchecks.room(host.name, facts["free_bytes"])
    folder, came_as = facts["code"], THERE * bool(facts["code"])
    if code and not folder:
        folder, came_as = setupcode.sent(host, code, facts, say)
    if environment is not None and not facts["environment"]:
        setupenv.make(host, environment, facts["free_bytes"], say)
    interpreter = python or (f"{facts['folder']}/{environment.python}" if environment else "python3")
    said = _checked(host, interpreter, gpu, facts, needed=bool(gpu or (environment and environment.has_torch)), say=say)
    warnings = [*setupchecks.warnings(facts["free_bytes"], skew, said)]
    if watchdog is not None:
        warnings += _watched(host, watchdog, facts, say)
    say(f"{host.name} is ready")
    there = (facts["gpus"] or [{}])[0]
    return Prepared(
        python=interpreter,
        code_folder=folder,
        came_as=came_as,
        torch=said.get("torch", ""),
        cuda=said.get("cuda", ""),
        driver=there.get("driver", ""),
        gpu=there.get("name", ""),
        free_bytes=facts["free_bytes"],
        skew_s=skew,
        warnings=tuple(warnings),
    )


def _environment(lock: Path | None) -> Environment | None:
    if lock is None:
        return None
    environment = Environment(lock)
    for path in (lock, environment.bootstrap):
        if not path.is_file():
            raise NotFound(
                f"{path}: no such file", hint="name a `python:` of the machine in machines.yaml, or work in a checkout"
            )
    return environment


def _looked(host: ssh.Host, code: Code | None, environment: Environment | None) -> tuple[dict[str, Any], float]:
    """Facts of the machine, and how many seconds its clock is ahead."""
    ssh.run(host, ["true"])  # else the login itself would count as skew
    words = {
        "sha256": code.digest if code else "",
        "packages": [*(code.packages if code else ())],
        "environment": environment.digest if environment else "none",
    }
    asked = time.time()
    facts = programs.ask(host, "look", words, timeout_s=120)
    answered = time.time()
    early, late = facts["now"] - answered, facts["now"] - asked  # its clock was read at some moment between
    return facts, early if early > 0 else late if late < 0 else 0.0


def _checked(
    host: ssh.Host, python: str, gpu: str, facts: Mapping[str, Any], *, needed: bool, say: Say
) -> dict[str, Any]:
    """What its Python and torch say, once they are found good enough."""
    say("looking at Python, torch and the driver")
    driver = facts["gpus"][0]["driver"] if facts["gpus"] else ""
    try:
        said = programs.ask(host, "cuda", {"driver": driver}, python=python, timeout_s=LOADING_S)
    except Missing:
        raise Missing(
            f"{host.name}: there is no {python}", hint="look at `python:` of its kind or host in machines.yaml"
        ) from None
    setupchecks.python(host.name, python, said["python"])
    setupchecks.torch(host.name, said, needed=needed)
    if gpu:
        setupchecks.gpu(host.name, gpu, facts["gpus"], said)
    return said


def _watched(host: ssh.Host, settings: Mapping[str, Any], facts: Mapping[str, Any], say: Say) -> list[str]:
    """Put the watchdog in place; what is worth a look about it."""
    words = {
        "program": WATCHDOG.read_text(encoding="utf-8"),
        "settings": dict(settings),
        "systemd": facts["systemd"] and facts["root"],
        "units": UNITS,
    }
    answer = programs.ask(host, "watch", words, timeout_s=120)
    if answer["changed"]:
        say(f"the watchdog runs, by {answer['by']}")
    if answer["problem"]:
        raise Failed(f"{host.name}: the watchdog: {answer['problem']}", hint="nothing would stop the machine by itself")
    if not facts["root"]:
        return ["it may not shut itself down (no sudo without a password): nobody stops it when it is idle"]
    return []
