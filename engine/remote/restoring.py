"""Take back the newest checkpoints of a run from the bucket that its spec names, so that it goes on from there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from engine import registry
from engine.code import HERE
from engine.config import parse
from engine.run import Run

DEADLINE_S = 900.0


def work(run: Run, say: Callable[[str], None]) -> None:
    """Where no bucket is named or none can be read, what is here of them has to do, and that is told."""
    spec = parse(registry.job(run.job).spec_class(), run.spec_text(), str(run.spec))
    if spec.compute.checkpoints is None:
        say("no bucket of checkpoints (compute.checkpoints): it goes on from what was copied here")
        return
    # In a process of its own, since Google's library is slow to load and large.
    words = ["-m", "engine.checkpointing", "--restore-work", str(run.folder), spec.compute.checkpoints]
    path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    try:
        done = subprocess.run(
            [sys.executable, "-P", *words], capture_output=True, text=True, timeout=DEADLINE_S, check=False,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        say(f"{spec.compute.checkpoints}: not taken back within {DEADLINE_S:.0f} s; it goes on from what is here")
        return
    say(f"{spec.compute.checkpoints}: {(done.stdout or done.stderr).strip()[-500:]}")
