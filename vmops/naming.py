"""Names that Google's cloud takes, checked before anything is asked."""

from __future__ import annotations

import re

from vmops.errors import Refused

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_-]{0,63}", re.ASCII)
_ZONE = re.compile(r"[a-z]+-[a-z]+\d+-[a-z]", re.ASCII)
_PROJECT = re.compile(r"([a-z0-9.-]{1,80}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]", re.ASCII)


def machine(name: str, what: str = "machine") -> str:
    """The name itself; Refused where the cloud would not take it."""
    return _checked(
        name, _NAME, f"a {what}'s name", "at most 63 of a-z, 0-9 and -, a letter first and no - at the end, as gpu-1"
    )


def label(value: str) -> str:
    """The label itself; Refused where the cloud would not take it."""
    return _checked(value, _LABEL, "a label", "at most 63 of a-z, 0-9, _ and -, as lab")


def zone(name: str) -> str:
    """The zone itself; Refused where no zone can have such a name."""
    return _checked(name, _ZONE, "a zone", "a region, - and a letter, as us-central1-a")


def project(name: str) -> str:
    """The project itself; Refused where no project can have such a name."""
    return _checked(name, _PROJECT, "a project's id", "6 to 30 of a-z, 0-9 and -, a letter first, as footplate-lab-1")


def _checked(text: str, pattern: re.Pattern[str], what: str, expected: str) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise Refused(f"{text!r} cannot be {what}", hint=f"expected {expected}")
    return text
