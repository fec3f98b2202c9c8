"""One page of a listing, as both APIs tell it."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """What a listing is asked for; `after` is the last name of the page before."""

    prefix: str = ""
    delimiter: str = ""
    after: str = ""
    limit: int = 1000
    start: str = ""
    end: str = ""
    folders_too: bool = False


def page(names: Sequence[str], asked: Asked) -> tuple[list[str], list[str], str]:
    """Names, folders, and the name after which the next page begins; empty where there is none."""
    found: list[str] = []
    folders: list[str] = []
    last = ""
    for name in names[_place(names, asked) :]:
        if not name.startswith(asked.prefix) or (asked.end and name.encode() >= asked.end.encode()):
            break
        folder = _folder(name, asked)
        if not folder or folder not in folders[-1:]:
            if folder and asked.after.startswith(folder):  # told on the page before
                continue
            if len(found) + len(folders) == asked.limit:
                return found, folders, last
            folders += [folder] if folder else []
            found += [name] if not folder or (asked.folders_too and name == folder) else []
        last = name
    return found, folders, ""


def _place(names: Sequence[str], asked: Asked) -> int:
    begin = max(asked.prefix.encode(), asked.start.encode())
    place = bisect.bisect_left(names, begin, key=str.encode)
    return max(place, bisect.bisect_right(names, asked.after.encode(), key=str.encode)) if asked.after else place


def _folder(name: str, asked: Asked) -> str:
    cut = name.find(asked.delimiter, len(asked.prefix)) if asked.delimiter else -1
    return name[: cut + len(asked.delimiter)] if cut >= 0 else ""
