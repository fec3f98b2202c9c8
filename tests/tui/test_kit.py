"""The kit below the screens, without a screen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from engine.events import Metric, Phase, Progress
from tui import format as words
from tui import search
from tui.filter import compiled
from tui.story import Pace, Story
from tui.widgets.columns import GAP, Column, fit, padded
from tui.widgets.paint import ansi, json, plain, segments, wrapped, yaml
from tui.widgets.rows import Rows

FIELDS = {"state": "failed", "job": "toy", "title": "A Walk", "tag": "gold v8"}
finite = st.floats(-1e12, 1e12)


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.71234, "0.712"), (1.5, "1.500"), (15230, "15,230"), (1.234e-5, "1.23e-05"), (123.456, "123.5"),
     (math.nan, "nan"), (-math.inf, "-inf"), (0.0, "0"), (12.345, "12.35"), (1234567.5, "1.23e+06")],
)  # fmt: skip
def test_numbers_have_about_four_digits(value: float, text: str) -> None:
    assert words.number(value) == text


def test_ages_tick_by_the_minute_at_most() -> None:
    assert [words.age(s) for s in (0, 59, 61, 7200, 200000)] == ["now", "now", "1m", "2h", "2d"]


def test_rates_are_told_in_the_unit_that_gives_at_least_one() -> None:
    assert [words.rate(r, "frames") for r in (3.21, 0.2, 0.001, 1234.0)] == [
        "3.21 frames/s", "12 frames/min", "3.6 frames/h", "1,234 frames/s"]  # fmt: skip


def test_a_bar_differs_in_shape_and_has_its_width() -> None:
    assert [words.bar(part, 4) for part in (0, 0.4, 1)] == ["────", "━╸──", "━━━━"]


@given(st.text(), st.integers(0, 30))
def test_clipped_text_fits(text: str, width: int) -> None:
    assert cell_len(words.clip(text, width)) <= width


def test_the_headline_is_what_a_criterion_asks_for_else_what_is_known_to_matter() -> None:
    metrics = {"train.loss": 1.0, "b.accuracy": 0.5, "steps": 3.0}
    assert words.headline(metrics, ["steps"]) == "steps"
    assert words.headline(metrics) == "b.accuracy"
    assert words.headline({"x": 1.0}) == "x" and words.headline({}) == ""


# --- filter and search ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fits"),
    [("", True), ("walk", True), ("walk failed", True), ("walk done", False), ("done|failed", True), ("!toy", False),
     ("!done", True), ("state:fail", True), ("job:walk", False), ("tag:v8|v9", True), ("/w.lk/", True), ("/^x/", False),
     ("!", True), ("|", True), ("!state:failed", False), ("nothing:here", False), ("tag:/^gold/", True)],
)  # fmt: skip
def test_filters(text: str, fits: bool) -> None:
    assert compiled(text).fits(FIELDS) is fits


@given(st.text())
def test_no_filter_and_no_search_is_an_error(text: str) -> None:
    compiled(text).fits(FIELDS)
    search.compiled(text)


def test_what_a_filter_does_not_understand_is_told() -> None:
    assert "/(/" in compiled("/(/").fault and compiled("/(/").fits(FIELDS)


def test_a_search_in_lower_case_finds_upper_case_and_broken_patterns_are_words() -> None:
    found = search.compiled("walk(")
    assert found is not None and found.fault and found.text.search("A Walk(")
    exact = search.compiled("Walk")
    assert exact is not None and not exact.text.search("walk")


# --- story ----------------------------------------------------------------------------------------------------------


def test_a_story_keeps_phases_progress_and_curves() -> None:
    story = Story()
    story.fold([Phase("load", at=0), Progress(5, 10, "frames", at=1), Phase("learn", at=2)])
    story.fold([Metric("loss", 1.0, 1), Metric("loss", math.nan, 2), Metric("loss", 0.5, 3), Metric("final", 1.0)])
    load, learn = story.phases
    assert (load.done, load.ended, learn.ended) == (5, 2, None)
    assert list(story.curves) == ["loss"] and list(story.curves["loss"].values) == [1.0, 0.5]
    assert story.curves["loss"].not_finite == 1


def test_a_resumed_curve_goes_on_from_where_it_was_resumed() -> None:
    story = Story()
    story.fold([Metric("loss", float(step), step) for step in (1, 2, 3, 4)])
    story.fold([Metric("loss", 30.0, 3), Metric("loss", 40.0, 4), Metric("loss", 50.0, 5)])
    assert list(story.curves["loss"].values) == [1.0, 2.0, 30.0, 40.0, 50.0]


def test_a_pace_is_that_of_the_last_minute_or_of_the_last_few() -> None:
    fast, slow = Pace(), Pace()
    for second in range(200):
        fast.add(second, second * 2)
        fast.add(second + 0.5, second * 2)
    for n in range(10):
        slow.add(n * 100.0, n)
    assert fast.per_second == pytest.approx(2) and slow.per_second == pytest.approx(0.01)
    assert Pace().per_second == 0


# --- rows -----------------------------------------------------------------------------------------------------------


def _rows(keys: list[int]) -> list[str]:
    return [str(key) for key in keys]


@given(
    st.lists(st.integers(0, 30), unique=True, min_size=1),
    st.lists(st.lists(st.integers(0, 30), unique=True), max_size=6),
    st.data(),
)
def test_the_cursor_never_leaves_its_row(first: list[int], later: list[list[int]], data: st.DataObject) -> None:
    rows = Rows()
    rows.replace(_rows(first))
    rows.cursor = data.draw(st.integers(0, len(first) - 1))
    rows.toggle()
    for keys in later:
        key, marks = rows.key, rows.marks | rows.hidden
        rows.replace(_rows(keys))
        if key and int(key) in keys:
            assert rows.key == key
        assert rows.marks == marks & {str(k) for k in keys}
        assert not keys or 0 <= rows.cursor < len(keys)
        if not keys:
            return


def test_a_row_that_goes_leaves_the_cursor_on_its_neighbour() -> None:
    rows = Rows()
    rows.replace(_rows([1, 2, 3, 4]))
    rows.cursor = 1
    rows.replace(_rows([1, 3, 4]))
    assert rows.key == "3"
    rows.replace(_rows([1]))
    assert rows.key == "1"


# --- columns --------------------------------------------------------------------------------------------------------

widths = st.tuples(st.integers(1, 30), st.integers(0, 3), st.integers(1, 9))
columns = st.lists(widths.map(lambda sizes: Column("key", "label", *sizes)), min_size=1, max_size=9)


@given(columns, st.integers(1, 200))
def test_columns_share_a_width_and_never_exceed_it(given: list[Column], width: int) -> None:
    chosen = fit(given, width)
    assert chosen and sum(size for _, size in chosen) + GAP * (len(chosen) - 1) <= width
    assert [index for index, _ in chosen] == sorted({index for index, _ in chosen})


@given(st.text(), st.integers(0, 20), st.booleans())
def test_padded_text_has_its_width(text: str, width: int, right: bool) -> None:
    assert cell_len(padded(text, width, right)) == width


# --- paint ----------------------------------------------------------------------------------------------------------


def _tone(_name: str) -> Style:
    return Style(color="red")


@given(st.text())
def test_nothing_that_moves_a_cursor_is_left_in_a_line(line: str) -> None:
    for paint in (ansi, plain, yaml, json):
        text = paint(line, _tone).plain
        assert not [sign for sign in text if ord(sign) < 32 or 127 <= ord(sign) < 160]


def test_ansi_colours_are_kept_and_other_sequences_dropped() -> None:
    text = ansi("a \x1b[31mred\x1b[0m \x1b[2Kb \x1b]0;title\x07c \x1b[38:2::1:2:3md\x1b", _tone)
    assert text.plain == "a red b c d" and text.spans[0].style.color.number == 1  # type: ignore[union-attr]


def test_keys_and_comments_are_told_apart() -> None:
    text = yaml("  lr: 0.1  # step", _tone)
    assert [text.plain[span.start : span.end].strip() for span in text.spans] == ["lr", "# step"]
    assert json('  "a": 1', _tone).spans


@given(st.text(alphabet=st.characters(exclude_categories=["C"])), st.integers(2, 20))
def test_wrapping_loses_nothing_and_fits(line: str, width: int) -> None:
    text = plain(line, _tone)
    pieces = wrapped(text, width)
    assert "".join(piece.plain for piece in pieces) == text.plain
    assert all(cell_len(piece.plain) <= width for piece in pieces)
    assert "".join(part.text for part in segments(text, Style())) == text.plain
