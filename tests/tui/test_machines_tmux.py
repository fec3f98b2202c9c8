"""In a real tmux, with the real client and a cloud on this computer: machines by keys, and a shell on one and back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.tmux import Tmux, installed
from engine.workspace import Workspace
from tests import outside
from tests.tui import rented
from tests.tui.test_tmux import LARGE, SMALL, opened
from vmops import loopback
from vmops.desk import Desk

pytestmark = [pytest.mark.skipif(not installed(), reason="tmux is not installed"), outside.needs("sshd")]


@pytest.fixture
def with_machine(workspace: Workspace, cloud: loopback.Cloud) -> Iterator[Workspace]:
    rented.settle(workspace, cloud)
    with Desk(cloud.settings(), workspace.machines) as desk:
        desk.create("cpu", "cpu-1")
    yield workspace


def shell(terminal: Tmux) -> None:
    """To the machine, and back to the screen that one was on."""
    terminal.keys("s")
    terminal.sees("exit comes back to footplate")
    terminal.type("echo on-$((40+2)) $FOOTPLATE_MACHINE")
    terminal.keys("Enter")
    terminal.sees("on-42")
    terminal.type("exit")
    terminal.keys("Enter")
    terminal.sees("you are back on machines")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.slow)])
def test_machines_are_seen_stopped_and_entered_by_keys(with_machine: Workspace, size: tuple[int, int]) -> None:
    with opened(with_machine, size) as terminal:
        terminal.sees("Machines  SIMULATED")  # on the Overview
        terminal.keys("9")
        terminal.sees("● running")
        shell(terminal)
        terminal.sees("● running")
        terminal.keys("l")
        terminal.sees("SSH HOST KEY")
        terminal.keys("q", "n")
        terminal.sees("Zones, in the order")
        terminal.keys("Escape")
        terminal.until(lambda screen: "A new machine" not in screen, "the plan is left")
        terminal.keys("x")
        terminal.sees("Stop cpu-1")
        terminal.keys("y")
        terminal.sees("■ stopped")
        terminal.keys("@")
        terminal.sees("footplate vm stop cpu-1")
        terminal.keys("q")
        terminal.until(lambda screen: "Command log" not in screen, "the log is closed")
        terminal.keys("C-q")
        terminal.until(lambda _: terminal.ended, "the end")
