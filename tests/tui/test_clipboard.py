"""Copying: through tmux, through the terminal, into a file; and what is said of the way it went."""

from __future__ import annotations

import base64
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import home
from engine.workspace import Workspace
from tests.tui.helpers import SMALL, done, opened, sees
from tests.tui.on_terminal import OnTerminal, screens
from tui.services.clipboard import TERMINAL_TAKES, TMUX_TAKES, Copied, copy
from tui.services.gate import Gate, ReadOnlyError

XTERM = {"TERM": "xterm-256color"}
INSIDE = {**XTERM, "TMUX": "/tmp/tmux-0/default,1,0"}


class Tmux:
    """tmux as far as copying goes: what it was handed, with the option as it is by default."""

    def __init__(self, option: str = "external", takes: bool = True) -> None:
        self.option, self.takes, self.buffer = option, takes, b""

    def __call__(self, words: list[str], given: bytes) -> str | None:
        if words[0] == "show-options":
            return self.option
        assert words == ["load-buffer", "-w", "-"]
        self.buffer = given
        return "" if self.takes else None


@pytest.fixture
def gate(workspace: Workspace) -> Gate:
    return Gate(workspace)


def file() -> Path:
    return home.state() / "copied.txt"


def test_inside_of_tmux_its_buffer_takes_it_and_the_terminal_around(gate: Gate) -> None:
    tmux = Tmux()
    assert copy("größer", gate, environ=INSIDE, tmux=tmux) == Copied("copied to tmux's buffer and the terminal")
    assert tmux.buffer == "größer".encode() and not file().exists()


def test_where_tmux_keeps_it_to_itself_that_is_said(gate: Gate) -> None:
    assert "buffer alone" in copy("a", gate, environ=INSIDE, tmux=Tmux("off")).words
    assert "may be too long" in copy("a" * (TERMINAL_TAKES + 1), gate, environ=INSIDE, tmux=Tmux()).words


@pytest.mark.parametrize("text", ["a", "a" * (TMUX_TAKES + 1)])
def test_what_tmux_does_not_take_goes_to_a_file(gate: Gate, text: str) -> None:
    done = copy(text, gate, environ=INSIDE, tmux=Tmux(takes=False))
    assert str(file()) in done.words and "tmux does not take it" in done.words and file().read_text() == text


def test_outside_the_terminal_is_handed_it(gate: Gate) -> None:
    assert copy("a", gate, environ=XTERM) == Copied("copied to the terminal", by_sequence=True)


@pytest.mark.parametrize("environ", [{"TERM": "linux"}, {"TERM": "dumb"}, {}, {"TERM": "screen", "STY": "1.x"}])
def test_a_terminal_without_a_clipboard_gets_a_file(gate: Gate, environ: dict[str, str]) -> None:
    done = copy("a", gate, environ=environ)
    assert not done.by_sequence and file().read_text() == "a" and str(file()) in done.words


@pytest.mark.parametrize("environ", [{**XTERM, "VTE_VERSION": "6800"}, {**XTERM, "TERM_PROGRAM": "Apple_Terminal"}])
def test_where_it_is_in_doubt_there_is_a_file_as_well(gate: Gate, environ: dict[str, str]) -> None:
    done = copy("a", gate, environ=environ)
    assert done.by_sequence and "if it takes it" in done.words and file().read_text() == "a"


def test_what_is_longer_than_terminals_take_goes_to_a_file(gate: Gate) -> None:
    long = "a" * (TERMINAL_TAKES + 1)
    assert not copy(long, gate, environ=XTERM).by_sequence and file().read_text() == long
    assert copy(long[1:], gate, environ=XTERM).by_sequence


def test_the_way_that_somebody_wants_is_taken(gate: Gate) -> None:
    assert not copy("a", gate, way="file", environ=XTERM).by_sequence and file().read_text() == "a"
    assert copy("a", gate, way="terminal", environ={"TERM": "linux"}).by_sequence
    assert "tmux's buffer" in copy("a", gate, way="tmux", environ=XTERM, tmux=Tmux()).words


def test_a_file_is_for_nobody_else_and_goes_through_the_gate(gate: Gate, workspace: Workspace) -> None:
    copy("a", gate, way="file")
    assert file().parent.stat().st_mode & 0o077 == 0
    assert [call.what for call in gate.calls] == [f"writing {home.short(file())}"]
    with pytest.raises(ReadOnlyError):
        copy("b", Gate(workspace, "it is read-only"), way="file")
    assert file().read_text() == "a"


async def test_the_screen_tells_the_way_and_why_it_did_not_work(workspace: Workspace, monkeypatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    app = opened(workspace, done(workspace))
    app.lab.gate.closed = "locked"
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("y")
        await sees(pilot, "copying did not work", "locked")
        app.lab.gate.closed = ""
        await pilot.press("y")
        await sees(pilot, "this terminal has no clipboard")


# --- on terminals -----------------------------------------------------------------------------------------------------


def sequence(text: str) -> bytes:
    return b"\x1b]52;" + b"c;" + base64.b64encode(text.encode())


def test_a_terminal_gets_the_sequence(workspace: Workspace) -> None:
    run = done(workspace)
    with screens(workspace.root) as screen:
        screen.sees("good one")
        screen.press("2y")
        screen.sees("copied to the terminal")
        assert sequence(run.id) in screen.bytes


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A tmux of its own, with its defaults."""
    monkeypatch.setenv("TMUX_TMPDIR", str(tmp_path))
    command = ["tmux", "-L", "copying", "-f", os.devnull]
    yield command
    subprocess.run([*command, "kill-server"], check=False, capture_output=True, timeout=10)


def test_inside_of_tmux_with_its_defaults_the_terminal_around_gets_it(workspace: Workspace, tmux: list[str]) -> None:
    run = done(workspace)
    inside = shlex.join([sys.executable, "-m", "tui", "-w", str(workspace.root)])
    with OnTerminal([*tmux, "new-session", inside]) as outer:
        outer.sees("good one")
        outer.press("2y")
        outer.sees("copied to tmux's buffer and the terminal")
        assert base64.b64encode(run.id.encode()) in outer.bytes and b"\x1b]52;" in outer.bytes
        shown = subprocess.run([*tmux, "show-buffer"], capture_output=True, text=True, check=True, timeout=10)
        assert shown.stdout == run.id
