"""In a real tmux with its default settings: every screen is reached and used by keys alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.labs import screens
from bench.tmux import Tmux, installed
from engine.run import listing
from engine.workspace import Workspace
from tests import lab
from tests.tui.helpers import Moving, done, failed

SMALL, LARGE = (80, 24), (160, 48)
pytestmark = pytest.mark.skipif(not installed(), reason="tmux is not installed")


def opened(workspace: Workspace, size: tuple[int, int], *words: str) -> Tmux:
    own = {name: os.environ[name] for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "FOOTPLATE_SLOTS")}
    return Tmux(screens(workspace, *words), size=size, folder=workspace.root, environment=own)


@pytest.fixture
def filled(workspace: Workspace) -> Iterator[Workspace]:
    done(workspace)
    failed(workspace)
    moving = Moving(workspace)
    moving.step(40)
    yield workspace
    moving.end()


def press(terminal: Tmux, key: str, words: str) -> None:
    """A key, and what it brings."""
    terminal.keys(key)
    terminal.sees(words)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_every_screen_is_reached_and_used_by_keys(filled: Workspace, size: tuple[int, int]) -> None:
    with opened(filled, size) as terminal:
        terminal.sees("a bad one")
        press(terminal, "2", "3 runs")
        terminal.type("/bad")
        terminal.sees("1 of 3 runs")
        press(terminal, "Enter", "no column 'subject'")
        press(terminal, "Enter", "✗ failed")  # the run
        press(terminal, "l", "DataError")
        press(terminal, "d", "tags")
        press(terminal, "q", "1 of 3 runs")
        terminal.keys("Escape")
        terminal.until(lambda screen: " 3 runs" in screen and "of 3" not in screen, "all runs")
        terminal.type("/good")
        press(terminal, "Enter", "1 of 3 runs")
        press(terminal, "Enter", "✓ done")
        press(terminal, "l", "step 199: fine")
        terminal.type("/step 17:")
        terminal.sees("match 1 of 1")
        press(terminal, "Escape", "line")
        press(terminal, "Tab", "train")
        press(terminal, "Tab", "path.csv")
        press(terminal, "4", "toy")
        terminal.sees("✓ fits")
        press(terminal, "?", "Keys of launch")
        press(terminal, "q", "✓ fits")
        press(terminal, "@", "Command log")
        press(terminal, "q", "✓ fits")
        press(terminal, "2", "1 of 3 runs")
        terminal.keys("Escape")
        terminal.until(lambda screen: " 3 runs" in screen and "of 3" not in screen, "all runs again")
        terminal.keys("g", "Space", "Space", "c")
        terminal.until(
            lambda screen: screen.count("a bad one") and screen.count("a live one"), "both runs side by side"
        )
        terminal.keys("1")
        terminal.sees("Newest results")
        press(terminal, ":", "what it does")
        terminal.type("quit")
        terminal.keys("Enter")
        terminal.until(lambda _: terminal.ended, "the end")


def test_a_run_is_launched_and_stopped_by_keys(workspace: Workspace) -> None:
    (workspace.configs / "toy.yaml").write_text("steps: 100000\nseconds_per_step: 0.02\n")
    with opened(workspace, SMALL) as terminal:
        terminal.sees("no runs yet")
        press(terminal, "4", "✓ fits")
        terminal.keys("G")
        terminal.sees("100000")
        press(terminal, "C-s", "on this machine?")
        press(terminal, "y", "● running")
        press(terminal, "x", "Stop 1 run?")
        press(terminal, "y", "■ stopped")
    assert [lab.ended(run).state for run in listing(workspace)] == ["stopped"]


def test_keys_that_were_typed_ahead_all_arrive(filled: Workspace) -> None:
    """Before anything is painted: to the runs, down, mark, down, mark, to the filter, and a word."""
    with opened(filled, SMALL) as terminal:
        terminal.type("2jGkg")
        terminal.keys("Space", "Space")
        terminal.type("/state:")
        terminal.sees("2 marked · /state: · 3 runs")  # not the echo of what was typed, nor a moment on the way


def test_a_run_outlives_the_screens_that_are_killed(workspace: Workspace) -> None:
    run = lab.toy(workspace, *lab.ENDLESS)
    lab.working(run)
    with opened(workspace, SMALL) as terminal:
        terminal.sees("● running")
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.until(lambda _: terminal.ended, "the end")
    before = lab.says(run, "Progress")
    lab.until(lambda: lab.says(run, "Progress") > before + 5, "it goes on")
    with opened(workspace, SMALL) as again:
        again.sees("● running")
    assert Path(f"/proc/{run.status().pid}").exists()
