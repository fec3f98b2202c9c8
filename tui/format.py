"""From values to the words that stand on the screen; those that commands say too are in engine/words.py."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from engine.words import headline as headline
from engine.words import number as number
from engine.words import results as results

STATES = {
    "pending": "○ pending",
    "running": "● running",
    "done": "✓ done",
    "failed": "✗ failed",
    "stopped": "■ stopped",
    "preempted": "▲ preempted",
    "lost": "? lost",
}
TONES = {
    "pending": "dim",
    "running": "accent",
    "done": "good",
    "failed": "bad",
    "stopped": "warn",
    "preempted": "warn",
    "lost": "bad",
}
MOVING = ("pending", "running")


def state(name: str) -> str:
    """A sign and a word, so that a state is told without colour."""
    return STATES.get(name, name)


def age(seconds: float) -> str:
    """How long ago, in the largest unit that is at least one; within a minute "now", so that nothing ticks."""
    for unit, letter in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= unit:
            return f"{seconds // unit:.0f}{letter}"
    return "now"


def rate(per_second: float, unit: str = "") -> str:
    """How fast, per second, minute or hour, whichever gives a number of at least one."""
    for factor, letter in ((1, "s"), (60, "min"), (3600, "h")):
        if per_second * factor >= 1 or letter == "h":
            return f"{_three(per_second * factor)} {unit}".rstrip() + f"/{letter}"
    return ""


def _three(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def fraction(done: int, total: int) -> float | None:
    """How much is done, from 0 to 1; None where nobody knows the total."""
    return min(1.0, max(0.0, done / total)) if total > 0 else None


def bar(part: float, width: int) -> str:
    """A thin bar whose two halves differ in shape too, for screens without colour."""
    full = int(part * width * 2 + 0.5)
    heavy, half = divmod(min(full, width * 2), 2)
    return ("━" * heavy + "╸" * half).ljust(width, "─")


def counted(done: int, total: int, unit: str = "") -> str:
    """12 of 45 folds; 12 folds where nobody knows the total."""
    words = f"{done:,} of {total:,}" if total > 0 else f"{done:,}"
    return f"{words} {unit}".strip()


def clip(text: str, width: int) -> str:
    """The text on one line in at most `width` cells, with an ellipsis where something is missing."""
    line = " ".join(text.split())
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, max(0, width - 1)).rstrip() + "…" if width > 0 else ""


def cells(text: str) -> int:
    """How many cells of the screen a text takes."""
    return cell_len(text)


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def several(count: int, noun: str) -> str:
    """1 run, 2 runs, for nouns that take an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def told_shortly(faults: Sequence[str], verb: str) -> str:
    """The first fault, how many more there are, and which verb lists them: a toast for each would hide the screen."""
    more = f"\nand {several(len(faults) - 1, 'more fault')}; {verb} lists them"
    return faults[0] + more * (len(faults) > 1)
