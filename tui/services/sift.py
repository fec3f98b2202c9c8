"""A process that looks for lines: it is told what to look for and in which parts of a file, and answers with numbers.

It runs alone, without the rest of Footplate, so that it starts in a few milliseconds; and it is a process because a
regular expression holds Python's lock for as long as it looks, which with some expressions is for ever.

stdin: a line of JSON with the sieve (tui/sieve.py) and the number of the open file; then a line `begin end first` a
part. stdout: for each part how many lines passed and their numbers, each in 4 bytes.
"""

from __future__ import annotations

import json
import operator
import os
import re
import signal
import sys
from array import array
from collections.abc import Callable
from functools import cached_property
from typing import Any

SLOW_S = 60  # for one part; nobody waits longer for an expression that runs wild
MOST = 64 << 20  # bytes of one part: of a line longer than this only the beginning is looked at
HOLDS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?=[^\r\n])")
_UNLIKE_IN_LOWER = re.compile(r"\\[xuUN0-7]|\[[^\]]*[^\[a-z0-9^]-[^\]]|[A-Z]")


class Text:
    """Whole lines as they are seen: without colours, and each as its last carriage return left it."""

    def __init__(self, whole: str) -> None:
        self.whole = whole

    @cached_property
    def count(self) -> int:
        return self.whole.count("\n") + 1

    @cached_property
    def lines(self) -> list[str]:
        return self.whole.split("\n")

    @cached_property
    def lower(self) -> Text | None:
        """The same in lower case; None where some of its signs might become two."""
        return Text(self.whole.lower()) if self.whole.isascii() else None

    def having(self, needles: list[str]) -> list[int]:
        """The lines with one of the texts."""
        if len(needles) == 1:
            return self._having(needles[0])
        return sorted({number for needle in needles for number in self._having(needle)})

    def _having(self, needle: str) -> list[int]:
        text, found, number, at = self.whole, [], 0, 0
        most = len(text) >> 9
        while (place := text.find(needle, at)) >= 0:
            number += text.count("\n", at, place)
            found.append(number)
            at = text.find("\n", place)
            if at < 0:
                break
            if len(found) > most:  # in so many lines that it is quicker to look into each
                return [n for n, line in enumerate(self.lines) if needle in line]
        return found


class Test:
    """One test of a sieve."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._needles: list[str] = given["needles"]
        self._negated, self._op, self._number = given["negated"], given["op"], given["number"]
        self._exact = bool(given["exact"] and given["needles"])
        self._search = re.compile(given["pattern"], re.IGNORECASE if given["ignore_case"] else 0).search
        self._any_case = given["ignore_case"] or given["any_case"]
        # To look in lower case is several times as quick as to ignore the case, where it finds the same.
        unlike = _UNLIKE_IN_LOWER.search(re.sub(r"\\[WDSB]", "", given["pattern"]))
        self._in_lower = re.compile(given["pattern"]).search if given["ignore_case"] and not unlike else None

    def lines(self, text: Text) -> list[int]:
        """The lines, counted from 0, that pass."""
        found = self._found(text)
        return sorted(set(range(text.count)).difference(found)) if self._negated else found

    def _found(self, text: Text) -> list[int]:
        here = text.lower if self._any_case else text
        some = here.having(self._needles) if here is not None and self._needles else None
        if not some and some is not None:
            return []
        if some is not None and self._op:
            return [n for n in some if self._compares(text.lines[n])]
        return some if some is not None and self._exact else self._matching(text, here, some)

    def _matching(self, text: Text, here: Text | None, some: list[int] | None) -> list[int]:
        """Of all or some lines those in which the pattern is found."""
        search, lines = self._search, text.lines
        if here is not None and self._in_lower is not None:
            search, lines = self._in_lower, here.lines
        if some is None:
            found = [n for n, line in enumerate(lines) if search(line)]
        else:
            found = [n for n in some if search(lines[n])]
        return [n for n in found if self._compares(text.lines[n])] if self._op else found

    def _compares(self, line: str) -> bool:
        """Whether what the pattern's group finds is a number that is as large as it should be."""
        match = self._search(line)
        try:
            return match is not None and HOLDS[self._op](float(match[1].replace(",", "")), self._number)
        except ValueError:
            return False


class Sieve:
    """Lines that pass a test of each group."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._groups = [[Test(test) for test in group] for group in given["groups"]]

    def lines(self, text: Text) -> list[int]:
        """The lines, counted from 0, that pass."""
        found = _any(self._groups[0], text)
        for group in self._groups[1:]:
            found = sorted(set(found).intersection(_any(group, text)))
        return found


def _any(group: list[Test], text: Text) -> list[int]:
    if len(group) == 1:
        return group[0].lines(text)
    return sorted({number for test in group for number in test.lines(text)})


def seen(data: bytes) -> Text:
    """The text of a part of a file."""
    text = data.decode("utf-8", "replace").removesuffix("\n")
    text = _ESCAPE.sub("", text) if "\x1b" in text else text
    return Text(_OVERWRITTEN.sub("", text) if "\r" in text else text)


def main() -> None:
    """Answer until nobody asks any more."""
    asked = json.loads(sys.stdin.readline())
    sieve, file = Sieve(asked["sieve"]), asked["file"]
    for line in sys.stdin:
        signal.alarm(SLOW_S)
        begin, end, first = map(int, line.split())
        found = sieve.lines(seen(os.pread(file, min(end - begin, MOST), begin)))
        sys.stdout.buffer.write(array("I", [len(found), *(first + number for number in found)]).tobytes())
        sys.stdout.buffer.flush()
        signal.alarm(0)


if __name__ == "__main__":
    main()
