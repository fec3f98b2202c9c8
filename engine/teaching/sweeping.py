"""A sweep: a run for each combination of numbers, all children of this one, which lends them its device in turn.

What all of them have in common, the stages before the first list, is one child of its own, done once. Children are
found again by what they were asked for and by whose they are, so a parent that was killed goes on with those there are.
"""

from __future__ import annotations

from engine.record import Recorder
from engine.specs.distill import Distill


def run(spec: Distill, out: Recorder) -> None:
    """All children, and a table of what became of each."""
    raise NotImplementedError
