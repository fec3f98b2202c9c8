"""Lives of machines against a slow and obvious count, second by second, whatever was seen and in which order."""

from __future__ import annotations

import calendar
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vmops import bill, lives
from vmops.audit import Line
from vmops.life import Life
from vmops.prices import Rates

ZERO = 1_795_000_000  # in November; a run of up to 40 days reaches into the next months
RATES = {"machine": "0.36", "gpu": "3.60", "disk": "10", "address": "0.036"}
SPANS = st.lists(st.integers(61, 500_000), min_size=1, max_size=9)  # ran, stood, ran, …


def looks(spans: list[int]) -> tuple[list[Line], list[tuple[int, int]], int]:
    """A look after each change, when the machine ran, and when the last look was."""
    at, found, runs, last = ZERO, [], [], 0
    seen: dict[str, Any] = {"id": "1", "created_at": ZERO}
    for number, span in enumerate(spans):
        if number % 2 == 0:
            seen = {**seen, "state": "running", "started_at": at}
            runs.append((at, at + span))
        else:
            seen = {**seen, "state": "stopped", "stopped_at": at}
        found.append(Line(at, "me", "observed", "gpu-1", {"seen": seen, "rates": RATES}))
        at += span
        last = at
    return found, runs, last


def life(lines: list[Line]) -> Life:
    [one] = lives.lives(lines)["gpu-1"]
    return one


@given(SPANS)
def test_every_second_is_counted_once(spans: list[int]) -> None:
    lines, runs, now = looks(spans)
    seconds = sum(end - start for start, end in runs)
    assert bill.spent(life(lines), "gpu", 0, now) == Decimal(seconds) / 1000
    assert bill.spent(life(lines), "address", 0, now) == Decimal(seconds) / 100_000


@given(SPANS)
def test_a_disk_costs_its_share_of_each_month(spans: list[int]) -> None:
    lines, _, now = looks(spans)
    days = {}
    for hour in range(ZERO, now, 3600):  # a slow count: each hour by the length of its own month
        first, last = bill.month_of(hour)
        days[hour] = Decimal(10) * min(3600, now - hour) / Decimal(last - first)
    # An hour that a month's end cuts is the most that this count may be wrong.
    assert abs(bill.spent(life(lines), "disk", 0, now) - sum(days.values())) < Decimal("0.001")


@given(SPANS)
def test_months_add_up_to_the_whole(spans: list[int]) -> None:
    lines, _, now = looks(spans)
    one, sums, end = life(lines), Decimal(0), float(now)
    while end > ZERO:
        start = bill.month_of(end - 1)[0]
        sums += bill.total(one, start, now) - bill.total(one, end, now)
        end = start
    assert round(sums, 12) == round(bill.total(one, 0, now), 12)


@given(SPANS, st.randoms())
def test_lines_may_come_twice_and_in_any_order(spans: list[int], order: Any) -> None:
    lines, _, now = looks(spans)
    mixed = lines * 2
    order.shuffle(mixed)
    assert bill.total(life(mixed), 0, now) == bill.total(life(lines), 0, now)


@given(SPANS, st.integers(0, 8))
def test_a_look_that_is_missing_never_makes_a_machine_cheaper(spans: list[int], which: int) -> None:
    lines, _, now = looks(spans)
    fewer = [line for number, line in enumerate(lines) if number != which] or lines
    assert bill.spent(life(fewer), "gpu", 0, now) >= bill.spent(life(lines), "gpu", 0, now) or _never_seen(lines, which)


def _never_seen(lines: list[Line], which: int) -> bool:
    """A run of which no look tells: the one whose start was missed, unless the stop tells of it too."""
    return which % 2 == 0 and which + 1 >= len(lines)


@given(SPANS)
def test_what_is_seen_late_costs_the_same(spans: list[int]) -> None:
    lines, _, now = looks(spans)
    late = [Line(line.at + 40, line.who, line.act, line.machine, line.facts) for line in lines]
    assert bill.spent(life(late), "machine", 0, now) == bill.spent(life(lines), "machine", 0, now)


def test_months_have_their_own_length_also_in_february_and_december() -> None:
    for year, month, days in ((2026, 2, 28), (2028, 2, 29), (2026, 12, 31)):
        first, last = bill.month_of(calendar.timegm((year, month, 15, 12, 0, 0)))
        assert (last - first) / 86400 == days


def test_unknown_rates_are_unknown() -> None:
    one = life([Line(ZERO, "me", "observed", "gpu-1", {"seen": {"state": "running"}, "rates": {"gpu": "dear"}})])
    assert one.rates(ZERO) == Rates(None, None, None, None)
