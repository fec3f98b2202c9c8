"""Tags and a note that people give to a run, now or later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import AskError
from engine.files import read_json, write_json
from engine.run import Run


@dataclass(frozen=True)
class Labels:
    """What people say of a run."""

    tags: tuple[str, ...] = ()
    note: str = ""


def read(run: Run) -> Labels:
    """A run's labels; those of its spec where nobody changed them since."""
    raw = read_json(run.folder / "labels.json")
    tags = raw["tags"] if "tags" in raw else run.record().get("tags")
    words, note = tags if isinstance(tags, list) else [], raw.get("note")
    return Labels(tuple(tag for tag in words if isinstance(tag, str)), note if isinstance(note, str) else "")


def change(run: Run, *, add: Iterable[str] = (), remove: Iterable[str] = (), note: str | None = None) -> Labels:
    """Add and remove tags, and replace the note where one is given."""
    now = read(run)
    gone = set(remove)
    tags = [tag for tag in dict.fromkeys((*now.tags, *add)) if tag not in gone]
    for tag in tags:
        if not tag or any(sign.isspace() or sign == "," for sign in tag):
            raise AskError(f"{tag!r} cannot be a tag", hint="a tag is one word")
    new = Labels(tuple(tags), now.note if note is None else note)
    write_json(run.folder / "labels.json", {"tags": list(new.tags), "note": new.note})
    return new
