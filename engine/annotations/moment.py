"""A moment as people type it: a date, a date with a time, or seconds since 1970."""

from __future__ import annotations

import math
from datetime import datetime

from engine.errors import AskError

HINT = "2026-11-22, 2026-11-22T14:30, 2026-11-22T14:30:00Z or seconds since 1970; without a zone it is local time"


def moment(text: str) -> float:
    """Seconds since 1970; a date without a time is its first moment.

    Raises:
        AskError: it is no moment.
    """
    try:
        value = float(text)
    except ValueError:
        return _dated(text)
    if not math.isfinite(value) or value < 0:
        raise AskError(f"{text!r} is no moment", hint=HINT)
    return value


def _dated(text: str) -> float:
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise AskError(f"{text!r} is no moment", hint=HINT) from None
