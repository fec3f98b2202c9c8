"""Have something computed by a heavy module, in a process that ends with its answer: JSON goes in and comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from engine.code import HERE
from engine.errors import DataError

DEADLINE_S = 300.0


def ask(module: str, question: Any, what: str, *, deadline_s: float = DEADLINE_S) -> Any:
    """What `python -m module` answers to a question on its standard input.

    Args:
        module: it reads JSON, and writes JSON.
        question: what it reads.
        what: it computes, for errors.
        deadline_s: how long it may take.

    Raises:
        DataError: it did not answer.
    """
    path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", module], input=json.dumps(question), capture_output=True, text=True,
            timeout=deadline_s, check=False, env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise DataError(f"{what}: not ready after {deadline_s:.0f} s") from None
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
        missing = "ModuleNotFoundError" in last
        raise DataError(f"{what}: not computed: {last}", hint="pip install 'footplate[engine]'" if missing else "")
    return json.loads(done.stdout)
