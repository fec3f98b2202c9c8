"""Files of a run: tables page by page, trees that fold, pictures in what colours there are; and the process behind."""

from __future__ import annotations

import importlib
import os
import re
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import ColorSystem
from textual.app import App, ComposeResult
from textual.widget import Widget

from engine.errors import DataError
from engine.files import sha256
from engine.look.tree import Node
from engine.look.view import Arrangement
from engine.run import Run
from engine.workspace import Workspace
from tests.lab import until as wait
from tests.tui.helpers import LARGE, SMALL, done, opened, sees, shown, tell, until, words
from tui.pages import Page
from tui.services import artifacts, peek
from tui.services.looker import Looker, Outdated, looker
from tui.theme import DARK
from tui.widgets.halfblocks import LEVELS, PixelStrip, blocks, signs
from tui.widgets.paged import Paged, Places
from tui.widgets.picture import Picture
from tui.widgets.tree import Tree

RED, BLUE = b"\xff\x00\x00", b"\x00\x00\xff"


class Stage(App[None]):
    """A widget on a screen of its own, which hears what it asks for."""

    CSS = (
        "#it { width: 100%; height: 100%; overflow-x: hidden; scrollbar-size-horizontal: 0; scrollbar-gutter: stable; }"
    )
    no_color = False

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self._widget, self.heard = widget, list[object]()

    def compose(self) -> ComposeResult:
        yield self._widget

    def on_paged_wanted(self, message: Paged.Wanted) -> None:
        self.heard.append((message.first, message.count, message.around))

    def on_tree_unfolded(self, message: Tree.Unfolded) -> None:
        self.heard += message.places

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]


def with_file(workspace: Workspace, name: str, text: str | bytes) -> Run:
    """A run that is done and has made this file."""
    run = done(workspace)
    path = run.artifacts / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    entry = {"name": name, "about": "made by a test", "size_bytes": path.stat().st_size, "sha256": sha256(path)}
    tell(run, title="a good one", state="done", ended_at=time.time(), exit_code=0, artifacts=(entry,))
    return run


# --- previews -------------------------------------------------------------------------------------------------------


def test_previews_show_what_a_file_is(workspace: Workspace) -> None:
    run = done(workspace)
    contents = {"a.json": '{"a":[1]}', "b.json": "{broken", "c.csv": "a,b\n1\n2,3,4\n", "d.bin": b"\0\1", "e.txt": "x",
                "f.csv": "", "g.png": b"no picture", "h.jsonl": '{"a": 1}\n'}  # fmt: skip
    for name, content in contents.items():
        (run.artifacts / name).write_bytes(content.encode() if isinstance(content, str) else content)
    look = {name: artifacts.preview(workspace, run.id, name, 40, 10) for name in contents}
    assert [node.place for node in look["a.json"].nodes] == [(), ("a",)]
    assert look["b.json"].kind == "text" and look["b.json"].text == "{broken" and "not JSON" in look["b.json"].words
    page = look["c.csv"].page
    assert page is not None and (page.columns, page.rows) == (("a", "b"), (("1", ""), ("2", "3,4")))
    assert "binary" in look["d.bin"].words and look["e.txt"].kind == "text" and look["h.jsonl"].kind == "table"
    assert "empty table" in look["f.csv"].words and "not a picture" in look["g.png"].words
    assert "cannot be read" in artifacts.preview(workspace, run.id, "missing", 40, 10).words


def test_a_large_text_is_read_in_part_and_says_so(workspace: Workspace, monkeypatch) -> None:
    monkeypatch.setattr(peek, "MOST_BYTES", 1000)
    run = with_file(workspace, "large.txt", "x\n" * 5000)
    assert "more are not shown" in artifacts.preview(workspace, run.id, "large.txt", 40, 10).words


def test_rows_come_in_any_order_and_facts_with_them(workspace: Workspace) -> None:
    run = with_file(workspace, "t.csv", "n,w\n" + "".join(f"{n},w{n % 3}\n" for n in range(100)))
    page = artifacts.rows(workspace, run.id, "t.csv", "w:w1", 0, True, 0, 5, 40)
    assert page is not None and page.rows[page.place - page.first] == ("40", "w1") and page.count == 33
    assert artifacts.facts(workspace, run.id, "t.csv", "w:w1", 0) == "n: 33 rows · min 1 · mean 49 · max 97"


