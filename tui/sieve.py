"""What lines are looked for: a filter or a search as plain values, which another process can be handed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tui import levels
from tui.filter import Filter, Term, compiled
from tui.search import Search

_NUMBER = r"(-?\d[\d_,]*\.?\d*(?:e[+-]?\d+)?|[+-]?inf|nan)"
# In lines of a log `error: no` and `step=3` ask for that text; only what is compared by size is a field.
_COMPARED = re.compile(r"([\w.@/-]+)[<>]=?[-+.\d]")
_TOKEN = re.compile(r"\\(.)|(\[\^?\]?(?:\\.|[^\]\\])*\])|(\{\d*,?\d*\}|[*+?])|([.^$])|(.)", re.DOTALL)


@dataclass(frozen=True)
class Test:
    """A pattern that a line has, or has not; `needles` are texts of which each line that has it has one."""

    pattern: str
    needles: tuple[str, ...] = ()
    ignore_case: bool = False
    any_case: bool = False  # the needles are in lower case, and the pattern is not
    exact: bool = False  # the needle is all there is to look for
    negated: bool = False
    op: str = ""  # how the number that the pattern's group finds is compared with `number`
    number: float = 0.0


@dataclass(frozen=True)
class Sieve:
    """Lines that pass a test of each group."""

    groups: tuple[tuple[Test, ...], ...] = ()

    def plain(self) -> dict[str, Any]:
        """As values of JSON."""
        return asdict(self)


def filter_of(text: str) -> Filter:
    """The filter for lines that a text asks for."""
    return compiled(text, {"level", *(name.lower() for name in _COMPARED.findall(text))})


def of_search(wanted: Search) -> Sieve:
    return Sieve(((of_pattern(wanted.text),),))


def of_filter(wanted: Filter) -> Sieve:
    """The lines that a filter lets through."""
    groups = (tuple(test for term in either for test in _tests(term)) for either in wanted.terms)
    return Sieve(tuple(group for group in groups if group))


def of_level(least: str) -> Sieve:
    """The lines that say that they are at least so bad."""
    return Sieve((tuple(_level(level) for level in levels.from_on(least)),)) if least else Sieve()


def of_pattern(pattern: re.Pattern[str], *, negated: bool = False) -> Test:
    """What has a pattern."""
    needle = longest_text(pattern.pattern)
    ignore_case = bool(pattern.flags & re.IGNORECASE)
    exact = re.escape(needle) == pattern.pattern or needle == pattern.pattern
    needle = needle.lower() if ignore_case else needle
    needles = (needle,) * bool(needle)
    return Test(pattern.pattern, needles, ignore_case, exact=exact and bool(needle), negated=negated)


def longest_text(pattern: str) -> str:
    """The longest text that is in whatever a regular expression finds; empty where that is not plain to see."""
    found, current = [""], ""
    for escaped, group, repeated, single, sign in _TOKEN.findall(pattern):
        if sign and sign in "|()":
            return ""
        if repeated and repeated != "+":
            current = current[:-1]  # it may be there no time at all
        literal = sign or (escaped if escaped and not escaped.isalnum() else "")
        if group or repeated or single or not literal:
            found.append(current)
            current = ""
        current += literal
    return max((*found, current), key=len)


def _tests(term: Term) -> Iterable[Test]:
    if not term.field:
        return [of_pattern(term.pattern, negated=term.negated)] if term.pattern is not None else []
    if term.field == "level":
        if term.pattern is None:
            return [_level(level, term.negated) for level in levels.LEVELS]
        return [_level(level, term.negated) for level in levels.LEVELS if term.pattern.search(level)]
    return [_field(term)]


def _level(level: str, negated: bool = False) -> Test:
    return Test(levels.SOURCES[level], levels.NEEDLES[level], any_case=True, negated=negated)


def _field(term: Term) -> Test:
    """A name and its number as logs have them: loss=0.5, loss: 0.5, "loss": 0.5; or, for `has:`, with anything."""
    name = re.escape(term.field)
    name = rf"{name}(?<!\w{name})\"?\s*"  # the text comes first, since regular expressions look for that quickly
    if term.number is None:
        return Test(rf"{name}[:=]", (term.field,), True, negated=term.negated)
    source = rf"{name}[:= ]\s*{_NUMBER}"
    return Test(source, (term.field,), True, negated=term.negated, op=term.op, number=term.number)
