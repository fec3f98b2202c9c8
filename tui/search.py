"""What somebody searches for: a regular expression where it is one, else the words themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Search:
    """A pattern; where it was asked for in lower case it finds upper case too."""

    asked: str
    text: re.Pattern[str]
    fault: str = ""


def compiled(asked: str) -> Search | None:
    """The search that is asked for; None for an empty one."""
    if not asked:
        return None
    letters = re.sub(r"\\.", "", asked)  # those of \S and \W are none
    flags = re.IGNORECASE if letters == letters.lower() else 0
    try:
        text, fault = re.compile(asked, flags), ""
    except re.error as error:
        asked_as_words = re.escape(asked)
        text, fault = re.compile(asked_as_words, flags), f"searched as it stands: {error.msg}"
    return Search(asked, text, fault)
