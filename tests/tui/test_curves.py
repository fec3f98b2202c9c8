"""Curves: kept in little memory with their peaks, drawn with them, smoothed by the formula, told without colour."""

from __future__ import annotations

import math
import random
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import Metric
from engine.points import Points
from engine.workspace import Workspace
from tests.tui.helpers import LARGE, SMALL, done, made, opened, say, sees, shown, until, words
from tests.tui.test_widgets import Stage, _lines
from tui.charting import charts
from tui.charting import line as of_series
from tui.series import Series
from tui.smoothing import LEVELS, following, smoothed
from tui.story import MOST_CURVES, Story
from tui.widgets.axis import decades, ticks
from tui.widgets.braille import BLANK, Canvas, draw, thinned
from tui.widgets.curve import Curve
from tui.widgets.line import Band, Line, View
from tui.widgets.places import AXIS
from tui.widgets.plot import Plot

finite = st.floats(-1e12, 1e12)


def series(values: list[float], most: int = 64, batch: int = 7) -> Series:
    """A curve to which points came in batches."""
    made = Series("loss", most=most)
    for at in range(0, len(values), batch):
        part = values[at : at + batch]
        made.extend(Points(array("d", range(at, at + len(part))), array("d", part)))
    return made


# --- kept ---------------------------------------------------------------------------------------------------------


@given(st.lists(finite, min_size=1, max_size=300), st.integers(1, 300))
def test_a_thinned_curve_keeps_its_peaks_at_their_steps_in_bounded_memory(values: list[float], batch: int) -> None:
    kept = series(values, 64, batch)
    assert len(kept.steps) == len(kept.values) < 64 and kept.said == len(values) and kept.last == values[-1]
    assert all(values[int(step)] == value for step, value in zip(kept.steps, kept.values, strict=True))
    assert list(kept.steps) == sorted(set(kept.steps))
    assert (min(kept.values), max(kept.values)) == (min(values), max(values))


@given(st.randoms(use_true_random=False), st.integers(200, 700), st.data())
def test_every_part_of_a_thinned_curve_keeps_its_peaks(rng: random.Random, count: int, data: st.DataObject) -> None:
    values = [rng.gauss(0, 1) for _ in range(count)]
    kept = series(values)
    margin = 2 * kept.each  # a group that reaches into the part from outside may have its peak there
    begin = data.draw(st.integers(0, len(values) - 2 * margin - 1))
    end = data.draw(st.integers(begin + 2 * margin + 1, len(values)))
    inside = [value for step, value in zip(kept.steps, kept.values, strict=True) if begin <= step < end]
    core = values[begin + margin : end - margin]
    assert min(inside) <= min(core) and max(inside) >= max(core)


def test_a_very_long_curve_is_thinned_evenly_and_no_more_than_needed() -> None:
    rng = random.Random(3)
    kept = series([rng.gauss(0, 1) for _ in range(100_000)], 1024, 3000)
    assert 1024 // 4 < len(kept.steps) < 1024 and kept.each <= 512
    gaps = [later - step for step, later in zip(kept.steps, kept.steps[2:], strict=False)]
    assert max(gaps) <= 2 * kept.each
    assert sum(count for *_, count in kept.means()) == 100_000


@given(st.lists(st.tuples(st.integers(0, 40), finite | st.just(math.nan)), max_size=200), st.integers(1, 9))
def test_batches_and_single_points_make_the_same_curve(points: list[tuple[int, float]], batch: int) -> None:
    one, many = Series("loss"), Series("loss")
    for step, value in points:
        one.add(step, value)
    for at in range(0, len(points), batch):
        part = points[at : at + batch]
        many.extend(Points(array("d", [step for step, _ in part]), array("d", [value for _, value in part])))
    assert (one.steps, one.values, one.lost, one.not_finite) == (many.steps, many.values, many.lost, many.not_finite)
    assert one.said == many.said and (one.last == many.last or math.isnan(one.last))


def test_a_resumed_curve_is_cut_even_where_it_was_thinned() -> None:
    kept = series([float(n) for n in range(500)])
    kept.add(250, -1.0)
    assert kept.steps[-1] == 250 and kept.values[-1] == -1.0 and max(kept.steps) == 250
    assert sum(count for *_, count in kept.means()) <= 251
    kept.add(251, 7.0)
    assert list(kept.values[-2:]) == [-1.0, 7.0]


