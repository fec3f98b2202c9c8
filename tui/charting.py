"""Which curves stand in which chart: the same measure of several things, intervals as bands, folds as a mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tui.series import Series
from tui.widgets.line import Band, Line

MOST = 6  # curves in one chart: more cannot be told apart
FAMILY = 3  # so many numbered curves of one kind are told by their mean and range
MOST_MERGED = 40_000  # points that are merged for a mean; of more, every second, third … step is taken
_NUMBERED = re.compile(r"(.*?)(\d+)")
_EDGE = re.compile(r"(.*)[._/](low|high)")


@dataclass(frozen=True)
class Chart:
    """A chart: its title, its lines, and the names of the curves that they are made of."""

    title: str
    lines: Sequence[Line]
    names: Sequence[str]


Shown = Callable[[str], bool]


def charts(curves: Mapping[str, Series], shown: Shown = lambda _name: True, most: int = MOST) -> list[Chart]:
    """`train.loss` and `validation.loss` belong into a chart `loss`; of many lines the last ones are shown."""
    edges = _edges(curves)
    groups: dict[str, dict[str, Series]] = {}
    for name, series in curves.items():
        if name not in edges and shown(name):
            whose, what = split(name)
            groups.setdefault(what, {})[whose] = series
    found = []
    for what, members in groups.items():
        lines = _lines(members, curves)
        title = f"{what} (last {most} of {len(lines)})" if len(lines) > most else what
        found.append(Chart(title, lines[-most:], [series.name for series in members.values()]))
    return found


def side_by_side(runs: Sequence[tuple[str, Mapping[str, Series]]], shown: Shown = lambda _name: True) -> list[Chart]:
    """A chart for each curve, with a line for each run that has it; a run keeps its sign and tone in all of them."""
    lines: dict[str, list[Line]] = {}
    names: dict[str, list[str]] = {}
    for place, (run, curves) in enumerate(runs):
        for chart in charts(curves, shown, most=len(curves)):
            for one in chart.lines:
                title = f"{one.name}.{chart.title}" if one.name else chart.title
                lines.setdefault(title, []).append(replace(one, name=run, place=place))
                names.setdefault(title, []).extend(chart.names)
    return [Chart(title, lines[title], names[title]) for title in lines]


def split(name: str) -> tuple[str, str]:
    """Of what something is measured, and what: `fold-3/loss` is the loss of fold-3."""
    whose, _, what = name.replace("/", ".").rpartition(".")
    return whose, what


def line(series: Series, name: str, band: Band | None = None) -> Line:
    """A curve as a chart takes it."""
    return Line(
        name, series.steps, series.values, series.last, series.not_finite, series.lost, band=band, means=series.means,
        thinned=series.each > 1, kept=series.kept,
    )  # fmt: skip


def _edges(curves: Mapping[str, Series]) -> set[str]:
    """Names that are the low or high end of another curve's interval."""
    found: set[str] = set()
    for name in curves:
        edge = _EDGE.fullmatch(name)
        if edge and edge[1] in curves and _other(name) in curves:
            found |= {name, _other(name)}
    return found


def _other(name: str) -> str:
    return f"{name[:-3]}high" if name.endswith("low") else f"{name[:-4]}low"


def _lines(members: Mapping[str, Series], curves: Mapping[str, Series]) -> list[Line]:
    found: list[Line] = []
    kin = _kin(members)
    for whose, series in members.items():
        stem = next((stem for stem, names in kin.items() if whose in names), None)
        if stem is None:
            found.append(line(series, whose, _band(series.name, curves)))
        elif whose == kin[stem][0]:
            found.append(_mean(stem, [members[name] for name in kin[stem]]))
    return found


def _band(name: str, curves: Mapping[str, Series]) -> Band | None:
    for joint in "._/":
        low, high = (curves.get(f"{name}{joint}{end}") for end in ("low", "high"))
        if low is not None and high is not None:
            return _between(low, high)
    return None


def _between(low: Series, high: Series) -> Band | None:
    above = dict(zip(high.steps, high.values, strict=True))
    both = [(step, value, above[step]) for step, value in zip(low.steps, low.values, strict=True) if step in above]
    return Band(*map(list, zip(*both, strict=True))) if both else None


def _kin(members: Iterable[str]) -> dict[str, list[str]]:
    """Names that differ only in a number at their end, by what they have in common."""
    groups: dict[str, list[str]] = {}
    for name in members:
        numbered = _NUMBERED.fullmatch(name)
        if numbered:
            groups.setdefault(numbered[1], []).append(name)
    return {stem: names for stem, names in groups.items() if len(names) >= FAMILY}


def _mean(stem: str, members: Sequence[Series]) -> Line:
    """The mean of those that have a point at a step, and their range."""
    every = 1 + sum(len(member.steps) for member in members) // MOST_MERGED
    at: dict[float, list[float]] = {}
    for member in members:
        for step, value in zip(member.steps[::every], member.values[::every], strict=True):
            at.setdefault(step, []).append(value)
    steps = sorted(at)
    means = [sum(at[step]) / len(at[step]) for step in steps]
    band = Band(steps, [min(at[step]) for step in steps], [max(at[step]) for step in steps])
    lost = sorted({step for member in members for step in member.lost})
    about = f" (mean and range of {len(members)}{', of some points' if every > 1 else ''})"
    return Line(
        f"{stem}*", steps, means, means[-1] if means else None, sum(member.not_finite for member in members), lost,
        band=band, means=lambda: ((step, mean, 1) for step, mean in zip(steps, means, strict=True)), about=about,
    )  # fmt: skip
