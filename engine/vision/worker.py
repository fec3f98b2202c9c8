"""Processes that do parts of studies: a line of JSON in for a part, lines of JSON out. Needs torch.

One process loads the libraries, which takes seconds and half a gigabyte, and then forks as many as are needed before
anything was computed. It is started as `python -c` with arguments, so nothing hangs on how its parent was started. All
of them die with their parent, however that ends, and leave signals to it.
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from engine.errors import DataError, FootplateError

PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> None:
    """Load the libraries, fork a process for each socket, and tell on standard output if one of them is killed."""
    parent, device, precision, threads, *sockets = arguments
    _die_with(int(parent))
    answers = _own_output()
    try:
        from engine.vision import loocv  # noqa: F401 - seconds of loading, after the tie to the parent

        children = {_forked(int(number), device, precision, int(threads)) for number in sockets}
    except Exception as error:  # noqa: BLE001 - the parent learns of every fault, and raises it there
        _say(answers, {"error": _told(error)})
        return
    for number in sockets:
        os.close(int(number))
    _watch(children, answers)


def _forked(number: int, device: str, precision: str, threads: int) -> int:
    mother, child = os.getpid(), os.fork()
    if child == 0:
        _die_with(mother)
        os._exit(_serve(number, device, precision, threads))
    return child


def _watch(children: set[int], answers: TextIO) -> None:
    while children:
        pid, status = os.wait()
        children.discard(pid)
        if os.WIFSIGNALED(status):
            how = f"a training process ended early (signal {os.WTERMSIG(status)})"
            hint = "out of memory is the usual reason: resume with fewer compute.processes, or a smaller batch"
            _say(answers, {"error": {"kind": DataError.__name__, "message": how, "hint": hint}})


def _serve(number: int, device: str, precision: str, threads: int) -> int:
    """Do parts until there are no more lines; the exit code."""
    pipe = socket.socket(fileno=number)
    with pipe.makefile("r", encoding="utf-8") as asked, pipe.makefile("w", encoding="utf-8") as answers:
        try:
            _say(answers, {"facts": _facts(device, precision, threads)})
            for line in asked:
                part = json.loads(line)
                do(part, functools.partial(_say, answers))
                _say(answers, {"done": True, "part": part})
        except Exception as error:  # noqa: BLE001 - the parent learns of every fault, and raises it there
            _say(answers, {"error": _told(error)})
            return 1
    return 0


def do(part: dict[str, Any], say: Any) -> None:
    """Do one part; `say` hears of epochs."""
    from engine.vision import loocv, plan

    def said(epoch: int, loss: float) -> None:
        say({"epoch": epoch, "loss": loss, "part": part})

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


def _facts(name: str, precision: str, threads: int) -> dict[str, Any]:
    from engine.vision import device

    where = device.settle(name, threads)
    found = {"device": where.type, "precision": device.precision(precision, where), "threads": threads}
    return {**found, "facts": device.facts(where)}


def _die_with(parent: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(1)


def _own_output() -> TextIO:
    """The pipe to the parent; whatever else is printed goes to the log."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _say(lines: TextIO, value: dict[str, Any]) -> None:
    print(json.dumps(value), file=lines, flush=True)


def _told(error: Exception) -> dict[str, str]:
    if isinstance(error, FootplateError):
        return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, OSError):
        message = f"{error.filename or 'a file'}: {error.strerror or error}"
        return {"kind": DataError.__name__, "message": message, "hint": "make room or give permission, then resume"}
    traceback.print_exc()
    return {"kind": "", "message": f"{type(error).__name__}: {error}", "hint": "the log has the whole story"}
