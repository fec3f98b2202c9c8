"""How bad a line of a log says it is, where it clearly says so."""

from __future__ import annotations

import re

LEVELS = ("debug", "info", "warning", "error")
_NAMES = {
    "debug": ("DEBUG", "TRACE"),
    "info": ("INFO", "NOTICE"),
    "warning": ("WARNING", "WARN"),
    "error": ("ERROR", "CRITICAL", "FATAL"),
}
_OTHERS = {  # as Python's own warnings, exceptions and tracebacks, and the notes of a run begin
    "warning": (r"^warning: ", r"\b[A-Z]\w*Warning: "),
    "error": (r"^error: ", r"^(?:[\w.]*[A-Z]\w*)?(?:Error|Exception)(?:: |$)", r"^Traceback \(most recent"),
}
# In lower case: each line of a level has one of its texts, so that whoever looks for it can pass over the others.
NEEDLES = {
    "debug": ("debug", "trace"),
    "info": ("info", "notice"),
    "warning": ("warn",),
    "error": ("error", "critical", "fatal", "exception", "traceback"),
}


def _source(level: str) -> str:
    names = "|".join(_NAMES[level])
    words = [
        rf"(?<![\w\"'])(?:{names})(?![\w\"'])",
        rf"\b(?:level|levelname|severity)\"?\s*[:=]\s*\"?(?i:{names})\b",
    ]
    return "|".join((*words, *_OTHERS.get(level, ())))


SOURCES = {level: _source(level) for level in LEVELS}
_ANY = re.compile("|".join(f"(?P<{level}>{SOURCES[level]})" for level in LEVELS))


def found(text: str) -> tuple[str, int, int] | None:
    """The level of a line, and where it says so; of several words the first one counts."""
    match = _ANY.search(text)
    return (match.lastgroup or "", *match.span()) if match else None


def from_on(least: str) -> tuple[str, ...]:
    """A level and those that are worse."""
    return LEVELS[LEVELS.index(least) :] if least else ()
