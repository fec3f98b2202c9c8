"""The month's budget: what it warns of, what it refuses, and what it counts to say so."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from decimal import Decimal

import pytest

from vmops import budget
from vmops.errors import OverBudget
from vmops.ledger import Costs
from vmops.prices import Rates
from vmops.settings import Budget

NOW = float(calendar.timegm((2026, 11, 29, 0, 0, 0)))  # two days of 48 h before the month's end
RATES = Rates(Decimal("0.20"), Decimal("0.35"), Decimal("7.30"), Decimal("0.01"))
HUNDRED = Budget(100, 0.8, refuse=True)


def spent(month: str, ahead: str = "0") -> Costs:
    nothing = Decimal(0)
    return Costs(NOW, (), nothing, nothing, nothing, Decimal(month), Decimal(ahead), simulated=False)


def test_a_wish_counts_until_its_limit_and_its_disk_until_the_months_end() -> None:
    asked = budget.wish(RATES, 10, NOW)
    assert asked.usd == 10 * Decimal("0.56") + 48 * Decimal("0.01") and asked.hourly == Decimal("0.57")


def test_a_wish_ends_with_the_month() -> None:
    assert budget.wish(RATES, 240, NOW).usd == 48 * Decimal("0.57")


def test_a_start_does_not_count_a_disk_that_is_there_already() -> None:
    assert budget.wish(RATES, 10, NOW, disk=False).usd == 10 * Decimal("0.56")


def test_what_fits_to_the_cent_is_allowed_and_a_cent_more_is_not() -> None:
    asked = budget.Wish(Decimal("10.00"), Decimal(1), Decimal(10))
    assert "is spent" in budget.check(spent("85", "5"), HUNDRED, asked)
    with pytest.raises(OverBudget) as refused:
        budget.check(spent("85", "5.01"), HUNDRED, asked)
    assert refused.value.message == (
        "the month's budget of $100.00 would not hold: $85.00 spent, $5.01 still to come of what is there, and at most "
        "$10.00 ($1.00 an hour for 10.0 h) for this"
    )
    assert "it leaves 10.0 h" in refused.value.hint and "--over-budget" in refused.value.hint


def test_somebody_may_go_on_knowingly() -> None:
    asked = budget.wish(RATES, 10, NOW)
    assert "would not hold" in budget.check(spent("99"), HUNDRED, asked, over=True)


def test_a_budget_that_does_not_refuse_still_says_so() -> None:
    asked = budget.wish(RATES, 10, NOW)
    assert "would not hold" in budget.check(spent("99"), Budget(100, 0.8, refuse=False), asked)


def test_an_unknown_price_cannot_be_held_to_a_budget() -> None:
    asked = budget.wish(Rates(Decimal(1), None, Decimal(1), Decimal(1)), 10, NOW)
    assert asked.usd is None and asked.words == "unknown (unknown an hour for 10.0 h)"
    with pytest.raises(OverBudget, match="nobody knows"):
        budget.check(spent("0"), HUNDRED, asked)


def test_without_a_budget_nothing_is_said() -> None:
    assert budget.check(spent("1e6"), Budget(None), budget.wish(RATES, 10, NOW)) == ""


@dataclass(frozen=True)
class Said:
    month: str
    ahead: str
    words: str


@pytest.mark.parametrize(
    "said",
    [
        Said("79.99", "0", ""),
        Said("80", "0", "$80.00 of the month's budget of $100.00 is spent"),
        Said("100.01", "0", "over the month's budget: $100.01 of $100.00 spent"),
        Said("20", "81", "what is there would go over the month's budget: $101.00 of $100.00 by its end"),
    ],
)
def test_it_warns_of_what_is_spent_and_of_what_will_be(said: Said) -> None:
    assert budget.check(spent(said.month, said.ahead), HUNDRED) == said.words
