"""Two lines on one run: its id with its note, and what there is to know of its state."""

from __future__ import annotations

from tui import cells
from tui import format as words
from tui.entries import Entry


def detail(entry: Entry) -> str:
    """Both lines."""
    machine = entry.status.machine
    there = f"  on {machine}{' SIMULATED' * entry.simulated}" if machine else ""
    return f"{entry.id}{there}  {entry.note}\n{_more(entry)}"


def _more(entry: Entry) -> str:
    status = entry.status
    if entry.moving:
        hint = f"  → {status.link_hint}" if status.link_hint else ""
        return f"{cells.phase(entry).text}{hint}"
    if status.error or status.hint:
        return f"{words.first_line(status.error)}  → {status.hint}" if status.hint else words.first_line(status.error)
    if status.criteria:
        return ", ".join(f"{one.name} {one.wanted} {_verdict(one.passed)}" for one in status.criteria)
    return ", ".join(f"{name} {said}" for name, said in words.results(status.metrics).items())


def _verdict(passed: bool | None) -> str:
    return {True: "✓", False: "✗", None: "not measured"}[passed]
