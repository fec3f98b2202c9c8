"""The first pane of a run: its phases, its results against what was asked, its machine, and its last words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from engine.events import Gpu, Host
from engine.run import Status
from engine.words import duration, size
from tui import format as words
from tui.charting import charts
from tui.entries import measured
from tui.screens.head import criterion, left, says_all, tone
from tui.story import Span, Story
from tui.widgets.curve import Curve
from tui.widgets.gauge import Gauges, Reading
from tui.widgets.lines import LineView
from tui.widgets.moves import Scroll
from tui.widgets.paint import log
from tui.widgets.painter import LineSource
from tui.widgets.words import Words

MOST_METRICS, MOST_PHASES = 14, 8


class LookPane(Scroll, inherit_bindings=False):
    """Everything about a run that has room on one screen."""

    def compose(self) -> ComposeResult:
        with Vertical(id="look-left"):
            yield Words(id="look-error")
            yield Words(id="look-story")
        with Vertical(id="look-right"):
            yield Gauges(id="look-gauges")
            yield Curve(id="look-curve")
            yield Words(id="look-tail-title", classes="section-title")
            tail = LineView(paint=log, id="look-tail")
            tail.can_focus = False
            yield tail

    def show_log(self, source: LineSource) -> None:
        """The log whose last lines are shown."""
        tail = self.query_one("#look-tail", LineView)
        tail.follow = True
        tail.show(source, empty="it has printed nothing yet")

    def log_grew(self, afresh: bool) -> None:
        self.query_one("#look-tail", LineView).grew(afresh=afresh)

    def show(self, status: Status, story: Story) -> None:
        """Show how it stands now."""
        self.query_one("#look-error", Words).show(failure(status))
        self.query_one("#look-error").display = not says_all(status, self.size.width - 2)
        self.query_one("#look-story", Words).show(_story(status, story, self.query_one("#look-left").size.width))
        readings = gauges(story)
        self.query_one("#look-gauges", Gauges).show(readings)
        self.query_one("#look-gauges").display = bool(readings)
        self.query_one("#look-tail-title", Words).show("Last lines")
        self._show_curve(story)

    def _show_curve(self, story: Story) -> None:
        found = charts(story.curves)
        curve = self.query_one("#look-curve", Curve)
        curve.display = bool(found)
        if found:
            curve.chart_title = found[0].title
            curve.show(found[0].lines)


def failure(status: Status) -> Content:
    """Why it did not succeed, in full, and what to do."""
    lines = [Content.styled(status.error, tone(status.state))]
    if status.hint:
        lines.append(Content(f"→ {status.hint}"))
    return Content("\n").join(lines)


def _story(status: Status, story: Story, width: int) -> Content:
    flags = [Content.styled(f"  ! {_hanging(flag, width)}", "$warning") for flag in status.flags]
    found = [Content(f"  {_hanging(f'{name}: {said}', width)}") for name, said in status.findings.items()]
    parts = {
        "Found": [] if status.active else found,
        "Phases": [_phase(span, status, story) for span in story.phases[-MOST_PHASES:]],
        "So far": found if status.active else [],
        "Measured so far" if status.active else "Results": list(_results(status)),
        "Flags": flags,
        "Made": [_artifact(entry) for entry in status.artifacts],
    }
    sections = [Content("\n").join([_title(name), *lines]) for name, lines in parts.items() if lines]
    return Content("\n\n").join(sections)


def _hanging(text: str, width: int) -> str:
    return "\n    ".join(wrap(text, max(20, width - 5)))


def _title(text: str) -> Content:
    return Content.styled(text, "bold $accent")


def _phase(span: Span, status: Status, story: Story) -> Content:
    here = span is story.phases[-1] and status.state == "running"
    ended = span.ended or (status.ended_at if not here else None)
    took = duration(ended - span.began) if ended else ""
    counted = words.counted(span.done, span.total, span.unit) if span.done or span.total else ""
    speed = words.rate(story.pace.per_second, span.unit) if here and story.pace.per_second else ""
    broken = not here and span is story.phases[-1] and status.state in ("failed", "lost", "stopped", "preempted")
    sign = "●" if here else words.state(status.state)[0] if broken else "✓"
    style = "$accent" if here else tone(status.state) if broken else "$success"
    rest = "  ".join(part for part in (counted, speed, left(status, story.pace) if here else took) if part)
    return Content.assemble((f"  {sign} ", style), f"{words.clip(span.name or 'work', 18):<18}  ", (rest, "$dim"))


def _results(status: Status) -> Iterator[Content]:
    judged = {one.name for one in status.criteria}
    for one in status.criteria:
        yield Content.assemble("  ", criterion(one.name, one.wanted, one.value, one.passed))
    others = [(name, said) for name, said in words.results(measured(status)).items() if name not in judged]
    for name, said in others[:MOST_METRICS]:
        yield Content.assemble((f"  {name} ", "$dim"), said)
    if len(others) > MOST_METRICS:
        yield Content.styled(f"  and {len(others) - MOST_METRICS} more", "$dim")


def _artifact(entry: Any) -> Content:
    return Content.assemble(f"  {entry['name']} ", (f"{size(entry['size_bytes'])}  {entry['about']}", "$dim"))


def gauges(story: Story) -> Sequence[Reading]:
    """Processor, memory and GPUs as the run saw them last."""
    found: list[Reading] = []
    if story.hosts:
        found += _host(list(story.hosts))
    for index, readings in sorted(story.gpus.items()):
        found += _gpu(index, list(readings))
    return found


def _host(hosts: list[Host]) -> list[Reading]:
    last, total = hosts[-1], max(1, hosts[-1].machine_total)
    # An older run did not tell how many cores there are; then the most that was seen is all there is.
    most = 100.0 * last.cores or max(100.0, *(host.percent for host in hosts))
    cores = f"{last.percent:.0f}% of a core" if last.percent < 100 else f"{last.percent / 100:.1f} cores"
    cores += f" of {last.cores}" if last.cores else ""
    memory = f"{size(last.memory_used)} of {size(total)}, all together {size(last.machine_used)}"
    return [
        Reading("cpu", last.percent / most, cores, [host.percent / most for host in hosts]),
        Reading("memory", last.machine_used / total, memory, [host.machine_used / total for host in hosts]),
    ]


def _gpu(index: int, gpus: list[Gpu]) -> list[Reading]:
    last, total = gpus[-1], max(1, gpus[-1].memory_total)
    busy = f"{last.percent:.0f}%  {last.temperature_c:.0f} °C  {last.power_w:.0f} W  {last.name}"
    return [
        Reading(f"gpu {index}", last.percent / 100, busy, [gpu.percent / 100 for gpu in gpus]),
        Reading(f"gpu {index} mem", last.memory_used / total, f"{size(last.memory_used)} of {size(total)}",
                [gpu.memory_used / total for gpu in gpus]),
    ]  # fmt: skip
