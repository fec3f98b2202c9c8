"""The four states of a variable, and how far a coder is."""

from __future__ import annotations

from engine.annotations.decision import BLANK, CANT_TELL, Decision

STATES = ("label", "cant_tell", "blank", "unseen")


def state(decision: Decision | None) -> str:
    """Whether there is a label, "can't tell", a blank that was saved, or nothing at all."""
    if decision is None:
        return "unseen"
    return {CANT_TELL: "cant_tell", BLANK: "blank"}.get(decision.value, "label")
