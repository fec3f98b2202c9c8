"""Deleting of objects and files, written down: that it was asked for, and then what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from vmops import audit
from vmops.errors import OutsideError


def below(folder: Path, place: str) -> Callable[[str], AbstractContextManager[None]]:
    """For each name in a place: what surrounds its deleting."""
    return lambda name: deleting(folder, f"{place.rstrip('/')}/{name}")


@contextmanager
def deleting(folder: Path, what: str) -> Iterator[None]:
    """Surrounds the deleting of one thing; where nothing can be written down, nothing is deleted."""
    audit.append(folder, "asked", object=what, to="delete")
    try:
        yield
    except (OutsideError, OSError) as error:
        audit.append(folder, "failed", object=what, to="delete", said=str(error))
        raise
    audit.append(folder, "deleted", object=what)
