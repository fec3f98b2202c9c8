"""What a life costs, as Google bills it.

Processors, memory and GPUs by the second from start to stop, a minute at least; a disk from creation to deletion, its
month by the length of the calendar month; an address while the machine runs. Days and months are those of UTC.
"""

from __future__ import annotations

import calendar
import time
from decimal import ROUND_HALF_UP, Decimal

from vmops.life import GONE, Life
from vmops.lives import PARTS
from vmops.prices import Rates

MINUTE_S = 60
HOUR_S = Decimal(3600)
NOTHING = Decimal(0)
CENT = Decimal("0.01")


def hourly(life: Life, rates: Rates, now: float) -> Decimal:
    """What it costs an hour as it stands now."""
    if life.state == GONE:
        return NOTHING
    limit = life.ends_at
    parts = [rates.stopped()]
    if life.running and (limit is None or limit > now):
        parts += [rates.machine, rates.gpu, rates.address]
    return sum((part for part in parts if part is not None), NOTHING)


def ahead(life: Life, rates: Rates, now: float, month_end: float) -> Decimal:
    """Runs until their limit or the month's end; a disk until the month's end."""
    if life.state == GONE:
        return NOTHING
    disk = _disk(rates, now, month_end)
    if not life.running:
        return disk
    end = min(month_end, life.ends_at or month_end)
    run = sum((part for part in (rates.machine, rates.gpu, rates.address) if part is not None), NOTHING)
    return disk + run * _seconds(now, end) / HOUR_S


def total(life: Life, start: float, now: float) -> Decimal:
    """What all its parts have cost from a time on."""
    return sum((spent(life, part, start, now) for part in PARTS), NOTHING)


def spent(life: Life, part: str, start: float, now: float) -> Decimal:
    """What a part of a machine has cost from a time on; a minute that was begun is paid, though it lies ahead."""
    if part == "disk":
        times = [(life.created, now if life.deleted is None else life.deleted)]
    else:
        times = [_billed(life, one.start, one.end, part, now) for one in life.sessions]
    spans = (span for one, other in times for span in life.spans(max(one, start), other) if other > start)
    return sum((_of(part, rates, one, other) for one, other, rates in spans), NOTHING)


def _billed(life: Life, start: float, end: float | None, part: str, now: float) -> tuple[float, float]:
    until = min(now, life.ends_at or now) if end is None else end
    return start, max(until, start + (0 if part == "address" else MINUTE_S))


def _of(part: str, rates: Rates, start: float, end: float) -> Decimal:
    if part == "disk":
        return _disk(rates, start, end)
    price = getattr(rates, part)
    return NOTHING if price is None else price * _seconds(start, end) / HOUR_S


def _disk(rates: Rates, start: float, end: float) -> Decimal:
    if rates.disk is None:
        return NOTHING
    paid = NOTHING
    while start < end:
        first, last = month_of(start)
        paid += rates.disk * _seconds(start, min(end, last)) / _seconds(first, last)
        start = last
    return paid


def _seconds(start: float, end: float) -> Decimal:
    """Whole seconds; each time is rounded by itself, so that parts of a time add up to it."""
    return Decimal(max(0, round(end) - round(start)))


def day_of(at: float) -> float:
    """The first second of a day of UTC."""
    return at - at % 86400


def month_of(at: float) -> tuple[float, float]:
    """The first second of a month of UTC, and that of the next."""
    now = time.gmtime(at)
    year, month = (now.tm_year + 1, 1) if now.tm_mon == 12 else (now.tm_year, now.tm_mon + 1)
    return calendar.timegm((now.tm_year, now.tm_mon, 1, 0, 0, 0)), calendar.timegm((year, month, 1, 0, 0, 0))


def cents(value: Decimal) -> Decimal:
    """To the cent, half a cent up."""
    return value.quantize(CENT, ROUND_HALF_UP)


def dollars(value: Decimal | None) -> str:
    """$1.23; less than a cent is told with four digits, and what nobody knows as such."""
    if value is None:
        return "unknown"
    digits = Decimal("0.0001") if Decimal("0.00005") <= value < CENT else CENT
    return f"${value.quantize(digits, ROUND_HALF_UP):,}"