def test_a_picture_becomes_pixels_that_fit(workspace: Workspace) -> None:
    run = done(workspace)
    importlib.import_module("PIL.Image").new("RGB", (400, 100), (255, 0, 0)).save(run.artifacts / "red.png")
    found = artifacts.preview(workspace, run.id, "red.png", 40, 10)
    assert found.pixels is not None and (found.pixels.width, found.pixels.height) == (40, 10)
    assert found.pixels.data[:3] == RED and found.words == "PNG 400×100 RGB · dark all over"


def test_a_process_that_is_gone_is_told_and_started_again(workspace: Workspace) -> None:
    path = str(with_file(workspace, "t.json", "[1]").artifacts / "t.json")
    own = Looker()
    assert len(own.ask("below", path=path, place=())) == 2
    process = own._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    import threading

    said: list[str] = []

    def ask() -> None:
        try:
            own.ask("below", path=path, place=())
        except DataError as error:
            said.append(error.message)

    thread = threading.Thread(target=ask)
    thread.start()
    wait(lambda: own._waiting, "the question is asked")
    own.close()
    thread.join(20)
    assert said == ["the process that looks into files has ended"]
    assert len(own.ask("below", path=path, place=())) == 2
    own.close()


def test_an_outdated_question_is_given_up(workspace: Workspace) -> None:
    run = with_file(workspace, "t.csv", "n\n" + "".join(f"{n}\n" for n in range(200_000)))
    path = str(run.artifacts / "t.csv")
    question = {"path": path, "first": 0, "count": 1, "around": -1}
    import threading

    ends: list[object] = []

    def ask(text: str) -> None:
        try:
            ends.append(looker.ask("rows", **question, arranged=[text, None, False])["count"])
        except Outdated:
            ends.append(text)

    first = threading.Thread(target=ask, args=("n>1",))
    first.start()
    wait(lambda: looker._waiting or ends, "it is asked")
    ask("n>199990")
    first.join()
    assert ends in (["n>1", 9], [199_998, 9])  # given up, unless it was done before


# --- the table ------------------------------------------------------------------------------------------------------


def page(first: int, count: int, *, arranged: Arrangement | None = None, place: int = -1, of: int = 1000) -> Page:
    """Rows of a table that holds its own numbers."""
    rows = tuple((str(n), f"w{n}") for n in range(first, min(first + count, of)))
    numbers = tuple(range(first, first + len(rows)))
    return Page(arranged or Arrangement(), ("n", "word"), of, of, first, True, numbers, rows, place)


async def test_rows_that_are_not_there_are_asked_for_when_they_come_into_view() -> None:
    table = Paged(id="it")
    app = Stage(table)
    async with app.run_test(size=(40, 12)) as pilot:
        table.begin(page(0, 60))
        await pilot.pause()
        assert app.lines[1].split()[-2:] == ["0", "w0"] and not app.heard
        table.edge(True)
        await until(pilot, lambda: app.heard)
        first, count, around = app.heard[-1]  # type: ignore[misc]
        assert first <= 989 and first + count >= 1000 and around == -1
        table.take(page(first, count))
        await pilot.pause()
        assert app.lines[-1].split()[-2:] == ["999", "w999"]


async def test_another_order_leaves_the_cursor_on_its_row() -> None:
    table = Paged(id="it")
    app = Stage(table)
    async with app.run_test(size=(40, 12)) as pilot:
        table.begin(page(0, 60))
        table.go(7)
        table.sort()
        await until(pilot, lambda: app.heard)
        assert app.heard[0] == (0, 60, 7) and table.arranged == Arrangement("", 0, False)
        table.take(page(0, 60))  # of an order that is not wanted any more
        table.take(page(480, 60, arranged=table.arranged, place=500))
        await pilot.pause()
        assert table.rows.cursor == 500 and "[n▲]" in app.lines[0]
        assert next(line for line in app.lines if line.startswith("▌")).split()[1] == "500"
        table.sort()
        assert table.arranged.reverse
        table.sort()
        assert table.arranged == Arrangement()


