"""One grammar for filters: words AND, this|that, !not, field:word, /regex/.

It is applied while somebody types, so half a filter is no error: what cannot be understood is told, and passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Test = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True)
class Filter:
    """A compiled filter; `fault` says in words what of it could not be understood and is passed over."""

    tests: tuple[Test, ...] = ()
    fault: str = ""

    def fits(self, fields: Mapping[str, str]) -> bool:
        return all(test(fields) for test in self.tests)


def compiled(text: str) -> Filter:
    """The filter that a text asks for; an empty one lets everything through."""
    tests, fault = [], ""
    for word in text.split():
        try:
            tests.append(_either(word))
        except re.error as error:
            fault = f"{word}: {error.msg}"
    return Filter(tuple(tests), fault)


def _either(word: str) -> Test:
    tests = [_one(part) for part in _parts(word) if part.strip("!")]
    return lambda fields: not tests or any(test(fields) for test in tests)


def _parts(word: str) -> list[str]:
    # A | inside /…/ belongs to the regular expression.
    return [word] if word.lstrip("!").startswith("/") else word.split("|")


def _one(word: str) -> Test:
    if word.startswith("!"):
        inner = _one(word[1:])
        return lambda fields: not inner(fields)
    name, colon, rest = word.partition(":")
    contains = _contains(rest if colon else word)
    if colon:
        return lambda fields: contains(fields.get(name.lower(), ""))
    return lambda fields: any(contains(value) for value in fields.values())


def _contains(word: str) -> Callable[[str], bool]:
    if len(word) > 1 and word.startswith("/"):
        pattern = re.compile(word.strip("/"), re.IGNORECASE)
        return lambda value: pattern.search(value) is not None
    plain = re.compile(re.escape(word), re.IGNORECASE)
    return lambda value: plain.search(value) is not None
