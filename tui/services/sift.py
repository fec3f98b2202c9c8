"""A process that looks for lines: it is told what to look for and in which parts of a file, and answers with numbers.

It runs alone, without the rest of Footplate, so that it starts in a few milliseconds; and it is a process because a
regular expression holds Python's lock for as long as it looks, which with some expressions is for ever.

stdin, for each search: a line of JSON with the sieve (tui/sieve.py) and the path of the file; then a line
`begin end first` a part. stdout: for each part how many lines passed and their numbers, each in 4 bytes.
"""

from __future__ import annotations

import json
import operator
import os
import re
import signal
import sys
from array import array
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

SLOW_S = 60  # for one part; nobody waits longer for an expression that runs wild
Search = Callable[[str], object]
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

    def having(self, needle: str) -> list[int]:
        """The lines with a text."""
        begins: list[int] = []
        most = len(self.whole) >> 9
        for begin, _ in self.places(needle):
            begins.append(begin)
            if len(begins) > most:  # in so many lines that it is quicker to look into each
                return [n for n, line in enumerate(self.lines) if needle in line]
        return self.numbers(begins)

    def places(self, needle: str) -> Iterator[tuple[int, int]]:
        """From where to where each line with a text is."""
        text, end = self.whole, -1
        while (place := text.find(needle, end + 1)) >= 0:
            begin, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
            end = len(text) if end < 0 else end
            yield begin, end

    def numbers(self, begins: list[int]) -> list[int]:
        """Which lines begin there, in the order of the text."""
        found, number, at = [], 0, 0
        for begin in begins:
            number += self.whole.count("\n", at, begin)
            at = begin
            found.append(number)
        return found


class Test:
    """One test of a sieve."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._needles: list[str] = given["needles"]
        self._negated, self._op, self._number = given["negated"], given["op"], given["number"]
        self._exact = bool(given["exact"] and given["needles"])
        self._search = re.compile(given["pattern"], re.IGNORECASE if given["ignore_case"] else 0).search
        # What has no case stands in the text as it is, and a text in lower case costs as much as the search in it.
        cased = not self._needles or any(needle.lower() != needle.upper() for needle in self._needles)
        self._any_case = cased and (given["ignore_case"] or given["any_case"])
        # To look in lower case is several times as quick as to ignore the case, where it finds the same.
        unlike = _UNLIKE_IN_LOWER.search(re.sub(r"\\[WDSB]", "", given["pattern"]))
        in_lower = self._any_case and given["ignore_case"] and not unlike
        self._in_lower = re.compile(given["pattern"]).search if in_lower else None

    def lines(self, text: Text) -> list[int]:
        """The lines, counted from 0, that pass."""
        found = self._found(text)
        return sorted(set(range(text.count)).difference(found)) if self._negated else found

    def _found(self, text: Text) -> list[int]:
        here = text.lower if self._any_case else text
        if here is None or not self._needles:
            return self._matching(text, here, None)
        found = [self._with(needle, text, here) for needle in self._needles]
        return found[0] if len(found) == 1 else sorted({number for numbers in found for number in numbers})

    def _with(self, needle: str, text: Text, here: Text) -> list[int]:
        """Of the lines with a text, which stands so in `here`, those that pass."""
        if self._exact:
            return here.having(needle)
        search, source = self._looked_at(text, here)
        passing: list[int] = []
        most = len(here.whole) >> 9
        for tried, (begin, end) in enumerate(here.places(needle)):
            if tried > most:
                return self._matching(text, here, here.having(needle))
            if search(source.whole[begin:end]):
                passing.append(begin)
        return here.numbers(passing)

    def _matching(self, text: Text, here: Text | None, some: list[int] | None) -> list[int]:
        """Of all or some lines those in which the pattern is found."""
        search, source = self._looked_at(text, here)
        lines = source.lines
        if some is None:
            return [n for n, line in enumerate(lines) if search(line)]
        return [n for n in some if search(lines[n])]

    def _looked_at(self, text: Text, here: Text | None) -> tuple[Search, Text]:
        """What looks into lines, and into the lines of which text."""
        if self._op:
            return self._compares, text
        if here is not None and self._in_lower is not None:
            return self._in_lower, here
        return self._search, text

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
    sieve, file = Sieve({"groups": []}), -1
    for line in sys.stdin:
        if line.startswith("{"):
            sieve, file = _begin(json.loads(line), file)
            continue
        signal.alarm(SLOW_S)
        begin, end, first = map(int, line.split())
        found = sieve.lines(seen(os.pread(file, min(end - begin, MOST), begin)))
        sys.stdout.buffer.write(array("I", [len(found), *(first + number for number in found)]).tobytes())
        sys.stdout.buffer.flush()
        signal.alarm(0)


def _begin(asked: dict[str, Any], before: int) -> tuple[Sieve, int]:
    """Another search: what for, and in which file, which whoever asks has open."""
    if before >= 0:
        os.close(before)
    return Sieve(asked["sieve"]), os.open(asked["file"], os.O_RDONLY)


if __name__ == "__main__":
    main()
