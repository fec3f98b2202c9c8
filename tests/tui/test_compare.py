"""The Compare screen: used by keys alone, live, with everything that can be missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import pytest

from engine.compare import paired
from engine.events import Metric
from engine.run import Run
from engine.stats.paired import compared
from engine.workspace import Workspace
from tests.engine.compare.studies import rows, staged, studied
from tests.tui.helpers import LARGE, SMALL, Moving, opened, say, sees, shown, until
from tui.app import FootplateApp
from tui.screens.compare import CompareScreen
from tui.screens.compare_panes import ComparePanes

LABELS = list("aabbaabbabccab")


@pytest.fixture(autouse=True)
def computed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process of its own for numpy, which takes a second each time; tests/engine/compare starts real ones."""
    names = ("labels", "one", "other", "groups", "classes")

    def ask(question: Mapping[str, Any]) -> list[dict[str, Any]]:
        how = {name: question[name] for name in ("replicates", "swaps", "seed")}
        return [compared(**{name: pair[name] for name in names}, **how) for pair in question["pairs"]]

    monkeypatch.setattr(paired, "ask", ask)


def two(workspace: Workspace) -> tuple[Run, Run]:
    """A worse and a better run on the same items, with a curve each, and a change of spec and code."""
    one = studied(workspace, "the first", rows(LABELS, ["a"] * 14), code={"engine/a.py": "one = 1\n"})
    other = studied(workspace, "the second", rows(LABELS, LABELS), lr="0.25", code={"engine/a.py": "one = 2\n"},
                    environment={"host": "elsewhere"})  # fmt: skip
    one = Run(one.folder.rename(one.folder.with_name(f"2020{one.id[4:]}")))  # made long before the other
    for run, factor in ((one, 1.0), (other, 0.5)):
        say(run, *(Metric("kind.loss", factor / n, n) for n in range(1, 30)))
    return one, other


def comparing(workspace: Workspace, *runs: Run) -> FootplateApp:
    app = opened(workspace)
    app.lab.compared = [run.id for run in runs]
    return app


