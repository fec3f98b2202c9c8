"""Frames drawn by the terminal itself: whole, at their own size, and gone when something else is shown."""

from __future__ import annotations

import base64
import io
import re
import sys

import numpy as np
import pytest
from PIL import Image

from engine.workspace import Workspace
from tests.lab import until
from tests.tui import labelled
from tests.tui.on_terminal import OnTerminal
from tui import graphics

KITTY = re.compile(rb"\x1b_G([^;\x1b]*);([A-Za-z0-9+/=]*)\x1b\\")


def label(workspace: Workspace, kind: str, **environment: str) -> OnTerminal:
    words = [sys.executable, "-m", "tui", "label", "--coder", "ana", "-w", str(workspace.root), "--pictures", kind]
    return OnTerminal(words, size=(120, 40), **environment)


def pictures(written: bytes) -> list[Image.Image]:
    """What Kitty would have drawn."""
    found, data = [], b""
    for control, chunk in KITTY.findall(written):
        data += chunk
        if b"m=0" in control:
            found.append(Image.open(io.BytesIO(base64.b64decode(data))))
            data = b""
    return found


def test_kitty_gets_each_frame_at_its_own_size_and_is_told_when_it_is_over(workspace: Workspace) -> None:
    with label(labelled.study(workspace), "kitty") as terminal:
        terminal.sees("\x1b_Ga=T")
        terminal.rests()
        terminal.press("wa")
        terminal.sees("1 of")
        terminal.rests()
        drawn = pictures(terminal.bytes)
        assert [one.size for one in drawn] == [(128, 72)] * 2 and b"c=" not in terminal.bytes.split(b"m=")[0][-60:]
        greys = [int(np.asarray(one.convert("L"))[36, 64]) for one in drawn]
        assert abs(greys[0] - greys[1]) > 2  # they are two frames
        begun = len(terminal.bytes)
        terminal.press("?")
        terminal.sees(graphics.away(), begun)  # nothing shows through what comes over it
        terminal.rests()
        begun = len(terminal.bytes)
        terminal.press("q")
        terminal.sees("\x1b_Ga=T", begun)
        terminal.rests()
        begun = len(terminal.bytes)
        terminal.press("q")
        until(lambda: terminal.process.poll() is not None, "the end")
        assert graphics.away().encode() in terminal.bytes[begun:]
    assert b"\x1b_Ga=q" not in terminal.bytes  # the terminal was never asked


def test_sixel_is_written_at_its_own_size(workspace: Workspace) -> None:
    with label(labelled.study(workspace), "sixel") as terminal:
        terminal.sees('q"1;1;128;72')
        terminal.press("wa")
        terminal.sees("1 of")
        terminal.rests()
        assert terminal.bytes.count(b"\x1bP9;1q") == 2 and b"\xe2\x96\x80" not in terminal.bytes


def test_inside_of_tmux_kitty_is_told_not_to_work_and_blocks_are_drawn(workspace: Workspace) -> None:
    with label(labelled.study(workspace), "kitty", TMUX="/tmp/no,1,0") as terminal:
        terminal.sees("do not get through tmux")
        terminal.sees("▀")
        assert b"\x1b_G" not in terminal.bytes


@pytest.mark.parametrize(
    ("size", "room", "taken"),
    [((80, 160), (40, 40), (10, 10)), ((1600, 900), (100, 40), (100, 28)), ((900, 1600), (100, 40), (45, 40))],
)
def test_a_picture_takes_its_own_room_and_never_more_than_there_is(
    size: tuple[int, int], room: tuple[int, int], taken: tuple[int, int]
) -> None:
    assert graphics.cells(*size, room, graphics.Cell(8, 16)) == taken


def test_a_large_picture_is_cut_into_pieces_that_kitty_takes() -> None:
    data = bytes(range(256)) * 100
    sequence = graphics.kitty(data, 10, 5, scaled=True).encode()
    pieces = KITTY.findall(sequence)
    assert b"".join(chunk for _, chunk in pieces) == base64.b64encode(data)
    assert all(len(chunk) <= 4096 for _, chunk in pieces) and b"c=10,r=5" in pieces[0][0]
    assert [b"m=1" in control for control, _ in pieces] == [True] * (len(pieces) - 1) + [False]
