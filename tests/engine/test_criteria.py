"""Success criteria."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.criteria import Judged, judge, parse

SIGNS = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(st.sampled_from(sorted(SIGNS)), numbers, numbers, st.sampled_from(["", " "]))
def test_a_comparison_says_what_python_says(sign: str, value: float, bound: float, gap: str) -> None:
    assert parse(f"{gap}{sign}{gap}{bound!r}{gap}")(value) == SIGNS[sign](value, bound)


@pytest.mark.parametrize("wanted", ["> 0", "< 0", "== 0", "!= 0", ">= 0", "<= 0", "true", "false"])
def test_no_criterion_passes_on_a_number_that_is_none(wanted: str) -> None:
    assert parse(wanted)(math.nan) is False


@pytest.mark.parametrize(("wanted", "value", "passed"), [("> 35%", 0.36, True), ("> 35%", 0.35, False)])
def test_percent_is_a_hundredth(wanted: str, value: float, passed: bool) -> None:
    assert parse(wanted)(value) is passed


@pytest.mark.parametrize("wanted", [True, "true", " True "])
def test_true_asks_for_anything_but_zero(wanted: str | bool) -> None:
    assert parse(wanted)(1.0)
    assert not parse(wanted)(0.0)


@pytest.mark.parametrize("wanted", ["0.5", "> many", "=> 1", "> 1 2", "", "> nan", "> inf", "between 1 and 2", "> 1e"])
def test_anything_else_is_refused_with_an_example(wanted: str) -> None:
    with pytest.raises(ValueError, match=r"expected a comparison such as '> 0\.35'"):
        parse(wanted)


def test_what_was_not_measured_is_neither_passed_nor_failed() -> None:
    assert judge({"recall": "> 0.5"}, {}) == [Judged("recall", "> 0.5", None, None)]


def test_each_criterion_is_held_against_its_own_number() -> None:
    found = judge({"loss": "< 1", "recall": "> 0.5"}, {"loss": 0.5, "recall": 0.5})
    assert [entry.passed for entry in found] == [True, False]
