"""How the labels here stood to the bucket's when they were last brought together: `annotations.sync.json`."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.files import write_atomic
from engine.workspace import Workspace


@dataclass(frozen=True)
class Last:
    """What a sync left.

    Attributes:
        url: the bucket.
        at: when, in seconds since 1970.
        version: of the log here, up to which everything is in the bucket.
        generation: of the bucket's log; 0 where there was none.
        why: what could not be done, in words; empty where all went well.
        rejected: lines of the bucket that cannot be read; they stay there.
    """

    url: str
    at: float
    version: int = 0
    generation: int = 0
    why: str = ""
    rejected: int = 0


def file(workspace: Workspace) -> Path:
    """Where it is kept."""
    return workspace.root / "annotations.sync.json"


def last(workspace: Workspace) -> Last | None:
    """The last sync with the bucket that is named now; None where there was none, or nobody can read of it."""
    with suppress(OSError, ValueError, TypeError):
        found = Last(**json.loads(file(workspace).read_text(encoding="utf-8")))
        return found if found.url == workspace.settings.bucket else None
    return None


def keep(workspace: Workspace, version: int, generation: int, why: str, rejected: int) -> None:
    """Remember how a sync ended; what did not reach the bucket still waits, as it did before.

    Nothing depends on it but what is shown, so a disk on which it cannot be written is no reason to fail.
    """
    before = last(workspace)
    done = version if not why else before.version if before else 0
    known = Last(str(workspace.settings.bucket), time.time(), done, generation, why, rejected)
    with suppress(OSError):
        write_atomic(file(workspace), f"{json.dumps(asdict(known), indent=1)}\n")
