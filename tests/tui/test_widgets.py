"""Widgets in a small app of their own."""

from __future__ import annotations

from typing import Any

from textual.app import App, ComposeResult
from textual.widget import Widget

from tests.lab import ROOT
from tui import theme
from tui.widgets.columns import Column
from tui.widgets.entry import Typed
from tui.widgets.gauge import Gauges, Reading
from tui.widgets.lines import LineView
from tui.widgets.paint import ansi
from tui.widgets.painter import TextLines
from tui.widgets.table import Table
from tui.widgets.tones import Cell

COLUMNS = (
    Column("key", "key", 6),
    Column("value", "value", 8, flex=1, right=True),
    Column("more", "more", 30, keep=1, fixed=True),
)


class Stage(App[None]):
    """One widget on a screen."""

    CSS_PATH = [ROOT / "tui" / "app.tcss", ROOT / "tui" / "screens.tcss"]  # noqa: RUF012 (Textual reads it so)
    CSS = "Table, LineView, Curve, Picture { width: 100%; height: 100%; padding: 0; }"

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.register_theme(theme.DARK)
        self.theme = theme.DARK.name
        self._widget = widget

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.DARK.variables

    def compose(self) -> ComposeResult:
        yield self._widget


def _lines(app: App[Any]) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def _keys(count: int) -> list[str]:
    return [str(n) for n in range(count)]


def _cells(key: str) -> tuple[Cell, ...]:
    return Cell(f"k{key}"), Cell(f"{int(key) ** 2}"), Cell("…")


async def test_a_table_shows_its_header_and_leaves_out_what_has_no_room() -> None:
    table = Table(COLUMNS, empty="nothing")
    async with Stage(table).run_test(size=(30, 6)) as pilot:
        table.show(_keys(3), _cells)
        await pilot.pause()
        lines = _lines(pilot.app)
        assert lines[0].split() == ["key", "value"] and lines[3].split() == ["k2", "4"]
        assert lines[1].startswith("▌")
        table.show([], _cells, empty="none fits")
        await pilot.pause()
        assert _lines(pilot.app)[1].strip() == "none fits"


async def test_a_refresh_of_a_scrolled_table_leaves_the_cursor_on_its_line() -> None:
    table = Table(COLUMNS)
    async with Stage(table).run_test(size=(30, 11)) as pilot:
        table.show(_keys(100), _cells)
        await pilot.pause()
        table.go(50)
        await pilot.pause()
        before = next(y for y, line in enumerate(_lines(pilot.app)) if line.startswith("▌"))
        table.show([f"{n}" for n in range(-7, 0)] + _keys(100), _cells)
        await pilot.pause()
        lines = _lines(pilot.app)
        assert lines[before].startswith("▌") and "k50" in lines[before] and table.rows.cursor == 57
        table.edge(True)
        table.page(-1)
        await pilot.pause()
        assert table.rows.key == "90"


async def test_rows_that_are_not_in_view_cost_nothing() -> None:
    table, asked, changed = Table(COLUMNS), [], {}

    def cells(key: str) -> tuple[Cell, ...]:
        asked.append(key)
        return Cell(changed.get(key, f"k{key}")), Cell(""), Cell("")

    async with Stage(table).run_test(size=(40, 20)) as pilot:
        table.show(_keys(100_000), cells)
        await pilot.pause()
        assert len(set(asked)) == 19
        drawn, changed["3"] = [], "new"
        table._row = lambda drawing, row=table._row: drawn.append(drawing[0][0].text) or row(drawing)  # type: ignore[method-assign,misc]
        table.show(_keys(100_000), cells)
        await pilot.pause()
        assert drawn == ["new"] and "new" in _lines(pilot.app)[4]


async def test_columns_without_room_come_into_view_sideways() -> None:
    table = Table([Column("name", "name", 8), *(Column(str(n), f"c{n}", 8, fixed=True) for n in range(9))])
    async with Stage(table).run_test(size=(32, 4)) as pilot:
        table.show(["x"], lambda key: [Cell(key), *(Cell(str(n)) for n in range(9))])
        await pilot.pause()
        assert _lines(pilot.app)[0].split() == ["name", "c0", "c1"]
        table.sideways(8)
        await pilot.pause()
        assert _lines(pilot.app)[0].split() == ["name", "c1", "c2"]
        for _ in range(20):
            table.sideways(8)
        await pilot.pause()
        assert [line.split() for line in _lines(pilot.app)[:2]] == [["name", "c7", "c8"], ["▌", "x", "7", "8"]]


