"""How the labels here stand to those in the bucket: when they were last the same, and what each has that is new."""

from __future__ import annotations

from dataclasses import dataclass

from engine.annotations import bucket as labels
from engine.annotations import syncstate
from engine.annotations.log import Log
from engine.errors import FootplateError
from tui.services import bucket
from tui.services.gate import Gate


@dataclass(frozen=True)
class LabelSync:
    """What there is to know; `trouble` says why the bucket could not be asked."""

    at: float = 0.0  # of the last sync, in seconds since 1970; 0 where there was none
    waiting: int = 0  # decisions that are only here, as far as anybody knows
    news: bool = False  # whether others have written to the bucket since
    why: str = ""  # what the last sync could not do
    rejected: int = 0
    trouble: str = ""


def standing(gate: Gate) -> LabelSync | None:
    """How they stand; None where the workspace has neither labels nor a log of them in its bucket."""
    known, own = syncstate.last(gate.workspace), gate.workspace.settings.bucket
    if not own:
        return None
    version = _version(gate)
    there, trouble = _generation(gate, own)
    if not (version or there or known):
        return None
    before = known or syncstate.Last(own, 0.0)
    news = not trouble and there != before.generation
    return LabelSync(before.at, max(0, version - before.version), news, before.why, before.rejected, trouble)


def _version(gate: Gate) -> int:
    if not gate.workspace.labels.is_file():
        return 0
    with Log.open(gate.workspace.labels, readonly=True) as log:
        return log.version()


def _generation(gate: Gate, url: str) -> tuple[int, str]:
    """The generation of the bucket's log, 0 where it has none; and why nobody can tell."""
    try:
        found = bucket.ask(gate, "bucket_list", url, prefix=labels.LOG, after="", limit=1)
        return next((int(one["generation"]) for one in found["objects"] if one["name"] == labels.LOG), 0), ""
    except FootplateError as error:
        return 0, error.message