def test_points_that_are_not_finite_are_counted_and_placed() -> None:
    kept = Series("loss")
    for step, value in ((1, 1.0), (2, math.nan), (3, math.inf), (4, 2.0)):
        kept.add(step, value)
    assert (kept.not_finite, list(kept.lost), list(kept.values)) == (2, [2, 3], [1.0, 2.0])
    kept.add(3, 5.0)
    assert (kept.not_finite, list(kept.lost), list(kept.values)) == (1, [2], [1.0, 5.0])


def test_many_curves_share_the_memory_and_very_many_are_not_all_kept() -> None:
    story = Story()
    story.fold(Metric(f"c{n}", 1.0, 1) for n in range(MOST_CURVES + 5))
    assert len(story.curves) == MOST_CURVES and len(story.unseen) == 5
    assert len({curve.most for curve in story.curves.values()}) == 1


# --- smoothed -----------------------------------------------------------------------------------------------------


@given(st.lists(finite, min_size=1, max_size=60), st.sampled_from(LEVELS[1:]))
def test_smoothing_is_the_mean_with_weights_that_fall_by_a_power(values: list[float], weight: float) -> None:
    _, found = smoothed(series(values, 1000).means(), weight)
    for end in range(1, len(values) + 1):
        weights = [weight ** (end - 1 - n) for n in range(end)]
        plain = sum(w * v for w, v in zip(weights, values, strict=False)) / sum(weights)
        assert found[end - 1] == pytest.approx(plain, rel=1e-9, abs=1e-3)


def test_a_thinned_curve_is_smoothed_from_the_means_of_all_its_points() -> None:
    rng = random.Random(1)
    values = [1.0 + (rng.random() < 0.02) * 100 for _ in range(4000)]  # rare peaks, which extremes alone overrate
    _, whole = smoothed(series(values, 10_000).means(), 0.97)
    _, thin = smoothed(series(values, 1000).means(), 0.97)
    assert sum(thin) / len(thin) == pytest.approx(sum(whole) / len(whole), rel=0.05)


def test_levels_of_smoothing_go_round() -> None:
    level, seen = 0.0, []
    for _ in LEVELS:
        seen.append(level)
        level = following(level)
    assert tuple(seen) == LEVELS and level == 0.0


# --- drawn --------------------------------------------------------------------------------------------------------