async def test_a_mouse_moves_the_cursor_and_opens() -> None:
    opened: list[str] = []

    class Clicked(Stage):
        def on_table_opened(self, message: Table.Opened) -> None:
            opened.append(message.key)

    table = Table(COLUMNS)
    async with Clicked(table).run_test(size=(30, 8)) as pilot:
        table.show(_keys(3), _cells)
        await pilot.pause()
        await pilot.click(Table, offset=(4, 3))
        assert table.rows.key == "2" and opened == []
        await pilot.click(Table, offset=(4, 3))
        assert opened == ["2"]


async def test_lines_with_junk_in_them_are_shown_harmlessly() -> None:
    view = LineView(paint=ansi)
    async with Stage(view).run_test(size=(20, 6)) as pilot:
        view.show(
            TextLines("\x1b[31mred\x1b[0m\n\x00\x07\x1b[2J\tx\n" + "y" * 1000 + "\n\u202eabc\n漢字漢字漢字漢字漢字漢字")
        )
        await pilot.pause()
        lines = _lines(pilot.app)
        assert lines[0] == "red" and lines[1] == "··    x" and lines[2] == "y" * 19 and lines[3] == "·abc"
        assert all(strip.cell_length == 20 for strip in pilot.app.screen._compositor.render_strips())
        view.sideways(8)
        await pilot.pause()
        assert _lines(pilot.app)[2] == "y" * 19 and _lines(pilot.app)[0] == ""


async def test_wrapped_lines_scroll_by_line_and_end_at_the_end() -> None:
    view = LineView()
    async with Stage(view).run_test(size=(11, 5)) as pilot:
        view.show(TextLines("\n".join(f"{n}:" + "x" * 20 for n in range(10))))
        view.set_wrap(True)
        await pilot.pause()
        assert _lines(pilot.app)[0].startswith("0:") and _lines(pilot.app)[3].startswith("1:")
        view.move(1)
        await pilot.pause()
        assert _lines(pilot.app)[0] == "x" * 10 and _lines(pilot.app)[2].startswith("1:")
        view.move(2)
        await pilot.pause()
        assert _lines(pilot.app)[0].startswith("1:")
        view.move(-1)
        await pilot.pause()
        assert _lines(pilot.app)[0] == "xx"
        view.edge(True)
        await pilot.pause()
        assert _lines(pilot.app)[2].startswith("9:") and _lines(pilot.app)[4] == "xx"
        view.set_wrap(False)
        await pilot.pause()
        assert view.virtual_size.height == 10


async def test_a_growing_text_is_followed_until_somebody_moves_away() -> None:
    source = TextLines("a\nb")
    view = LineView()
    async with Stage(view).run_test(size=(20, 4)) as pilot:
        view.show(source)
        view.set_follow(True)
        source._lines += [str(n) for n in range(20)]
        view.grew()
        await pilot.pause()
        assert _lines(pilot.app)[-1] == "19"
        view.move(-1)
        source._lines.append("20")
        view.grew()
        await pilot.pause()
        assert not view.follow and _lines(pilot.app)[-1].split()[0] == "18"


async def test_a_gauge_without_room_leaves_out_its_history() -> None:
    gauges = Gauges()
    async with Stage(gauges).run_test(size=(70, 4)) as pilot:
        gauges.show([Reading("cpu", 0.5, "1.0 cores", [0.0, 0.5, 1.0])])
        await pilot.pause()
        assert "━━━━━━──────" in _lines(pilot.app)[0] and " ▄█" in _lines(pilot.app)[0]
        await pilot.resize_terminal(36, 4)
        await pilot.pause()
        assert "█" not in _lines(pilot.app)[0] and "1.0 cores" in _lines(pilot.app)[0]


async def test_keys_that_are_typed_fast_arrive_in_order() -> None:
    line = Typed()
    async with Stage(line).run_test(size=(20, 4)) as pilot:
        line.display = True
        line.focus()
        await pilot.pause()
        from textual import events

        for key, sign in (("a", "a"), ("b", "b"), ("backspace", None), ("c", "c"), ("home", None), ("d", "d")):
            pilot.app.post_message(events.Key(key, sign))
        await pilot.pause()
        await pilot.pause()
        assert line.value == "dac"
