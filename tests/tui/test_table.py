"""The table: whatever comes, goes and changes, cursor, marks and view stay on their rows, and no stale line stands."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from tests.tui.helpers import until
from tui.theme import DARK
from tui.widgets.columns import Column, fit
from tui.widgets.rows import Rows
from tui.widgets.table import Table
from tui.widgets.tones import Cell

COLUMNS = (Column("key", "key", 6, letter="K"), Column("value", "value", 8, most=20), Column("far", "far away", 9))


class Stage(App[None]):
    """A table on a screen of its own."""

    CSS = "Table { height: 1fr; overflow-x: hidden; scrollbar-size-horizontal: 0; scrollbar-gutter: stable; }"

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table, self.heard = table, list[str]()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield self.table

    def on_table_titled(self, message: Table.Titled) -> None:
        self.heard.append(message.key)

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]


def numbered(count: int) -> list[str]:
    return [f"k{number:05}" for number in range(count)]


def plain(values: dict[str, str]):
    return lambda key: (Cell(key), Cell(values.get(key, "")), Cell("far"))


# --- keys, without a screen -----------------------------------------------------------------------------------------

keys = st.lists(st.integers(0, 30).map(str), unique=True)


@given(keys, st.lists(keys, max_size=6), st.data())
def test_the_cursor_stays_on_its_row_or_on_the_nearest_that_remains(
    first: list[str], later: list[list[str]], data: st.DataObject
) -> None:
    rows = Rows()
    rows.replace(first)
    rows.cursor = data.draw(st.integers(0, max(0, len(first) - 1)))
    rows.toggle()
    for after in later:
        before, cursor, key, marks = list(rows.keys), rows.cursor, rows.key, rows.marks | rows.hidden
        rows.replace(after)
        assert rows.marks == marks & set(after) and rows.hidden == marks - set(after)
        if remaining := [place for place, other in enumerate(before) if other in after]:
            nearest = min(remaining, key=lambda place: (abs(place - cursor), -place))
            assert rows.key == before[nearest] and (key not in after or rows.key == key)
        else:
            assert rows.cursor == 0


@given(keys, st.data())
def test_what_is_chosen_is_what_is_marked_in_its_order_else_the_row_under_the_cursor(
    given: list[str], data: st.DataObject
) -> None:
    rows = Rows()
    rows.replace(given)
    assert rows.chosen == given[:1]
    marked = data.draw(st.sets(st.sampled_from(given))) if given else set()
    rows.mark([*marked, "nowhere"])
    assert rows.chosen == ([key for key in given if key in marked] or given[:1])


def test_a_range_reaches_from_the_last_mark_to_the_cursor_and_all_from_end_to_end() -> None:
    rows = Rows()
    rows.replace(numbered(6))
    rows.cursor = 4
    rows.toggle()
    rows.cursor = 2
    rows.mark_range()
    assert rows.chosen == numbered(6)[2:5]
    rows.mark_all()
    assert rows.chosen == numbered(6)
    rows.mark_all()
    assert not rows.marks


# --- columns --------------------------------------------------------------------------------------------------------


def test_columns_are_as_wide_as_their_content_where_there_is_room() -> None:
    columns = [Column("a", "a", 4, most=30), Column("b", "b", 4, most=10), Column("c", "c", 4)]
    assert fit(columns, 60, [20, 50, 50]) == [(0, 20), (1, 10), (2, 4)]
    assert fit(columns, 20, [20, 50, 50]) == [(0, 8), (1, 4), (2, 4)]


def test_columns_take_what_they_need_before_one_is_left_out() -> None:
    columns = [Column("a", "a", 8), Column("b", "b", 8, keep=1), Column("c", "long", 8, fixed=True)]
    assert fit(columns, 28, [3, 1, 1]) == [(0, 8), (1, 8), (2, 8)]
    assert fit(columns, 27, [3, 1, 1]) == [(0, 3), (1, 2), (2, 8)]
    assert fit(columns, 16, [3, 1, 1]) == [(0, 3), (2, 8)]


@pytest.mark.parametrize(
    ("letter", "label", "title"), [("A", "age", "Age"), ("M", "name", "naMe"), ("X", "age", "age X")]
)
def test_a_title_names_the_letter_that_sorts_by_it(letter: str, label: str, title: str) -> None:
    assert Column("key", label, 5, letter=letter).title == title


# --- on a screen ----------------------------------------------------------------------------------------------------


class Changing:
    """Rows that are inserted, deleted, changed and sorted at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.values = {key: key for key in numbered(40)}
        self.order = list(self.values)
        self.next = 40

    def step(self) -> Sequence[str]:
        chance = self.chance
        match chance.choice(["insert", "delete", "change", "sort", "clear"] if chance.random() < 0.02 else
                            ["insert", "delete", "change", "sort"]):  # fmt: skip
            case "insert":
                for _ in range(chance.randint(1, 9)):
                    self.next += 1
                    self.order.insert(chance.randint(0, len(self.order)), f"k{self.next:05}")
            case "delete":
                gone = set(chance.sample(self.order, min(len(self.order), chance.randint(1, 9))))
                self.order = [key for key in self.order if key not in gone]
            case "change":
                for key in chance.sample(self.order, min(len(self.order), 3)):
                    self.values[key] = str(chance.random())
            case "sort":
                chance.shuffle(self.order)
            case "clear":
                self.order = []
        return list(self.order)


