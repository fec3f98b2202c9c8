"""The log of a run as an operator uses it: filtered, searched, marked, saved, copied, while it grows."""

from __future__ import annotations

import json

import pytest

from engine.files import sha256
from engine.run import Run
from engine.workspace import Workspace
from tests.tui.helpers import LARGE, SMALL, Moving, done, opened, sees, until, words
from tui.app import FootplateApp
from tui.screens.run import RunScreen

LINES = [
    f"2026-02-03 step {n} loss={1 / (n + 1):.4f}" + (" WARNING: slow" if n % 10 == 3 else " ERROR: bad" * (n == 42))
    for n in range(100)
]


def _run(workspace: Workspace) -> Run:
    run = done(workspace)
    run.log.write_text("".join(f"{line}\n" for line in LINES))
    return run


def _screen(app: FootplateApp) -> RunScreen:
    assert isinstance(app.screen, RunScreen)
    return app.screen


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_filter_shows_what_fits_while_it_is_typed_and_the_place_is_kept(workspace: Workspace, size) -> None:
    app = opened(workspace, _run(workspace))
    async with app.run_test(size=size) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "g", "ampersand", *"warning|level:error")
        await sees(pilot, "11 of 100 lines", "step 42 ", "ERROR: bad")
        assert "step 44 " not in words(app)
        await pilot.press("enter", "plus")
        await sees(pilot, "1 line around", "31 of 100 lines", "▌ 2026-02-03 step 3 ")
        await pilot.press("minus", "slash", *"error", "enter")
        await sees(pilot, "match 1 of 1")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: "of 100 lines" not in words(app), "all lines again")
        await pilot.press("ampersand", *"nowhere", "enter")
        await sees(pilot, "0 of 100 lines", "no line fits the filter")
        await pilot.press("j", "G", "m", "apostrophe", "w", "g", "plus", "escape")
        await until(pilot, lambda: "no line fits" not in words(app) and "WARNING" in words(app), "all lines again")
        assert app.screen.NAME == "run"


async def test_the_log_of_the_next_run_is_shown_from_its_end_too(workspace: Workspace) -> None:
    first, second = done(workspace, "first"), done(workspace, "second")
    for run in (first, second):
        run.log.write_text("".join(f"{run.id} line {n}\n" for n in range(500)))
    app = opened(workspace, first)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l")
        await sees(pilot, f"{first.id} line 499", "line 500 of 500")
        await pilot.press("q")
        await until(pilot, lambda: app.screen.NAME != "run", "another screen")
        app.open_run(second.id)
        await sees(pilot, "✓ done")
        await pilot.press("l")
        await sees(pilot, f"{second.id} line 499", "line 500 of 500")
        assert _screen(app).panes.log_view.follow


async def test_leaving_a_filter_keeps_the_line_at_the_top(workspace: Workspace) -> None:
    run = done(workspace)
    run.log.write_text("".join(f"line {n}{' odd' * (n % 2)}\n" for n in range(5000)))
    app = opened(workspace, run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "g", "ampersand", *"odd", "enter")
        await sees(pilot, "2,500 of 5,000 lines", "line 1 odd")
        await pilot.press("pagedown", "pagedown")
        top = _screen(app).panes.log_view.top
        await pilot.press("escape")
        await until(pilot, lambda: _screen(app).panes.log_view.count == 5000)
        assert _screen(app).panes.log_view.top == top > 20


async def test_a_filter_goes_on_while_the_log_grows(workspace: Workspace) -> None:
    moving = Moving(workspace)
    moving.step(lines=50)
    app = opened(workspace, moving.run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "● running")
        await pilot.press("l", "ampersand", *"1.7|2.7|half", "enter")
        await sees(pilot, "1 of 50 lines")
        moving.step(lines=50)
        await sees(pilot, "2 of 100 lines", "step 2.7", "line 58 of 100")
        with moving.run.log.open("a") as log:
            log.write("a half line")
        await sees(pilot, "3 of 101 lines", "a half line")
        with moving.run.log.open("a") as log:
            log.write(" that becomes whole\nand another\n")
        await sees(pilot, "3 of 102 lines", "a half line that becomes whole")
    moving.end()


