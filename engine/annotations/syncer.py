"""`python -m engine.annotations.syncer`: a workspace's labels and the bucket's together; JSON in, JSON out.

A process of its own: settings load pydantic, and a log of 100,000 decisions takes a while, which no screen should feel.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.annotations.log import Log
from engine.annotations.sync import sync
from engine.errors import FootplateError
from engine.workspace import Workspace


def answer(workspace: Workspace) -> dict[str, Any]:
    """What became of it, or why nothing did."""
    try:
        with Log.open(workspace.labels) as log:
            return asdict(sync(workspace, log))
    except FootplateError as error:
        return {"error": error.message, "hint": error.hint}


if __name__ == "__main__":
    json.dump(answer(Workspace(Path(json.load(sys.stdin)))), sys.stdout)
