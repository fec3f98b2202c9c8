"""The first three lines on a run: what it is, how it goes, and what came of it or why not."""

from __future__ import annotations

from textual.content import Content

from engine.run import Status
from engine.words import duration
from tui import cells
from tui import format as words
from tui.entries import Entry, headline, measured
from tui.story import Pace

BAR = 24


def head(entry: Entry, pace: Pace, now: float, width: int) -> Content:
    """The lines; nothing in them changes by itself while nothing happens."""
    return Content("\n").join([_what(entry, width), _how(entry, pace, now, width), verdict(entry.status, width)])


def _what(entry: Entry, width: int) -> Content:
    state = Content.styled(words.state(entry.state), f"bold {tone(entry.state)}")
    right = f"{'SIMULATED  ' * entry.simulated}{entry.job}  {entry.id[-4:] if width < 100 else entry.id}"
    room = width - len(words.state(entry.state)) - len(right) - 4
    name = words.clip(entry.name + "".join(f" #{tag}" for tag in entry.tags), room)
    space = " " * max(2, room - words.cells(name) + 2)
    return Content.assemble(state, "  ", (name, "bold $strong"), space, (right, "$dim"))


def _how(entry: Entry, pace: Pace, now: float, width: int) -> Content:
    status = entry.status
    tie = cells.link(entry)
    if tie.tone == "warn":
        hint = f"  → {status.link_hint}" if status.link_hint else ""
        return Content.styled(words.clip(f"{tie.text} on {status.machine}{hint}", width), "$warning")
    if entry.state == "pending" and tie.text:
        return Content.styled(words.clip(_joined([f"on {status.machine}", tie.text]), width), "$dim")
    if entry.state == "pending":
        return Content.styled(words.clip(f"waits for {status.waiting_for or 'its process'}", width), "$dim")
    if entry.state == "running":
        return _running(status, pace, now, width)
    took = f"took {duration(status.ended_at - status.started_at)}" if status.ended_at and status.started_at else ""
    ended = f"ended {_ago(now - status.ended_at)}" if status.ended_at else ""
    return Content.styled(words.clip(_joined([took, _exit(status), *_where(status), ended]), width), "$dim")


def _exit(status: Status) -> str:
    if status.signal:
        return f"ended by {status.signal}"
    return f"exit code {status.exit_code}" if status.exit_code else ""


def _running(status: Status, pace: Pace, now: float, width: int) -> Content:
    part = words.fraction(status.done, status.total)
    facts = [
        words.counted(status.done, status.total, status.unit) if status.done or status.total else "",
        words.rate(pace.per_second, status.unit) if pace.per_second else "",
        left(status, pace),
        status.detail,
        f"began {_ago(now - status.started_at)}" if status.started_at else "",
        *_where(status),
    ]
    rest = _joined(facts)
    if part is None:
        return Content.assemble((f"{status.phase}  ", "$accent"), (words.clip(rest, width - len(status.phase) - 2), ""))
    start = f"{words.clip(status.phase, 20)} "
    bar = f"{words.bar(part, BAR if width >= 100 else BAR // 2)} {part:.0%}"
    room = width - len(start) - len(bar) - 2
    return Content.assemble((start, ""), (bar, "$accent"), f"  {words.clip(rest, room)}")


def left(status: Status, pace: Pace) -> str:
    """How long the present phase still needs, in words; empty where nobody knows."""
    if not pace.per_second or status.total <= status.done:
        return ""
    return f"{duration((status.total - status.done) / pace.per_second)} left"


def verdict(status: Status, width: int) -> Content:
    """Why it did not succeed and what to do; else its headline, its criteria and its flags."""
    if status.error:
        reason, hint = words.first_line(status.error), f"→ {status.hint}" if status.hint else ""
        room = max(width // 2, width - words.cells(hint) - 2)
        reason = words.clip(reason, room)
        return Content.assemble((reason, tone(status.state)), "  ", words.clip(hint, width - words.cells(reason) - 2))
    parts = [criterion(judged.name, judged.wanted, judged.value, judged.passed) for judged in status.criteria]
    found = headline(status)
    if not parts and found:
        parts = [Content.assemble((f"{name} ", "$dim"), (said, "bold")) for name, said in _same(found[0], status)]
    if status.flags:
        parts.append(Content.styled(f"! {words.clip(status.flags[0], 40)}", "$warning"))
    return Content("   ").join(parts)


def _same(name: str, status: Status) -> list[tuple[str, str]]:
    """The headline, and the same result of the run's other variables: perspective.accuracy, distance.accuracy."""
    result = name.rpartition(".")[2]
    told = words.results(measured(status))
    return [(other, said) for other, said in told.items() if other.rpartition(".")[2] == result]


def criterion(name: str, wanted: str, value: float | None, passed: bool | None) -> Content:
    """A criterion with the number that it was held against."""
    number = "not measured" if value is None else words.number(value)
    sign, style = {True: ("✓", "$success"), False: ("✗", "$error"), None: ("?", "$warning")}[passed]
    return Content.assemble((f"{name} ", "$dim"), (number, "bold"), (f" {wanted} {sign}", style))


def says_all(status: Status, width: int) -> bool:
    """Whether the third line has room for the whole reason and what to do."""
    whole = f"{status.error}  → {status.hint}" if status.hint else status.error
    return "\n" not in whole and words.cells(whole) <= width


def tone(state: str) -> str:
    """The colour of a state, as markup names it."""
    names = {"dim": "$dim", "accent": "$accent", "good": "$success", "warn": "$warning", "bad": "$error"}
    return names[words.TONES.get(state, "dim")]


def _where(status: Status) -> list[str]:
    attempt = f"attempt {status.attempt}" if status.attempt > 1 else ""
    device = status.device.replace("-", " ")
    if status.machine:
        return [f"on {status.machine}", device, status.link * (status.link != "connected"), attempt]
    return [f"on {device}" if device else "", status.host, attempt]


def _ago(seconds: float) -> str:
    age = words.age(seconds)
    return "just now" if age == "now" else f"{age} ago"


def _joined(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)