@pytest.mark.parametrize("seed", range(3))
async def test_no_refresh_moves_the_cursor_off_its_row_or_leaves_a_stale_line(seed: int) -> None:
    changing, table = Changing(seed), Table(COLUMNS)
    app = Stage(table)
    async with app.run_test(size=(40, 12)) as pilot:
        table.focus()
        for _ in range(60):
            moves = changing.chance.choice([1, -1, 7, -30, 30])
            table.move(moves)
            if changing.chance.random() < 0.2:
                table.mark()
            await pilot.pause()
            key, marks = table.rows.key, table.rows.marks | table.rows.hidden
            line = table.rows.cursor - table.scroll_offset.y
            order = changing.step()
            table.show(order, plain(changing.values))
            await pilot.pause()
            if key in order:
                assert table.rows.key == key
                if table.scroll_offset.y not in (0, table.max_scroll_y) and len(order) > 11:
                    assert table.rows.cursor - table.scroll_offset.y == line, "it stays on its line of the screen"
            assert table.rows.marks == marks & set(order)
            width = table.scrollable_size.width
            assert [line[:width].rstrip() for line in app.lines] == [
                table.render_line(y).text.rstrip() for y in range(12)
            ]
            if order:
                assert app.lines[1 + table.rows.cursor - table.scroll_offset.y].startswith("▌")


async def test_only_the_lines_that_differ_are_painted(monkeypatch) -> None:
    values = dict.fromkeys(numbered(1000), "old")
    table = Table(COLUMNS)
    async with Stage(table).run_test(size=(40, 12)) as pilot:
        table.show(list(values), plain(values))
        await pilot.pause()
        painted: list[int] = []
        draw = table.render_line
        monkeypatch.setattr(table, "render_line", lambda y: painted.append(y) or draw(y))  # type: ignore[func-returns-value]
        values["k00003"] = values["k00500"] = "new"
        table.show(list(values), plain(values))
        await until(pilot, lambda: painted)
        assert painted == [4]


async def test_a_hundred_thousand_rows_cost_as_little_as_those_in_view() -> None:
    asked, table, keys = list[str](), Table(COLUMNS), numbered(100_000)
    async with Stage(table).run_test(size=(40, 12)) as pilot:
        table.show(keys, lambda key: asked.append(key) or (Cell(key), Cell(""), Cell("")))  # type: ignore[func-returns-value]
        table.edge(True)
        await pilot.pause()
        assert table.rows.key == keys[-1] and len(set(asked)) < 40


async def test_titles_can_be_clicked_and_carry_the_arrow() -> None:
    table = Table(COLUMNS)
    app = Stage(table)
    async with app.run_test(size=(40, 12)) as pilot:
        table.show(numbered(3), plain({}))
        table.order("value", True)
        await pilot.pause()
        assert app.lines[0].split() == ["Key", "value▼", "far", "away"]
        await pilot.click(Table, offset=(3, 0))
        await pilot.click(Table, offset=(12, 0))
        assert app.heard == ["key", "value"]


async def test_a_cursor_for_columns_brings_its_column_into_view() -> None:
    columns = [Column(str(number), f"column {number}", 11, fixed=True) for number in range(12)]
    table = Table(columns)
    table.column = 0
    app = Stage(table)
    async with app.run_test(size=(40, 6)) as pilot:
        table.show(["a"], lambda _key: [Cell(str(number)) for number in range(12)])
        for wanted in (*range(1, 12), *range(10, -1, -1)):
            table.sideways(1 if wanted > table.column else -1)
            await pilot.pause()
            assert table.column == wanted and f"[column {wanted}]" in app.lines[0]


async def test_what_would_move_a_cursor_is_not_drawn() -> None:
    table = Table(COLUMNS)
    app = Stage(table)
    async with app.run_test(size=(40, 6)) as pilot:
        table.show(["a"], lambda _key: (Cell("a\x1b[2J"), Cell("b\nc\td"), Cell("e")))
        await pilot.pause()
        assert app.lines[1].split()[1:] == ["a·[2J", "b·c·d", "e"]
