"""The grammar of filters: what fits, what is told, and that no text is an error."""

from __future__ import annotations

import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.filter import Term, compiled
from engine.units import number

FIELDS: dict[str, str | float] = {
    "state": "failed", "title": "A Walk", "tag": "gold v8", "sign": "a b|c /d/", "took": "2h", "accuracy": 0.85,
    "age": 7300.0, "size": 12e6, "blank": " ", "unknown": math.nan,
}  # fmt: skip
PIECES = [
    "/",
    "|",
    "!",
    '"',
    ":",
    ">",
    "<=",
    "!=",
    "=",
    " ",
    "(",
    "[",
    "\\",
    "has:",
    "state:",
    "age>",
    "2h",
    "walk",
    "{9}",
]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("walk GOLD", True), ("walk silver", False), ('"a walk"', True), ('"walk a"', False), ('title:"a w', True),
        ("silver|walk", True), ("!walk", False), ("!!walk", True), ("!silver walk", True), ("silver|!walk", False),
        ("/w.lk/", True), ("/^walk/", False), (r"/a b\|c/", True), ("/a b|zzz/ walk", True), ("/zzz/|walk", True),
        ("sign:/c /d/", True), ("/a b", True), ("sign:/^a b/", True), ("title:/a b/", False),
        ("state:fail", True), ("title:fail", False), ("STATE:FAIL", True), ("state:lost|failed", True),
        ("state:lost|gold", False), ("state:lost|:gold", True), ("state:lost|tag:gold", True), ("nothing:x", False),
        ("state=failed", True), ("state=fail", False), ("state!=fail", True), ("state=FAILED", True),
        ("accuracy>0.8", True), ("accuracy>80%", True), ("accuracy>=0.9", False), ("accuracy<0.9", True),
        ("accuracy=0.85", True), ("accuracy!=0.85", False), ("accuracy:0.8", True), ("age>2h", True),
        ("age<=2h", False),
        ("size>10MB", True), ("size>11MiB", True), ("size<12MiB", True), ("took>90m", True), ("took=7200", True),
        ("state>5", False), ("nothing<5", False), ("!nothing<5", True), ("unknown>0", False), ("unknown!=0", False),
        ("has:tag", True), ("has:gpu", False), ("!has:gpu", True), ("has:blank", False), ("has:unknown", False),
        ("has:gpu|has:tag", True), ("has:gpu|tag", True), ("12:30", False),
    ],
)  # fmt: skip
def test_what_fits(text: str, fits: bool) -> None:
    found = compiled(text)
    assert found.fits(FIELDS) is fits and not found.fault


@pytest.mark.parametrize(
    "text", ["", " ", "!", "|", ":", '"', "/", "//", "!/", "state:", "has:", "age>", "age>-", "age<=."]
)
def test_half_of_a_filter_lets_everything_through_and_is_no_fault(text: str) -> None:
    found = compiled(f"walk {text}")
    assert found.fits(FIELDS) and not found.fault and len(found.terms) == 1


@pytest.mark.parametrize("wrong", ["/(/", "/[a/", "age>abc", "/a{99999999999}/", "title:/*/"])
def test_what_cannot_be_understood_is_told_and_passed_over(wrong: str) -> None:
    found = compiled(f"{wrong} walk")
    assert found.fault.startswith(f"{wrong}: ") and found.fits(FIELDS) and not found.fits({"title": "run"})


@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_text_is_an_error(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compiled(text)
    assert found.fits(FIELDS) in (True, False) and all(found.terms)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_not_before_a_single_term_turns_it_round(text: str) -> None:
    once, twice = compiled(text), compiled(f"!{text}")
    if len(once.terms) == 1 and not text.startswith(" ") and "|" not in text:
        assert once.fits(FIELDS) is not twice.fits(FIELDS)


def test_where_fields_are_known_other_names_are_text() -> None:
    line = {"line": "12:30 error: no x=3", "level": "error"}
    assert compiled("error:", known={"level"}).fits(line)
    assert compiled("x=3", known={"level"}).fits(line) and compiled("level:error", known={"level"}).fits(line)
    assert not compiled("x=3").fits(line)


def test_the_structure_is_open_to_readers() -> None:
    (either,) = compiled("!state:a|b").terms
    assert [(term.negated, term.field, term.op) for term in either] == [(True, "state", ":"), (False, "state", ":")]
    (term,) = compiled("age>=2h").terms[0]
    assert term == Term(False, "age", ">=", None, 7200.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("-.5", -0.5), ("1e-3", 0.001), ("50%", 0.5), ("2h", 7200), ("90 s", 90), ("5k", 5000), ("2M", 2e6),
     ("2m", 120), ("10mb", 1e7), ("1KiB", 1024), ("x", None), ("", None), ("3 apples", None), ("nan", None)],
)  # fmt: skip
def test_numbers_carry_units(text: str, value: float | None) -> None:
    assert number(text) == value
