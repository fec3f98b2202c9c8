"""A process that does parts of studies: one line of JSON in a part, lines of JSON out. Needs torch.

It is started as `python -c` with arguments, so that nothing hangs on how its parent was started; it dies with its
parent, whatever happens to that; and signals meant for the parent's group are the parent's business.
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

from engine.errors import DataError, FootplateError

PR_SET_PDEATHSIG = 1


def main(parent: int, device_name: str, precision: str, threads: int) -> None:
    """Do parts until there are no more lines."""
    _die_with(parent)
    answers = _own_output()
    try:
        _say(answers, {"facts": _facts(device_name, precision, threads)})
        for line in sys.stdin:
            part = json.loads(line)
            _do(part, answers)
            _say(answers, {"done": True, "part": part})
    except Exception as error:  # noqa: BLE001 - the parent learns of every fault, and raises it there
        if not isinstance(error, FootplateError | OSError):
            traceback.print_exc()
        _say(answers, {"error": _told(error)})


def _facts(device_name: str, precision: str, threads: int) -> dict[str, Any]:
    from engine.vision import device  # seconds of loading: after the process is tied to its parent

    where = device.settle(device_name, threads)
    return {
        "device": where.type,
        "precision": device.precision(precision, where),
        "threads": threads,
        "facts": device.facts(where),
    }


def _do(part: dict[str, Any], answers: TextIO) -> None:
    from engine.vision import loocv, plan

    def said(epoch: int, loss: float) -> None:
        _say(answers, {"epoch": epoch, "loss": loss, "part": part})

    if part["what"] == "start":
        loocv.start(plan.load(Path(part["plan"])))
        return
    study = _study(part["plan"])
    if part["what"] == "trunk":
        study.trunk(part["number"])
    elif part["what"] == "before":
        study.before()
    elif part["what"] == "fold":
        study.fold(part["number"], said)
    else:
        study.whole(said)


@functools.lru_cache(maxsize=2)
def _study(path: str) -> Any:
    from engine.vision import loocv, plan

    return loocv.Study(plan.load(Path(path)))


def _die_with(parent: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked to be told
        sys.exit(1)


def _own_output() -> TextIO:
    """The pipe to the parent; whatever else is printed goes to the log."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _say(answers: TextIO, value: dict[str, Any]) -> None:
    print(json.dumps(value), file=answers, flush=True)


def _told(error: Exception) -> dict[str, str]:
    if isinstance(error, FootplateError):
        return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, OSError):
        message = f"{error.filename or 'a file'}: {error.strerror or error}"
        return {"kind": DataError.__name__, "message": message, "hint": "make room or give permission, then resume"}
    return {"kind": "", "message": f"{type(error).__name__}: {error}", "hint": ""}
