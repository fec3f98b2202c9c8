"""What goes over the wire to real terminals: colours that they have, nothing but words, and few bytes."""

from __future__ import annotations

import re
import struct
import sys
import time
import unicodedata
import zlib
from collections import Counter

import pytest

from engine.workspace import Workspace
from tests.lab import ENDLESS, ROOT, says, toy, until
from tests.tui.helpers import done, failed, made
from tests.tui.on_terminal import OnTerminal, screens

TOUR = "2", "3", "\t", "?", "q", "E", "q", "4", "1"


def toured(screen: OnTerminal) -> OnTerminal:
    """After a look at all screens, the help and the events."""
    screen.sees("Newest results")
    screen.sees("good one")
    for key in TOUR:
        screen.press(key)
        screen.rests(0.15)
    return screen


def painted(screen: OnTerminal) -> Counter[int]:
    """How often each attribute or colour was asked for; 38 and 48 stand for colours by number."""
    found: Counter[int] = Counter()
    for sequence in re.findall(rb"\x1b\[([0-9;]*)m", screen.bytes):
        numbers = [int(number or 0) for number in sequence.split(b";")]
        while numbers:
            first = numbers.pop(0)
            found[first] += 1
            if first in (38, 48):
                del numbers[: 4 if numbers[:1] == [2] else 2]
    return found


def colours(found: Counter[int]) -> set[int]:
    return {number for number in found if 30 <= number <= 49 or 90 <= number <= 107}


@pytest.fixture
def lab(workspace: Workspace) -> Workspace:
    done(workspace)
    failed(workspace)
    return workspace


def test_no_color_means_none_and_the_cursor_is_seen(lab: Workspace) -> None:
    with screens(lab.root, NO_COLOR="1", COLORTERM="truecolor") as screen:
        found = painted(toured(screen))
    assert colours(found) == set()
    assert found[7] and found[1] and found[2]  # reverse, bold, dim


def test_a_terminal_of_sixteen_colours_gets_no_others(lab: Workspace) -> None:
    with screens(lab.root, TERM="xterm") as screen:
        found = colours(painted(toured(screen)))
    assert found and not found & {38, 48}


def test_two_hundred_and_fifty_six_colours_are_asked_for_by_number(lab: Workspace) -> None:
    with screens(lab.root, TERM="screen", TMUX="/tmp/none,1,0") as screen:
        toured(screen)
    assert b"38;5;" in screen.bytes and b"38;2;" not in screen.bytes


def test_plain_says_everything_in_words(lab: Workspace) -> None:
    with screens(lab.root, "--plain") as screen:
        text = toured(screen).text
    drawn = {sign for sign in text if 0x2500 <= ord(sign) < 0x2600 or 0x2800 <= ord(sign) < 0x2900}
    assert drawn == set(), {unicodedata.name(sign) for sign in drawn}
    assert "failed" in text and "good one" in text


@pytest.mark.parametrize("way", ["colourless", "plain"])
def test_pictures_too_keep_to_it(workspace: Workspace, way: str) -> None:
    file = {"name": "ramp.png", "about": "drawn", "size_bytes": 1, "sha256": "0" * 64}
    run = made(workspace, "a good one", state="done", ended_at=time.time(), exit_code=0, artifacts=(file,))
    (run.artifacts / "ramp.png").write_bytes(png(64, 64))
    plain, environment = ("--plain",), {"NO_COLOR": "1"}
    with screens(workspace.root, *(plain * (way == "plain")), **(environment if way == "colourless" else {})) as screen:
        screen.sees("good one")
        screen.press("3\t\t\t")
        screen.sees("64×64")  # what it is, in words
        screen.rests(0.5)
        assert way == "plain" or colours(painted(screen)) == set()
        assert way == "colourless" or "▀" not in screen.text


def png(width: int, height: int) -> bytes:
    """A ramp from black to white. Source: PNG (third edition), 5.2 and 11.2."""
    rows = b"".join(b"\0" + bytes(255 * x // width for x in range(width)) for _ in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def test_a_slow_line_is_painted_twice_a_second(workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    until(lambda: says(run, "Progress"), "it runs")
    with screens(workspace.root) as usual, screens(workspace.root, "--low-bandwidth") as slow:
        for screen in (usual, slow):
            screen.sees("running")
            screen.press("3l")
            screen.sees("step")
        often, seldom = repaints(2.5, usual, slow)
    assert seldom <= 6 < often


def repaints(seconds: float, *screens: OnTerminal) -> list[int]:
    """How often each of them was painted in so many seconds."""
    counts, before, end = [0] * len(screens), [len(screen.bytes) for screen in screens], time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.03)
        now = [len(screen.bytes) for screen in screens]
        counts = [count + (one != other) for count, one, other in zip(counts, before, now, strict=True)]
        before = now
    return counts


# --- nothing is asked or written before anybody wants a screen --------------------------------------------------------

IMPORTS = """
import importlib, pkgutil, sys, tui
for found in pkgutil.walk_packages(tui.__path__, "tui."):
    if found.name != "tui.__main__":
        importlib.import_module(found.name)
sys.exit(0 if "tui.app" in sys.modules else 1)
"""


def test_no_module_of_the_screens_writes_to_the_terminal_when_it_is_imported() -> None:
    with OnTerminal([sys.executable, "-c", IMPORTS]) as terminal:
        assert terminal.process.wait(60) == 0, terminal.text
        terminal.rests()
        assert terminal.bytes == b""


def test_no_module_of_the_screens_asks_the_terminal_anything() -> None:
    asking = re.compile(r"/dev/tty|\\x1b\[6n|\\x1b\[c|\\x1b\[>|\$p\b|termios")
    assert [path for path in (ROOT / "tui").rglob("*.py") if asking.search(path.read_text())] == []
