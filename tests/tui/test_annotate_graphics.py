"""Frames drawn by the terminal itself: whole, at their own size, and gone when something else is shown."""

from __future__ import annotations

import base64
import io
import re
import sys

import numpy as np
import pytest
from PIL import Image

from engine import terminal
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
    with label(labelled.study(workspace), "kitty") as screen:
        screen.sees("\x1b_Ga=T")
        screen.rests()
        screen.press("wa")
        screen.sees("1 of")
        screen.rests()
        drawn = pictures(screen.bytes)
        assert [one.size for one in drawn] == [(128, 72)] * 2 and b"c=" not in screen.bytes.split(b"m=")[0][-60:]
        greys = [int(np.asarray(one.convert("L"))[36, 64]) for one in drawn]
        assert abs(greys[0] - greys[1]) > 2  # they are two frames
        begun = len(screen.bytes)
        screen.press("?")
        screen.sees(graphics.away(), begun)  # nothing shows through what comes over it
        screen.rests()
        begun = len(screen.bytes)
        screen.press("q")
        screen.sees("\x1b_Ga=T", begun)
        screen.rests()
        begun = len(screen.bytes)
        screen.press("q")
        until(lambda: screen.process.poll() is not None, "the end")
        assert graphics.away().encode() in screen.bytes[begun:]
    assert b"\x1b_Ga=q" not in screen.bytes  # the terminal was never asked


def test_sixel_is_written_at_its_own_size(workspace: Workspace) -> None:
    with label(labelled.study(workspace), "sixel") as screen:
        screen.sees('q"1;1;128;72')
        screen.press("wa")
        screen.sees("1 of")
        screen.rests()
        assert screen.bytes.count(b"\x1bP9;1q") == 2 and b"\xe2\x96\x80" not in screen.bytes


def test_inside_of_tmux_kitty_is_told_not_to_work_and_blocks_are_drawn(workspace: Workspace) -> None:
    with label(labelled.study(workspace), "kitty", TMUX="/tmp/no,1,0") as screen:
        screen.sees("do not get through tmux")
        screen.sees("▀")
        assert b"\x1b_G" not in screen.bytes


@pytest.mark.parametrize(
    ("size", "room", "taken"),
    [((80, 160), (40, 40), (10, 10)), ((1600, 900), (100, 40), (100, 28)), ((900, 1600), (100, 40), (45, 40))],
)
def test_a_picture_takes_its_own_room_and_never_more_than_there_is(
    size: tuple[int, int], room: tuple[int, int], taken: tuple[int, int]
) -> None:
    assert graphics.cells(*size, room, terminal.Cell(8, 16)) == taken


def test_a_large_picture_is_cut_into_pieces_that_kitty_takes() -> None:
    data = bytes(range(256)) * 100
    sequence = graphics.kitty(data, 10, 5, scaled=True).encode()
    pieces = KITTY.findall(sequence)
    assert b"".join(chunk for _, chunk in pieces) == base64.b64encode(data)
    assert all(len(chunk) <= 4096 for _, chunk in pieces) and b"c=10,r=5" in pieces[0][0]
    assert [b"m=1" in control for control, _ in pieces] == [True] * (len(pieces) - 1) + [False]
