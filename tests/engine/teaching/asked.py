"""What tests ask the jobs teacher and distill for, and attempts that are killed."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable

from engine import launch
from engine.config import parse
from engine.files import sweep
from engine.record import Recorder
from engine.registry import job
from engine.run import Run, create
from engine.specs.common import Spec
from engine.workspace import Workspace

PLACE = ("manifest=all.csv", "data_root=images", "preprocess.size=32", "compute.device=cpu")
TINY = (*PLACE, "model.name=test_resnet", "train.batch=8", "train.lr=3e-3")
TEACHER = (*TINY, "train.epochs=2", "train.ema=0")
CE = '{"ce": {"epochs": 1}}'
ALL = '{"ce": {"epochs": 1}, "kd": {"epochs": 2}, "dkd": {"epochs": 1, "warmup_epochs": 2}}'
EACH = {"best.pt", "best.json", "last.pt", "last.json", "history.json", "reliabilitymetrics.json", "calibration.json"}
EACH |= {"confusion.png", "reliability.png"}


def spec(name: str, *words: str) -> Spec:
    """What is asked of a job."""
    return parse(job(name).spec_class(), "{}" if name == "teacher" else f"stages: {CE}", "spec.yaml", words)


def begun(lab: Workspace, name: str, *words: str) -> Run:
    """A run that was asked for and has not started."""
    text = launch.dump(spec(name, *words))
    return create(lab, name, text, record={})


def attempt(lab: Workspace, run: Run) -> None:
    """One attempt in this process."""
    wanted = parse(job(run.job).spec_class(), run.spec_text(), "spec.yaml")
    for folder in (run.folder / "work", run.artifacts):
        sweep(folder)  # as the process of a job does first
    out = Recorder(lab, run, attempt=1, device="cpu")
    try:
        job(run.job).function()(wanted, out)
        out.conclude()
    finally:
        out.close()


def until_killed(lab: Workspace, run: Run, now: Callable[[], bool]) -> bool:
    """An attempt in a process of its own, killed -9 when it is time; whether it was killed before it was done."""
    pid = os.fork()  # with torch loaded, which a new process would need seconds for
    if pid == 0:
        code = 1
        try:
            sys.stdout = sys.stderr = (run.folder / "child.txt").open("a")
            attempt(lab, run)
            code = 0
        finally:
            os._exit(code)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert status == 0, (run.folder / "child.txt").read_text()
            return False
        if now():
            os.kill(pid, signal.SIGKILL)
            return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        time.sleep(0.002)