async def test_a_column_becomes_wider_where_later_rows_need_it() -> None:
    table = Paged(id="it")
    app = Stage(table)
    async with app.run_test(size=(40, 12)) as pilot:
        table.begin(Page(Arrangement(), ("n",), 500_000, 500_000, 0, True, (0,), (("0",),)))
        table.edge(True)
        table.take(Page(Arrangement(), ("n",), 500_000, 500_000, 499_999, True, (499_999,), (("499999",),)))
        await pilot.pause()
        assert app.lines[-1].split()[-1] == "499999"


def test_keys_of_a_hundred_million_rows_take_no_room() -> None:
    keys = Places(100_000_000)
    assert (len(keys), keys[5], keys[-1], keys[1:3]) == (100_000_000, "5", "99999999", ["1", "2"])


# --- the tree -------------------------------------------------------------------------------------------------------

ROOT_NODES = [Node((), "object", 2), Node(("a",), "array", 2), Node(("b",), "text", said='"x"')]
BELOW_A = [Node(("a", 0), "number", said="1"), Node(("a", 1), "object", 0)]


async def test_a_tree_unfolds_what_it_is_given_and_asks_for_the_rest() -> None:
    tree = Tree(id="it")
    app = Stage(tree)
    async with app.run_test(size=(40, 8)) as pilot:
        tree.focus()
        tree.begin(ROOT_NODES)
        await pilot.pause()
        assert [line.strip() for line in app.lines[:3]] == ["▌ ▾ {2 keys}", "▸ a: [2 values]", 'b: "x"']
        tree.move(1)
        tree.sideways(1)
        await until(pilot, lambda: app.heard == [("a",)])
        tree.take(("a",), BELOW_A)
        await pilot.pause()
        assert [line.strip() for line in app.lines[2:5]] == ["0  1", "1  {0 keys}", 'b: "x"']
        tree.move(1)
        tree.sideways(-1)
        assert tree.node == ROOT_NODES[1]
        tree.sideways(-1)
        await pilot.pause()
        assert "▸ a" in app.lines[1] and len(tree.rows.keys) == 3


async def test_what_is_found_is_unfolded_to() -> None:
    tree = Tree(id="it")
    app = Stage(tree)
    async with app.run_test(size=(40, 8)) as pilot:
        tree.begin(ROOT_NODES)
        tree.show_found([("a", 1), ("b",)])
        await until(pilot, lambda: app.heard == [("a",)])
        tree.take(("a",), BELOW_A)
        assert tree.node == BELOW_A[1]
        tree.next_found(1)
        assert tree.node == ROOT_NODES[2]
        tree.next_found(1)
        assert tree.node == BELOW_A[1]


# --- pictures -------------------------------------------------------------------------------------------------------


def drawn(app: Stage, picture: Picture) -> str:
    """What is written to the terminal for the first line."""
    return picture.render_line(0).render(app.console)


@pytest.mark.parametrize(
    ("system", "first"),
    [(ColorSystem.TRUECOLOR, "\x1b[38;2;255;0;0;48;2;0;0;255m▀▀"), (ColorSystem.EIGHT_BIT, "\x1b[38;5;196;48;5;21m▀▀")],
)
async def test_a_picture_shows_two_pixels_a_cell_in_the_colours_that_there_are(system: ColorSystem, first: str) -> None:
    picture = Picture(id="it")
    app = Stage(picture)
    async with app.run_test(size=(10, 4)) as pilot:
        app.console._color_system = system
        picture.show(RED * 4 + BLUE * 4 + RED * 4, 4)
        await pilot.pause()
        assert drawn(app, picture).startswith(first) and app.lines[:3] == ["▀▀▀▀", "▀▀▀▀", ""]


@pytest.mark.parametrize("colourless", [True, False])
async def test_without_colours_a_picture_is_made_of_signs(colourless: bool) -> None:
    picture = Picture(id="it")
    app = Stage(picture)
    async with app.run_test(size=(10, 4)) as pilot:
        app.console._color_system = ColorSystem.TRUECOLOR if colourless else ColorSystem.STANDARD
        app.no_color = colourless
        picture.show((b"\xff\xff\xff" * 2 + b"\0\0\0" * 2) * 2, 4)
        await pilot.pause()
        assert app.lines[0] == "@@"


