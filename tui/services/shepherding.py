"""Runs on machines whose shepherd has died: it is started again when somebody opens the screens."""

from __future__ import annotations

import time

from engine.errors import FootplateError
from engine.run import find
from engine.telling import FOLLOWED, Telling
from tui.entries import Entry
from tui.services.gate import Gate


def follow(gate: Gate, entries: tuple[Entry, ...]) -> list[Telling]:
    """Follow these runs again; what is told of each."""
    return [Telling(FOLLOWED, entry.id, entry.name, _follow(gate, entry), time.time()) for entry in entries]


def _follow(gate: Gate, entry: Entry) -> str:
    from engine.remote import following

    def do() -> str:
        following.start(gate.workspace, find(gate.workspace, entry.id))
        return f"is followed again, on {entry.status.machine}"

    try:
        return gate.change(f"footplate follow {entry.id}", do)
    except FootplateError as error:
        return f"cannot be followed: {error.message}"