async def test_without_runs_it_says_how_to_choose_them(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("5")
        await sees(pilot, "nothing to compare", "mark two runs or more by space on 2, then c; or i adds one here")
        await pilot.press("S")
        await sees(pilot, "nothing is compared yet; i adds a run")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_marked_runs_stand_side_by_side(workspace: Workspace, size: tuple[int, int]) -> None:
    one, other = two(workspace)
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await sees(pilot, "the first", "the second")
        await pilot.press("space", "space", "c")
        await sees(pilot, "a the first · b the second", "kind.accuracy", "0.429", "1 +0.571")
        await sees(pilot, "b − a  +0.571  95 % ", "14 items, 7 groups")
        await pilot.press("tab")
        await sees(pilot, "kind.loss", "a the first 0.034", "b the second 0.017")
        await pilot.press("tab")
        await sees(pilot, "0.600 > 0.5 ✓")
        await pilot.press("tab")
        await sees(pilot, "train.lr", "≠ 0.25", "3 keys are the same")
        await pilot.press("tab")
        await sees(pilot, "engine/a.py", "≠ changed +1 −1")
        await pilot.press("j", "enter")
        await sees(pilot, f"--- {one.id}/engine/a.py", "-one = 1", "+one = 2")
        await pilot.press("escape")
        await sees(pilot, "≠ changed +1 −1")
        await pilot.press("tab")
        await sees(pilot, "host", "≠ elsewhere")
        await pilot.press("tab")
        await sees(pilot, "a ref", "1 accuracy", *([other.id] if size == LARGE else []))


async def test_runs_are_left_out_added_and_made_the_reference(workspace: Workspace) -> None:
    one, other = two(workspace)
    third = studied(workspace, "the third", rows(LABELS[:8], LABELS[:8]))
    app = comparing(workspace, one, other)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await pilot.press("5")
        await sees(pilot, "a the first · b the second")
        await pilot.press("u")
        await sees(pilot, "choose the run in the pane runs")
        await pilot.press("i")
        await pilot.press(*"third", "enter")
        await sees(pilot, "c the third", "c not paired with a: different test items: 14 and 8, 8 in common")
        await pilot.press("p")
        await sees(pilot, "c − a", "8 items, 4 groups")
        await pilot.press("shift+tab")
        await sees(pilot, "a ref")
        await pilot.press("j", "b")
        await sees(pilot, "a ref", "a the second · b the first · c the third")
        await pilot.press("g", "u")
        await sees(pilot, "a the first · b the third")
        assert app.lab.compared == [one.id, third.id]
        await pilot.press("u")
        await sees(pilot, "one run is chosen: i adds another")


async def test_a_moving_run_is_shown_as_it_moves(workspace: Workspace) -> None:
    one, _ = two(workspace)
    moving = Moving(workspace)
    moving.step()
    app = comparing(workspace, one, moving.run)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("5")
        await sees(pilot, "b a live one", "kind.accuracy")
        moving.tell(latest={"loss": 0.125})
        await sees(pilot, "loss", "0.125")
        await pilot.press("tab")
        await sees(pilot, "b a live one 1")
        moving.step()
        await sees(pilot, "b a live one 0.500")
        moving.tell(state="done", metrics={"kind.accuracy": 0.75}, ended_at=time.time(), exit_code=0)
        await pilot.press("shift+tab")
        await sees(pilot, "0.750 +0.321")
    moving.end()


async def test_the_comparison_is_written_after_a_question_and_never_read_only(workspace: Workspace) -> None:
    app = comparing(workspace, *two(workspace))
    folder = workspace.root / "comparisons"
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await pilot.press("5")
        await sees(pilot, "kind.accuracy", "14 items, 7")
        app.lab.gate.closed = "this is a look only"
        await pilot.press("S")
        await sees(pilot, "this is a look only")
        assert not folder.exists()
        app.lab.gate.closed = ""
        await pilot.press("S")
        await sees(pilot, "Write the comparison of 2 runs as Markdown and CSV?")
        await pilot.press("y")
        await sees(pilot, "written: ")
        assert sorted(path.suffix for path in folder.iterdir()) == [".csv", ".md"]
        assert any("compare" in call.what and call.ok for call in app.lab.gate.calls)


async def test_eight_runs_scroll_by_columns_and_a_ninth_is_refused(workspace: Workspace) -> None:
    runs = [studied(workspace, f"run {n}", rows(LABELS, LABELS)) for n in range(9)]
    app = comparing(workspace, *runs[:8])
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("5")
        await sees(pilot, "kind.accuracy", "a run 0", "h − a")
        assert "g run 6 " not in shown(app)[3]
        await pilot.press(*["right"] * 7)
        await sees(pilot, "h run 7")
        await pilot.press("i")
        await sees(pilot, "8 runs are all that can stand side by side")


async def test_a_run_that_is_gone_is_named_and_breaks_nothing(workspace: Workspace) -> None:
    one, other = two(workspace)
    app = comparing(workspace, one, other)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await pilot.press("5")
        await sees(pilot, "1 +0.571")
        shutil.rmtree(other.folder)
        app.look_again()
        await until(pilot, lambda: app.lab.entry(other.id) is None, "the catalog to miss it")
        await sees(pilot, f"no run '{other.id}'")


async def test_what_was_looked_at_is_kept_and_restored(workspace: Workspace) -> None:
    one, other = two(workspace)
    app = comparing(workspace, one, other)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("5")
        await sees(pilot, "kind.accuracy")
        await pilot.press("tab", "v", "s", "p")
        await sees(pilot, "(log, smoothed 0.6)")
        assert isinstance(app.screen, CompareScreen)
        kept = app.screen.kept()
    assert kept == {"compared": [one.id, other.id], "pane": "curves", "common": True,
                    "curves": {"log": True, "smooth": 0.6, "hidden": []}}  # fmt: skip
    again = opened(workspace)
    async with again.run_test(size=SMALL) as pilot:
        await pilot.press("5")
        await sees(pilot, "nothing to compare")
        assert isinstance(again.screen, CompareScreen)
        again.screen.restore({**kept, "unknown": 1, "pane": "curves"})
        await sees(pilot, "(log, smoothed 0.6)", "a the first")
        again.screen.restore({"compared": 7, "pane": "nowhere", "curves": {"smooth": "much", "hidden": 3}})


async def test_every_pane_is_drawn_at_every_size_without_colours(workspace: Workspace, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = comparing(workspace, *two(workspace))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("5")
        for _ in ComparePanes.TABS:
            for width, height in ((60, 14), (120, 30), (200, 60)):
                await pilot.resize_terminal(width, height)
                await until(pilot, lambda: app.size.width == app.screen.size.width)
                assert all(len(line) <= width for line in shown(app))
            await pilot.press("tab")


async def test_no_numpy_comes_into_the_screens(workspace: Workspace) -> None:
    code = "import tui.screens.compare, sys; print({'numpy', 'yaml', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


async def test_the_stages_of_one_run_stand_side_by_side_with_how_sure_they_were(workspace: Workspace) -> None:
    run = staged(workspace)
    app = comparing(workspace, run)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("5")
        await sees(pilot, "a ce · b kd", "1 +0.500", "sure raw 0.50-1.00", "0.50 (-0.40) 10 █████", "1.00 (+0.10) 10")
        await pilot.press("shift+tab")
        await sees(pilot, "a ref", "0.500 accuracy", "1 accuracy")
        await pilot.press("j", "b")
        await sees(pilot, "a kd · b ce")
