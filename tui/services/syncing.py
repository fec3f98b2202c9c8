"""Labels to the bucket and back, through the gate."""

from __future__ import annotations

from typing import Any

from engine import child
from engine.errors import DataError
from tui.services.gate import Gate

MODULE = "engine.annotations.syncer"


def sync(gate: Gate) -> tuple[str, str]:
    """What was brought over, in words; and what could not be, empty where all went well.

    Raises:
        DataError: nothing was.
    """

    def do() -> dict[str, Any]:
        found: dict[str, Any] = child.ask(MODULE, str(gate.workspace.root), "sync of the labels")
        if "error" in found:
            raise DataError(found["error"], hint=found["hint"])
        return found

    found = gate.change("footplate annotations sync", do)
    rejected = [f"{len(found['rejected'])} lines of the bucket cannot be read"] * bool(found["rejected"])
    done = f"labels: {found['pulled']:,} decisions taken from the bucket, {found['pushed']:,} given to it"
    return done if found["source"] == "bucket" else "", "; ".join([*filter(None, [found["why"]]), *rejected])