async def test_what_was_typed_before_comes_back(workspace: Workspace) -> None:
    app = opened(workspace, _run(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "slash", *"bad", "enter", "escape", "slash", *"slow", "enter")
        await sees(pilot, "of 10")
        await pilot.press("escape", "slash", "up")
        await sees(pilot, "of 10")
        await pilot.press("up")
        await sees(pilot, "match 1 of 1")
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "match" not in words(app))


async def test_a_bad_pattern_is_shown_and_never_raised(workspace: Workspace) -> None:
    app = opened(workspace, _run(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "ampersand", *"/step (/")
        await sees(pilot, "✗ /step (/: missing ), unterminated subpattern")
        await pilot.press("escape", "slash", *"step [", "enter")
        await sees(pilot, "✗ searched as it stands", "no match")


async def test_an_expression_that_never_ends_stops_nothing(workspace: Workspace) -> None:
    run = done(workspace)
    run.log.write_text(("a" * 64 + "b\n") * 100)
    app = opened(workspace, run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "slash", *"(a+)+$", "enter")
        await sees(pilot, "0% looked at")
        await pilot.press("escape", "slash", *"ab", "enter")
        await sees(pilot, "of 100")


async def test_least_level_and_wrap_and_times_are_kept(workspace: Workspace) -> None:
    app = opened(workspace, _run(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "L")
        await sees(pilot, "level warning or worse", "11 of 100 lines")
        await pilot.press("L", "w", "t")
        await sees(pilot, "1 of 100 lines", "times as seen here")
        kept = json.loads(json.dumps(_screen(app).kept()))
        await pilot.press("L", "w", "t")
        await until(pilot, lambda: not _screen(app).panes.log_view.wrap)
        _screen(app).restore(kept)
        await sees(pilot, "level error or worse", "1 of 100 lines", "times as seen here")
        assert _screen(app).panes.log_view.wrap


async def test_lines_are_marked_and_copied(workspace: Workspace) -> None:
    app = opened(workspace, _run(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "g", "m", "slash", *"error:", "enter")
        await sees(pilot, "match 1 of 1")
        await pilot.press("m")
        await sees(pilot, "● 2026-02-03 step 42", "2 marks")
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == f"{LINES[0]}\n{LINES[42]}\n")
        await pilot.press("apostrophe", "apostrophe")
        await sees(pilot, "● 2026-02-03 step 0")
        await pilot.press("escape", "m")
        await sees(pilot, "1 mark")
        await pilot.click("#log", offset=(10, 3))
        await sees(pilot, "2 marks")


async def test_what_is_saved_is_the_file_or_what_is_shown_of_it(workspace: Workspace) -> None:
    run = _run(workspace)
    with run.log.open("ab") as log:
        log.write(b"\x1b[31mERROR\x1b[0m \xff\x00 end\r\nno end")
    app = opened(workspace, run)
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "S")
        await sees(pilot, "Save all 102 lines")
        await pilot.press("y")
        saved = workspace.root / "saved" / f"{run.id}-log.txt"
        await until(pilot, lambda: app.lab.undos, "to be saved")
        assert sha256(saved) == sha256(run.log)
        await pilot.press("ampersand", *"error|end", "enter")
        await sees(pilot, "3 of 102 lines")
        await pilot.press("S", "y")
        await until(pilot, lambda: len(app.lab.undos) == 2, "to be saved")
        filtered = workspace.root / "saved" / f"{run.id}-log-filtered.txt"
        assert filtered.read_bytes() == f"{LINES[42]}\n".encode() + b"\x1b[31mERROR\x1b[0m \xff\x00 end\r\nno end"
        await pilot.press("z", "y")
        await until(pilot, lambda: not filtered.exists())


async def test_a_log_that_is_replaced_is_shown_from_its_new_beginning(workspace: Workspace) -> None:
    moving = Moving(workspace)
    moving.step(lines=30)
    app = opened(workspace, moving.run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "● running")
        await pilot.press("l", "ampersand", *"step", "enter")
        await sees(pilot, "30 of 30 lines")
        moving.run.log.rename(moving.run.log.with_suffix(".1"))
        await sees(pilot, "the file was deleted", "30 of 30 lines")
        moving.run.log.write_text("step one of another\nno\n")
        await sees(pilot, "1 of 2 lines", "step one of another")
        await until(pilot, lambda: any("cut or replaced" in told.message for told in app._notifications))
    moving.end()
