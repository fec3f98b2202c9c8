"""Take a run's checkpoints back from the bucket in which they were saved, before it goes on here.

The bucket is read by a process of its own: Google's library is slow to load, and large.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from engine import registry
from engine.code import HERE
from engine.config import parse
from engine.errors import AskError, RunError
from engine.run import Run, alone
from engine.workspace import Workspace

DEADLINE_S = 900.0
Say = Callable[[str], None]


def if_missing(run: Run, say: Say) -> None:
    """Take a run's work back where there is none of it here, and its spec names a bucket for checkpoints.

    Raises:
        RunError: the bucket cannot be read, so that nobody knows whether the run would begin anew.
    """
    url = _url(run)
    if url is not None and not _has_work(run):
        with alone(run):
            say(_asked("--restore-work", run.folder, url))


def work(run: Run, url: str, say: Say) -> None:
    """Take the work of a run that is here back, in the place of what is here of it.

    Raises:
        AskError: its spec names no bucket, and nobody else did.
        RunError: the run is at work, or the bucket cannot be read.
    """
    named = url or _url(run)
    if not named:
        raise AskError(
            f"{run.id}: its spec names no bucket for checkpoints", hint="--from-bucket gs://NAME/checkpoints"
        )
    if run.status().active:
        raise RunError(f"{run.id} is {run.status().state}", hint=f"footplate stop {run.id} first")
    with alone(run):
        say(_asked("--restore-work", run.folder, named))


def whole(workspace: Workspace, run_id: str, url: str, say: Say) -> Run:
    """Make the folder of a run that was never here, as it was saved last.

    Raises:
        AskError: nobody says where it was saved, or it was not saved there.
        RunError: that is no run's id, or the bucket cannot be read.
    """
    run = Run(workspace.runs / run_id)
    known = f"{run.job} run {run_id}"  # RunError where that is no run's id
    if not url:
        raise AskError(f"no {known} here", hint="--from-bucket gs://NAME/checkpoints says where it was saved")
    say(_asked("--restore", run.folder, url))
    if not run.exists():
        raise AskError(f"{known} was never saved to {url}", hint=f"footplate checkpoints {url} tells what was")
    return run


def _has_work(run: Run) -> bool:
    return any(path.is_file() for path in (run.folder / "work").rglob("*"))


def _url(run: Run) -> str | None:
    spec = parse(registry.job(run.job).spec_class(), run.spec_text(), str(run.spec))
    return spec.compute.checkpoints


def _asked(how: str, folder: Path, url: str) -> str:
    """What the process said that took something back."""
    path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "engine.checkpointing", how, str(folder), url], capture_output=True,
            text=True, timeout=DEADLINE_S, check=False, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise RunError(f"{url}: not taken back within {DEADLINE_S:.0f} s", hint="see to the network") from None
    last = (done.stdout or done.stderr).strip().rpartition("\n")[2].removeprefix("checkpoint: ")
    if done.returncode:
        raise RunError(f"{folder.name}: {last}", hint="see to the bucket; footplate retry begins anew instead")
    return f"{url}: {last}"
