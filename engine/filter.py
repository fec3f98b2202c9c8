"""One grammar for filters, in the screens and in commands.

    word "two words"      both stand in it, in any field, in upper or lower case
    this|that             one of them does; an alternative without a field takes the field of the one before it
    !word                 it does not
    /regular expression/  may hold spaces and |; it ends with a slash before a space, a | or the end
    state:failed          the word, or the /expression/, stands in that field; `:word` means any field again
    job=toy  job!=toy     the field is, or is not, just that
    accuracy>0.8          the field is a number for which that holds; also >= < <= = !=
    has:gpu               the field is there and says something

Numbers may carry a unit: `age>2h`, `duration<=90s`, `progress>50%`, `size>10MB` (of 1000), `size>10MiB` (of 1024),
`steps>5k`, `steps>2M`. A filter is applied while somebody types it, so half of one is no error: what cannot be
understood is told in `fault`, and passed over.
"""

from __future__ import annotations

import math
import operator
import re
import warnings
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import AskError
from engine.units import number

Value = str | float
Fields = Mapping[str, Value]

HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip

_FIELD = re.compile(r"((?!\d)[\w@][\w.@/-]*)?(:|>=|<=|!=|>|<|=)")
_OPEN = re.compile(r"(?:^|\s)(!?[\w@][\w.@/-]*(?::|>=|<=|!=|>|<|=))(?=\s|$)")
_QUOTED = re.compile(r'"([^"]*)(?:"|$)')
_EXPRESSION = re.compile(r"/((?:\\.|[^\\])*?)(?:/(?=[\s|]|$)|\\?$)", re.DOTALL)
_WORD = re.compile(r"[^\s|]*")
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True)
class Term:
    """One thing that is asked: of a field, or of all of them where it names none.

    `op` is ":" for a pattern that has to be found, "has" for a field that has to be there, or a comparison; of those,
    "=" and "!=" have a pattern for all of the field, and a number where what was typed is one.
    """

    negated: bool
    field: str
    op: str
    pattern: re.Pattern[str] | None = None
    number: float | None = None

    def fits(self, fields: Fields) -> bool:
        return self._holds(fields) is not self.negated

    def _holds(self, fields: Fields) -> bool:
        if self.op == "has":
            return _says(fields.get(self.field, ""))
        if not self.field:
            return any(isinstance(value, str) and self._found(value) for value in fields.values())
        value = fields.get(self.field)
        if self.op == ":":
            return value is not None and self._found(_words(value))
        return value is not None and self._compares(value)

    def _found(self, text: str) -> bool:
        return self.pattern is not None and self.pattern.search(text) is not None

    def _compares(self, value: Value) -> bool:
        found = number(value) if isinstance(value, str) else value
        if self.number is not None and found is not None:
            return not math.isnan(found) and HOLDS[self.op](found, self.number)
        return self.pattern is not None and (self._found(_words(value)) is (self.op == "="))


@dataclass(frozen=True)
class Filter:
    """A compiled filter: all `terms` have to hold, of each at least one alternative.

    `fault` says in words what of it could not be understood and is passed over.
    """

    terms: tuple[tuple[Term, ...], ...] = ()
    fault: str = ""

    def fits(self, fields: Fields) -> bool:
        return all(any(term.fits(fields) for term in either) for either in self.terms)


def compiled(text: str, known: Container[str] | None = None) -> Filter:
    """The filter that a text asks for; an empty one lets everything through.

    Args:
        text: as it was typed.
        known: the names of fields, in lower case, where only these are meant as such: in lines of a log `error: no`
            asks for that text and not for a field.
    """
    faults: list[str] = []
    return Filter(tuple(_terms(text, known, faults)), "; ".join(faults))


def _says(value: Value) -> bool:
    return bool(value.strip()) if isinstance(value, str) else not math.isnan(value)


def _words(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"


# --- reading ------------------------------------------------------------------------------------------------------


def must_be_whole(text: str, wanted: Filter) -> None:
    """Refuse what somebody who is still typing may leave open: for commands, which are asked once.

    Raises:
        AskError: a part could not be understood, or nothing stands behind an operator.
    """
    hint = "words  state:failed  accuracy>0.8  !toy  this|that  /regex/"
    if wanted.fault:
        raise AskError(f"--filter: {wanted.fault}", hint=hint)
    if half := _OPEN.search(text):
        raise AskError(f"--filter: nothing stands behind {half[1]}", hint=hint)


def must_know(wanted: Filter, names: Collection[str]) -> None:
    """Refuse a filter that asks for a field which nothing has.

    Raises:
        AskError: there is no such field.
    """
    asked = (term.field for either in wanted.terms for term in either if term.field)
    unknown = next((name for name in asked if name not in names), "")
    if unknown:
        raise AskError(f"--filter: there is no field {unknown!r}", hint=f"there are {', '.join(sorted(names))}")


def _terms(text: str, known: Container[str] | None, faults: list[str]) -> Iterator[tuple[Term, ...]]:
    at = _after(_SPACE, text, 0)
    while at < len(text):
        either, at = _either(text, at, known, faults)
        if either:
            yield either
        at = _after(_SPACE, text, at)


def _either(text: str, at: int, known: Container[str] | None, faults: list[str]) -> tuple[tuple[Term, ...], int]:
    """The alternatives from a place on, and where they end."""
    found: list[Term] = []
    field, op = "", ":"
    while True:
        start, negated = at, False
        while text[at : at + 1] == "!":
            negated, at = not negated, at + 1
        name = _FIELD.match(text, at)
        if name and _is_field(name, known):
            field, op, at = (name[1] or "").lower(), name[2], name.end()
        asked, exact, at = _asked(text, at)
        try:
            found += _term(negated, field, op, asked, exact)
        except (re.error, ValueError, OverflowError, RecursionError) as error:
            faults.append(f"{text[start:at]}: {error}")
        if text[at : at + 1] != "|":
            return tuple(found), at
        at += 1


def _is_field(name: re.Match[str], known: Container[str] | None) -> bool:
    if name[1] is None:
        return name[2] == ":"
    return known is None or name[1].lower() in known or (name[1].lower(), name[2]) == ("has", ":")


def _asked(text: str, at: int) -> tuple[str, str, int]:
    """What is asked for as an expression, how it was typed where it is no expression, and where it ends."""
    if text[at : at + 1] == "/" and (found := _EXPRESSION.match(text, at)):
        return found[1], "", found.end()
    found = _QUOTED.match(text, at)
    word = found[1] if found else text[at : _after(_WORD, text, at)]
    return re.escape(word), word, found.end() if found else at + len(word)


def _term(negated: bool, field: str, op: str, asked: str, exact: str) -> list[Term]:
    """The term, or none where only half of it was typed yet."""
    if not asked:
        return []
    if (field, op) == ("has", ":"):
        return [Term(negated, exact.lower(), "has")] if exact else []
    if op == ":" or not exact:
        return [Term(negated, field, ":", _pattern(asked))]
    value = number(exact)
    if op in ("=", "!="):
        return [Term(negated, field, op, _pattern(rf"\A(?:{asked})\Z"), value)]
    if value is None and exact not in "+-.":
        raise ValueError(f"{exact!r} is not a number; 0.8, 50%, 2h, 10MB are")
    return [Term(negated, field, op, number=value)] if value is not None else []


def _pattern(asked: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "possible nested set" would be printed into the middle of a screen
        return re.compile(asked, re.IGNORECASE)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
