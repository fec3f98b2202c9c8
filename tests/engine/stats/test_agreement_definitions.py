"""Coefficients against their definitions in plain loops, and what may not change them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.stats.coders.codebook import Codebook
from engine.stats.coders.coefficients import NAMES
from engine.stats.coders.part import part
from engine.stats.coders.patterns import patterns
from tests.engine.stats import obvious

Rows = list[list[int | None]]


@st.composite
def rows(draw: Any) -> tuple[Rows, int]:
    """Codes of 2 to 4 coders, up to 12 units and 2 to 4 labels, some of them missing."""
    labels, coders, units = draw(st.integers(2, 4)), draw(st.integers(2, 4)), draw(st.integers(1, 12))
    code = st.one_of(st.none(), st.integers(0, labels - 1), st.integers(0, labels - 1))
    return draw(st.lists(st.lists(code, min_size=units, max_size=units), min_size=coders, max_size=coders)), labels


def values(codes: Any, labels: int, level: str = "ordinal") -> dict[str, float | None]:
    book = Codebook(list(range(labels)), level)
    found = part(patterns(codes, book), book, [str(n) for n in range(len(codes))]).values
    return {name: None if np.isnan(value) else value for name, value in found.items()}


def same(one: float | None, other: float | None) -> bool:
    return one is other or (one is not None and other is not None and one == pytest.approx(other, abs=1e-10))


@given(rows())
def test_coefficients_are_what_their_definitions_say(drawn: tuple[Rows, int]) -> None:
    codes, labels = drawn
    found = values(codes, labels)
    percent = obvious.percent(codes, obvious.identity)
    wanted = {
        "percent": None if percent is None else float(percent),
        "kappa": obvious.conger(codes, labels, obvious.identity),
        "kappa_linear": obvious.conger(codes, labels, obvious.linear(labels)),
        "kappa_quadratic": obvious.conger(codes, labels, obvious.quadratic(labels)),
        "alpha_nominal": obvious.alpha(codes, obvious.nominal),
        "alpha_ordinal": obvious.alpha(codes, obvious.ordinal(codes, labels)),
        "alpha_interval": obvious.alpha(codes, obvious.interval),
        "fleiss": obvious.fleiss(codes, labels),
        "pi": obvious.fleiss(codes, labels),
        "ac1": obvious.gwet(codes, labels, obvious.identity),
        "ac2_quadratic": obvious.gwet(codes, labels, obvious.quadratic(labels)),
        "s": None if percent is None else float((percent * labels - 1) / (labels - 1)),
    }
    assert set(wanted) == set(NAMES)
    assert not {name: (found[name], wanted[name]) for name in NAMES if not same(found[name], wanted[name])}


@given(rows(), st.randoms(use_true_random=False))
def test_the_order_of_coders_and_of_units_changes_nothing(drawn: tuple[Rows, int], chance: Any) -> None:
    codes, labels = drawn
    units, coders = list(range(len(codes[0]))), list(range(len(codes)))
    chance.shuffle(units)
    chance.shuffle(coders)
    shuffled = [[codes[coder][unit] for unit in units] for coder in coders]
    before, after = values(codes, labels), values(shuffled, labels)
    assert all(same(before[name], after[name]) for name in NAMES)


@given(rows(), st.randoms(use_true_random=False))
def test_other_names_for_labels_change_no_nominal_coefficient(drawn: tuple[Rows, int], chance: Any) -> None:
    codes, labels = drawn
    names = list(range(labels))
    chance.shuffle(names)
    renamed = [[None if code is None else names[code] for code in row] for row in codes]
    before, after = values(codes, labels), values(renamed, labels)
    assert all(same(before[name], after[name]) for name in ("percent", "kappa", "alpha_nominal", "pi", "ac1", "s"))


@given(rows())
def test_reading_the_scale_backwards_changes_nothing(drawn: tuple[Rows, int]) -> None:
    codes, labels = drawn
    backwards = [[None if code is None else labels - 1 - code for code in row] for row in codes]
    before, after = values(codes, labels), values(backwards, labels)
    assert all(same(before[name], after[name]) for name in NAMES)


@given(rows())
def test_lists_and_arrays_have_the_same_patterns(drawn: tuple[Rows, int]) -> None:
    codes, labels = drawn
    book = Codebook(list(range(labels)), "nominal")
    array = np.array([[np.nan if code is None else code for code in row] for row in codes])
    found = [patterns(kind, book, each=True) for kind in (codes, array)]
    spread = [one.codes[one.of] for one in found if one.of is not None]
    assert len(spread) == 2 and (spread[0] == spread[1]).all()
    assert sorted(found[0].counts.tolist()) == sorted(found[1].counts.tolist())
    whole = np.where(np.isnan(array), 0, array).astype(int)
    assert values(whole, labels) == values(whole.tolist(), labels)
