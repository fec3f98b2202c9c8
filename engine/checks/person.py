"""A person's own files: settings, and what the screens remember."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from engine import home, settings
from engine.checks.finding import Finding, either


def everything() -> Iterator[Finding]:
    yield from faults("settings", settings.file(), settings.read(settings.file())[1])
    yield memory()


def faults(what: str, file: Path, found: list[str]) -> Iterator[Finding]:
    """A file that may be there, and each fault in it; faults name their places."""
    if not found:
        there = file.is_file()
        yield Finding(what, "ok", home.short(file) if there else f"as by default ({home.short(file)} is not there)")
    for fault in found:
        yield Finding(what, "bad", fault, f"edit {home.short(file)}")


def memory() -> Finding:
    """Whether the screens can keep where one was."""
    folder = home.state()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    fine = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    said = home.short(folder) if fine else f"{home.short(there)} cannot be written: nothing is remembered"
    return either("memory", fine, said, f"chmod u+w {home.short(there)}, or set XDG_STATE_HOME")
