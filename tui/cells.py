"""A run as cells of a table."""

from __future__ import annotations

import time

from engine.run import UNFOLLOWED
from engine.words import duration, size
from tui import entries
from tui import format as words
from tui.entries import Entry
from tui.widgets.tones import Cell


def state(entry: Entry) -> Cell:
    """The state with its sign."""
    return Cell(words.state(entry.state), words.TONES.get(entry.state, ""))


def name(entry: Entry) -> Cell:
    """What people call the run."""
    return Cell(entry.name)


def tags(entry: Entry) -> Cell:
    """Its tags."""
    return Cell(" ".join(entry.tags), "dim")


def progress(entry: Entry) -> Cell:
    """A bar and a part while it runs; how long it took afterwards."""
    status = entry.status
    if entry.state == "pending":
        return Cell("waits", "dim")
    part = words.fraction(status.done, status.total)
    if entry.state == "running":
        if part is None:
            return Cell(f"{status.done:,} {status.unit}" if status.done else status.phase, "accent")
        return Cell(f"{part:4.0%}", "accent", part)
    if status.started_at and status.ended_at:
        return Cell(duration(status.ended_at - status.started_at), "dim")
    return Cell("")


def eta(entry: Entry) -> Cell:
    """How long the present phase still needs."""
    seconds = entry.eta_s
    return Cell(duration(seconds) if seconds else "", "dim")


def result(entry: Entry) -> Cell:
    """The headline metric: its value, and the end of its name."""
    found = entry.headline
    if found is None:
        return Cell("")
    metric, value = found
    return Cell(f"{words.number(value)} {metric.rpartition('.')[2]}", "dim" if entry.moving else "")


def result_and_name(entry: Entry) -> tuple[Cell, Cell]:
    """The same in two columns, so that numbers stand under each other."""
    found = entry.headline
    if found is None:
        return Cell(""), Cell("")
    metric, value = found
    return Cell(words.number(value), "dim" if entry.moving else ""), Cell(metric.rpartition(".")[2], "dim")


def passed(entry: Entry) -> Cell:
    """Criteria passed of those declared."""
    text = entries.passed(entry.status)
    good = all(judged.passed for judged in entry.status.criteria)
    return Cell(text, ("good" if good else "bad") if text else "")


def age(entry: Entry, now: float) -> Cell:
    """How long ago it last began or ended."""
    return Cell(words.age(now - entry.changed_at), "dim")


def load(entry: Entry) -> Cell:
    """What it uses now, and on which machine where that is not this one."""
    there = f"{entry.status.machine} " if entry.status.machine else ""
    if entry.load is None:
        return Cell(there.rstrip(), "dim")
    gpu = f" gpu {entry.load.gpu_percent:.0f}%" if entry.load.gpu_percent is not None else ""
    return Cell(f"{there}cpu {entry.load.cpu_percent:.0f}%{gpu} {size(entry.load.memory_bytes)}", "dim")


def place(entry: Entry) -> Cell:
    """Where it computes: a device of this machine, or another machine."""
    return Cell(entry.status.machine or entry.status.device, "dim")


def link(entry: Entry) -> Cell:
    """How the machine of a run and this one stand; nothing for a run of this one, or where all is over."""
    status = entry.status
    if not status.machine or not status.link:
        return Cell("")
    since = time.strftime(" %H:%M", time.localtime(status.link_since)) if status.link_since else ""
    if status.link == UNFOLLOWED:
        return Cell(f"! {status.link}{f', last heard{since}' if since else ''}", "warn")
    touch = status.link.startswith("out of touch")
    return Cell(f"! {status.link}{'' if 'since' in status.link else f' since{since}'}" if touch else status.link,
                "warn" if touch else "dim")  # fmt: skip


def phase(entry: Entry) -> Cell:
    """What it does just now, or what it waits for."""
    status, tie = entry.status, link(entry)
    if entry.state == "pending":
        return tie if tie.text else Cell(f"for {status.waiting_for}" if status.waiting_for else "to start", "dim")
    if tie.tone == "warn":  # what was heard last may be long ago
        return tie
    counted = words.counted(status.done, status.total, status.unit) if status.done else ""
    return Cell(" · ".join(part for part in (f"{status.phase} {counted}".strip(), status.detail) if part))


def why(entry: Entry) -> Cell:
    """Why it did not succeed."""
    return Cell(entries.why(entry.status), "bad" if entry.state in ("failed", "lost") else "warn")
