"""What somebody searches for: a regular expression where it is one, else the words themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Search:
    """A pattern for texts, and the same for bytes; lower case finds upper case too."""

    asked: str
    text: re.Pattern[str]
    raw: re.Pattern[bytes]
    fault: str = ""


def compiled(asked: str) -> Search | None:
    """The search that is asked for; None for an empty one."""
    if not asked:
        return None
    flags = re.IGNORECASE if asked == asked.lower() else 0
    try:
        # Several lines are searched at once, and a match must not reach from one into the next.
        text, fault = re.compile(asked, flags), ""
        if text.search("\n"):
            text = re.compile(f"(?=[^\\n])(?:{asked})", flags)
    except re.error as error:
        asked_as_words = re.escape(asked)
        text, fault = re.compile(asked_as_words, flags), f"searched as it stands: {error.msg}"
    return Search(asked, text, re.compile(text.pattern.encode(), flags), fault)
