"""The month's budget: what is spent, what is bound to come, and whether a further machine still fits.

The rule: what this month has cost so far, what is still to come of what is there (a run until its own limit or the
month's end, disks until the month's end), and the machine that is asked for, until its limit or the month's end. It is
the most that can come, and not what will: a machine that is stopped earlier costs less.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from vmops.bill import NOTHING, dollars, month_of
from vmops.errors import OverBudget
from vmops.ledger import Costs
from vmops.prices import Rates


class Budget(Protocol):
    """How much a month may cost."""

    @property
    def month_usd(self) -> float | None: ...
    @property
    def warn_at(self) -> float: ...
    @property
    def refuse(self) -> bool: ...


@dataclass(frozen=True)
class Wish:
    """A machine that somebody asks for: what it would add to this month at most; None where a price is not known."""

    usd: Decimal | None
    hourly: Decimal | None
    hours: Decimal  # so long it may run this month

    @property
    def words(self) -> str:
        return f"{dollars(self.usd)} ({dollars(self.hourly)} an hour for {self.hours:.1f} h)"


def wish(rates: Rates, max_hours: float, now: float, *, disk: bool = True) -> Wish:
    """What a machine adds to the month; without its disk where that is there already."""
    left = Decimal(round(month_of(now)[1] - now)) / 3600
    hours = min(Decimal(str(max_hours)), left)
    run = [rates.machine, rates.gpu, rates.address]
    kept = [rates.stopped()] if disk else [NOTHING]
    if None in (*run, *kept):
        return Wish(None, None, hours)
    hourly, stopped = sum((one for one in run if one), NOTHING), sum((one for one in kept if one), NOTHING)
    return Wish(hourly * hours + stopped * left, hourly + stopped, hours)


def check(costs: Costs, budget: Budget, asked: Wish | None = None, *, over: bool = False) -> str:
    """What is to be said of the budget, nothing while all is well.

    Raises:
        OverBudget: what is asked for does not fit any more, and nobody has said to go on nevertheless (`over`).
    """
    if budget.month_usd is None:
        return ""
    limit = Decimal(str(budget.month_usd))
    bound = costs.month + costs.ahead
    if asked is None:
        return _spent(costs, limit, Decimal(str(budget.warn_at)))
    words = _refusal(costs, bound, limit, asked)
    if words and budget.refuse and not over:
        raise OverBudget(words, hint=_hint(limit - bound, asked))
    return words or _spent(costs, limit, Decimal(str(budget.warn_at)))


def _refusal(costs: Costs, bound: Decimal, limit: Decimal, asked: Wish) -> str:
    if asked.usd is None:
        return "nobody knows what this machine costs, so the month's budget cannot be held"
    if bound + asked.usd <= limit:
        return ""
    return (
        f"the month's budget of {dollars(limit)} would not hold: {dollars(costs.month)} spent, {dollars(costs.ahead)} "
        f"still to come of what is there, and at most {asked.words} for this"
    )


def _hint(left: Decimal, asked: Wish) -> str:
    if asked.usd is None or not asked.hourly:
        return "footplate vm prices --refresh FILE brings a price, or --over-budget goes on"
    hours = max(NOTHING, left / asked.hourly)
    return f"it leaves {hours:.1f} h of this: footplate vm budget USD raises it, or --over-budget goes on"


def _spent(costs: Costs, limit: Decimal, share: Decimal) -> str:
    bound = costs.month + costs.ahead
    if costs.month > limit:
        return f"over the month's budget: {dollars(costs.month)} of {dollars(limit)} spent"
    if costs.month >= share * limit:
        return f"{dollars(costs.month)} of the month's budget of {dollars(limit)} is spent"
    if bound > limit:
        return f"what is there would go over the month's budget: {dollars(bound)} of {dollars(limit)} by its end"
    return ""