def dots(canvas: Canvas, x: int) -> set[int]:
    """The dots of one column, read from what stands on the screen."""
    found = set()
    for row, line in enumerate(canvas.rows()):
        bits = ord(line[x // 2]) - BLANK if line[x // 2] != " " else 0
        column = (0x08, 0x10, 0x20, 0x80) if x % 2 else (0x01, 0x02, 0x04, 0x40)
        found |= {canvas.top - 4 * row - n for n, bit in enumerate(column) if bits & bit}
    return found


@given(st.lists(finite, min_size=1, max_size=400), st.integers(1, 30), st.integers(1, 8))
def test_the_least_and_the_greatest_of_every_column_of_dots_are_drawn(values, width, height) -> None:
    steps, canvas = [float(n) for n in range(len(values))], Canvas(width, height)
    low, high = min(values), max(values)
    columns = list(thinned(steps, values, width * 2, (0.0, steps[-1])))
    draw(canvas, columns, (low, high))
    span = (steps[-1] or 1.0) / (width * 2 - 1)
    for x in {round(step / span) if steps[-1] else column.x for step in steps for column in columns[:1]}:
        inside = [
            value for step, value in zip(steps, values, strict=True) if not steps[-1] or abs(step / span - x) < 0.4999
        ]
        for value in (min(inside), max(inside)) if inside else ():
            part = (value - low) / (high - low) if high > low else None
            assert (round(part * canvas.top) if part is not None else (canvas.top + 1) // 2) in dots(canvas, x)


@given(st.lists(finite, min_size=1, max_size=500), st.integers(1, 40))
def test_thinning_takes_every_point_once(values: list[float], columns: int) -> None:
    steps = [float(n) for n in range(len(values))]
    found = list(thinned(steps, values, columns, (0.0, steps[-1])))
    assert max(column.high for column in found) == max(values)
    assert min(column.low for column in found) == min(values)
    assert (found[0].first, found[-1].last) == (values[0], values[-1])
    assert [column.x for column in found] == sorted({column.x for column in found})


anything = st.floats(allow_nan=False, allow_infinity=False)
pairs = st.lists(st.tuples(anything, anything), min_size=1, max_size=50, unique_by=lambda point: point[0])


@given(pairs, st.integers(1, 120), st.integers(1, 20), st.booleans(), st.sampled_from(LEVELS), st.data())
def test_any_curve_is_drawn_at_any_size(points, width, height, log, smooth, data) -> None:
    points.sort()
    steps, values = [x for x, _ in points], [y for _, y in points]
    band = Band(steps, [y - 1 for y in values], [y + 1 for y in values])
    line = Line("a", steps, values, values[-1], 1, steps[:1], band, lambda: ((x, y / 4, 1) for x, y in points))
    cursor = data.draw(st.none() | st.sampled_from(steps))
    for lines in ([line], [line, Line("b", steps[:1], values[:1])]):
        rows = Plot(lines, width, height, View(log, smooth, None, cursor)).rows()
        assert all(sum(len(cell.text) for cell in row) <= width + 1 for row in rows)


@pytest.mark.parametrize("view", [View(), View(log=True), View(smooth=0.6), View(True, 0.6, None, 3.0)])
def test_a_curve_that_has_grown_or_is_seen_otherwise_is_not_drawn_as_it_was(view: View) -> None:
    kept, size = Series("a", most=64), (60, 12)
    for step in range(300):
        kept.add(step, abs(step % 7 - 2.5) if step != 200 else 40.0)
        for other in (View(), view, View(x_range=(1.0, 9.0)), view):
            anew = Plot([Line("a", kept.steps, kept.values, means=kept.means)], *size, other).rows()
            assert Plot([of_series(kept, "a")], *size, other).rows() == anew


def test_the_signs_of_curves_stand_at_their_ends_and_none_is_lost() -> None:
    lines = [Line(name, [0.0, 1.0], [0.0, end], end) for name, end in (("x", 1.0), ("y", 1.0), ("z", 0.0))]
    rows = ["".join(cell.text for cell in row) for row in Plot(lines, 40, 8, View()).rows()]
    assert sorted(row.rstrip()[-1] for row in rows[:-2] if row.rstrip()[-1].isalpha()) == ["a", "b", "c"]
    assert rows[0].rstrip().endswith(("a", "b")) and rows[5].rstrip().endswith("c")


def test_an_interval_is_a_texture_around_its_curve() -> None:
    steps = [float(n) for n in range(100)]
    band = Band(steps, [-1.0] * 100, [1.0] * 100)
    rows = Plot([Line("a", steps, [0.0] * 100, 0.0, band=band)], 60, 12, View()).rows()
    tones = {cell.tone for row in rows[:-2] for cell in row[1:] if cell.text.strip()}
    assert tones == {"0", "dim"}


def test_ticks_are_round_and_inside() -> None:
    assert [tick.label for tick in ticks(0.0, 1.0, 5)] == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"][:6]
    assert [tick.label for tick in ticks(-3.0, 12.0, 4)] == ["0", "5", "10"]
    assert [tick.label for tick in decades(-3.0, 2.0, 3)] == ["0.001", "0.1", "10"]
    assert [tick.label for tick in decades(0.1, 0.8, 3)] == ["2", "4", "6"]


@given(anything, anything, st.integers(1, 20))
def test_ticks_never_leave_the_axis(one: float, other: float, most: int) -> None:
    low, high = min(one, other), max(one, other)
    found = ticks(low, high, most)
    assert 1 <= len(found) <= 2 * most + 3
    slack = abs(high) * 1e-9 + abs(low) * 1e-9
    assert all(low - slack <= tick.at <= high + slack for tick in found)


async def test_a_chart_tells_values_ranges_and_points_that_are_not_finite() -> None:
    curve = Curve("loss")
    async with Stage(curve).run_test(size=(56, 9)) as pilot:
        curve.show([Line("train", [1, 2, 3], [3.0, 2.0, 1.5], 1.5), Line("test", [], [], not_finite=2, lost=[2, 3])])
        await pilot.pause()
        lines = _lines(pilot.app)
        assert lines[0] == "loss  a train 1.500  b test no point (2 not finite)"
        assert any(line.lstrip().startswith("2 ┤") for line in lines)
        assert lines[7].count("×") == 2 and lines[8].split() == ["1", "2", "3"], lines


async def test_a_log_scale_names_what_it_cannot_draw() -> None:
    curve = Curve("loss")
    async with Stage(curve).run_test(size=(60, 9)) as pilot:
        curve.show([Line("", [1, 2, 3, 4], [100.0, 0.0, -2.0, 0.01], 0.01)], View(log=True))
        await pilot.pause()
        lines = _lines(pilot.app)
        assert lines[0] == "loss  (log)  0.010 (2 ≤ 0 not drawn)" and lines[7].count("▾") == 2
        assert any(line.lstrip().startswith("0.01 ┤") for line in lines)
        curve.show([Line("", [1], [-1.0], -1.0)], View(log=True))
        await pilot.pause()
        assert "nothing above 0 to draw on a log scale" in _lines(pilot.app)[1]


# --- which of them ------------------------------------------------------------------------------------------------


def curves(**given: list[tuple[float, float]]) -> dict[str, Series]:
    found = {}
    for name, points in given.items():
        found[name] = Series(name)
        for step, value in points:
            found[name].add(step, value)
    return found


def test_folds_are_told_by_their_mean_and_range() -> None:
    known = curves(**{f"fold-{n}/loss": [(1, float(n)), (2, n / 2)] for n in range(4)}, **{"train.loss": [(1, 9.0)]})
    (chart,) = charts(known)
    assert [line.name for line in chart.lines] == ["fold-*", "train"]
    folds = chart.lines[0]
    assert list(folds.values) == [1.5, 0.75] and folds.about == " (mean and range of 4)"
    assert folds.band is not None and (folds.band.low, folds.band.high) == ([0.0, 0.0], [3.0, 1.5])
    (only,) = charts(known, lambda name: name in ("fold-1/loss", "fold-2/loss"))
    assert [line.name for line in only.lines] == ["fold-1", "fold-2"]


@pytest.mark.parametrize("joint", [".", "_"])
def test_low_and_high_are_the_band_of_their_curve(joint: str) -> None:
    known = curves(
        **{"acc": [(1, 0.5)], f"acc{joint}low": [(1, 0.4)], f"acc{joint}high": [(1, 0.6)], "x_low": [(1, 1)]}
    )
    found = {chart.title: chart for chart in charts(known)}
    band = found["acc"].lines[0].band
    assert set(found) == {"acc", "x_low"} and band is not None and (band.low, band.high) == ([0.4], [0.6])


# --- on the screen ------------------------------------------------------------------------------------------------


async def test_curves_are_looked_at_by_keys_alone(workspace: Workspace) -> None:
    run = done(workspace)
    say(run, *(Metric("test.loss", 2 / n, n) for n in range(1, 51)), *(Metric("lr", n / 50, n) for n in range(1, 51)))
    app = opened(workspace, run)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("tab", "tab")
        await sees(pilot, "▸ loss  a train 0.020  b test 0.040", "lr")
        await pilot.press("v")
        await sees(pilot, "loss  (log)")
        await pilot.press("s")
        await sees(pilot, "(log, smoothed 0.6)")
        await pilot.press("v", "s", "s", "s")
        await until(pilot, lambda: "smoothed" not in words(app) and "log)" not in words(app))
        await pilot.press("left", "left")
        await until(pilot, lambda: "a train 0.02040816  b test 0.04081633" in words(app), "the values at the cursor")
        await pilot.press("plus")
        await sees(pilot, "(part)")
        await pilot.press("enter")
        await until(pilot, lambda: "lr" not in words(app))
        await pilot.press("escape", "escape", "escape")
        await sees(pilot, "▸ loss  a train 0.020", "lr")
        await pilot.press("j")
        await sees(pilot, "▸ lr")
        await pilot.press("k", "C")
        await sees(pilot, "✓ shown")
        await pilot.press(*"train", "enter", "escape")
        await until(pilot, lambda: "train" not in words(app))


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_cursor_walks_from_point_to_point_and_stops_at_the_ends(
    size: tuple[int, int], workspace: Workspace
) -> None:
    run = made(workspace, "few points", state="done")
    say(run, *(Metric("loss", 1 / n, n * n) for n in range(1, 6)))
    app = opened(workspace, run)
    async with app.run_test(size=size) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("tab", "tab")
        await sees(pilot, "loss  0.200")
        for value in ("0.2", "0.25", "0.3333333", "0.5", "1", "1"):
            await pilot.press("left")
            await until(pilot, lambda value=value: shown(app)[5].split() == ["loss", value])
        for value in ("0.5", "0.3333333", "0.25", "0.2", "0.2"):
            await pilot.press("right")
            await until(pilot, lambda value=value: shown(app)[5].split() == ["loss", value])
        assert any("●" in line[AXIS + 2 :] for line in shown(app))