def test_each_cell_of_a_strip_can_still_be_taken_apart() -> None:
    (strip,) = blocks(RED * 3 + BLUE * 3, 3, 256, 5)
    assert isinstance(strip, PixelStrip) and strip.cell_length == 5
    left = strip.crop(0, 2)
    assert left.text == "▀▀" and left._segments[0].style is not None
    assert left._segments[0].style.color.triplet == (255, 0, 0)  # type: ignore[union-attr]


def test_greys_of_256_are_finer_than_the_cube_and_signs_turn_round_on_paper() -> None:
    (strip,) = blocks(bytes((100, 100, 100, 8, 8, 8)), 1, 256)
    assert re.findall(r"8;5;(\d+)", strip._render_cache or "") == ["241", "232"]
    from rich.style import Style

    assert signs(b"\xff" * 6, 1, Style(), dark=True)[0].text == "@" and LEVELS[-1] == 255
    assert signs(b"\xff" * 6, 1, Style(), dark=False)[0].text == " "


# --- on the screen --------------------------------------------------------------------------------------------------

TABLE = "fold,word,score\n" + "".join(f'{n},"w, {n % 7}",{(n * 37) % 101 / 100}\n' for n in range(3000))


async def test_a_table_is_sorted_filtered_and_told_of(workspace: Workspace) -> None:
    app = opened(workspace, with_file(workspace, "t.csv", TABLE))
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("tab", "tab", "tab")
        await sees(pilot, "3,000 rows, 3 columns", "w, 3", "fold: 3,000 rows · min 0 · mean 1,499.5 · max 2,999")
        await pilot.press("enter", "right", "right", "o")
        await sees(pilot, "[score▲]", "score: 3,000 rows · min 0 · mean 0.500 · max 1")
        await pilot.press("O", "g")
        await sees(pilot, "[score▼]", "1.0")
        await pilot.press("slash", *"score>0.9 !word:/w, [0-5]/")
        await sees(pilot, "of 3,000 rows, 3 columns · /score>0.9 !word:/w, [0-5]/")
        await until(pilot, lambda: "w, 5" not in words(app) and "w, 6" in words(app))
        await pilot.press("enter", "G")
        await until(pilot, lambda: "0.91" in words(app))
        await pilot.press("escape")
        await sees(pilot, " 3,000 rows, 3 columns")
        await pilot.press("escape")
        assert app.focused is not None and app.focused.id == "files-list"


async def test_json_is_folded_searched_and_unfolded(workspace: Workspace) -> None:
    app = opened(workspace, with_file(workspace, "d.json", '{"folds": [{"fold": 1, "hit": true}], "name": "ada"}'))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("tab", "tab", "tab")
        await sees(pilot, "▸ folds: [1 value]", 'name: "ada"')
        await pilot.press("enter", "down", "enter")
        await sees(pilot, "▸ 0  {2 keys}")
        await pilot.press("left")
        await until(pilot, lambda: "▸ 0" not in words(app))
        await pilot.press("slash", *"hit", "enter")
        await sees(pilot, "hit: true", "1 found")
        await until(pilot, lambda: any("▌" in line and "hit: true" in line for line in shown(app)))
        await pilot.press("escape", "asterisk", "asterisk")
        await sees(pilot, "folds")


@pytest.mark.parametrize("plain", [False, True])
async def test_a_picture_is_shown_and_in_words_where_it_is_read_out(workspace: Workspace, plain: bool) -> None:
    path = Path(workspace.root) / "red.png"
    importlib.import_module("PIL.Image").new("RGB", (40, 40), (255, 0, 0)).save(path)
    run = with_file(workspace, "red.png", path.read_bytes())
    app = opened(workspace, run)
    app.lab.options = replace(app.lab.options, plain=plain)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "done")
        await pilot.press("tab", "tab", "tab")
        await sees(pilot, "PNG 40×40 RGB · dark all over")
        assert app.screen.query_one(Picture).display is not plain


async def test_another_file_under_the_cursor_is_another_preview(workspace: Workspace) -> None:
    app = opened(workspace, done(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("tab", "tab", "tab")
        await sees(pilot, "accuracy: 0.75")
        await pilot.press("j")
        await sees(pilot, "30 rows, 2 columns", "[step]")
        await pilot.press("k")
        await sees(pilot, "accuracy: 0.75")
        assert "[step]" not in words(app)
