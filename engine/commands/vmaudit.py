"""The verb `footplate vm audit`: every act that cost or deleted something."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from engine.commands.verb import Asked, Verb, answer, say, table, workspace
from engine.commands.vmwords import clipped, harmless
from engine.errors import AskError
from engine.units import number

if TYPE_CHECKING:
    from vmops.audit import Line


def audit(asked: Asked) -> int:
    """Who did what to which machine and when, with what came of it."""
    from vmops import audit as audits

    record = audits.read(workspace(asked).machines, machine=asked.machine, since=_since(asked.since, time.time()))
    for words in record.damaged:
        say(f"damaged: {words}")
    value = [
        {"at": one.at, "who": one.who, "act": one.act, "machine": one.machine, **one.facts} for one in record.lines
    ]
    rows = [
        (_when(one.at), clipped(one.act), clipped(one.machine), clipped(one.who).partition("@")[0], _facts(one))
        for one in record.lines
    ]
    none = "nothing that costs has been done yet" if not asked.machine and not asked.since else "nothing of that"
    return answer(asked, value, table(rows, ("WHEN", "ACT", "MACHINE", "WHO", "WHAT")) if rows else none)


def _row(one: Line) -> tuple[str, ...]:
    return _when(one.at), clipped(one.act), clipped(one.machine), clipped(one.who).partition("@")[0], _facts(one)


def _facts(one: Line) -> str:
    """What is worth a look of a line, in short."""
    seen = one.facts.get("seen")
    shown = {key: value for key, value in one.facts.items() if key not in ("seen", "rates")}
    if isinstance(seen, dict) and seen.get("state"):
        shown = {**shown, "is": seen["state"], **({"zone": seen["zone"]} if seen.get("zone") else {})}
    return harmless(" ".join(f"{key}={value}" for key, value in shown.items() if value not in (None, "")))


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def _since(text: str, now: float) -> float:
    """A time that is told as so long ago (2h, 7d) or as a day (2026-11-01)."""
    if not text:
        return 0.0
    if (seconds := number(text)) is not None and text[-1].isalpha():
        return now - seconds
    try:
        return time.mktime(time.strptime(text, "%Y-%m-%d"))
    except ValueError:
        raise AskError(f"--since {text!r}: expected how long ago (2h, 7d) or a day (2026-11-01)") from None


def _audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--machine", metavar="NAME", default="", help="only this one")
    parser.add_argument("--since", metavar="TIME", default="", help="how long ago (2h, 7d), or a day (2026-11-01)")


VERB = Verb("audit", "who did what to which machine, and what came of it", _audit, audit)
