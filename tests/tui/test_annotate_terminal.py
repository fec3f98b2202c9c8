"""Labelling on real terminals: by keys alone in tmux, killed and found again; and every byte that is written."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator

import pytest

from bench.labs import FOOTPLATE
from bench.tmux import Tmux, installed
from engine.annotations.decision import REMARK, Decision, Unit
from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.lab import gone, until
from tests.tui import labelled
from tests.tui.on_terminal import OnTerminal

PAIRS = ["wa", "es", "rd", "tf", "yg", "wd"]
SAID = {"w": "first", "e": "second", "r": "third", "t": "other", "y": "can't tell",
        "a": "personal", "s": "social", "d": "public", "f": "other", "g": "can't tell"}  # fmt: skip


def tmux(workspace: Workspace, size: tuple[int, int] = (80, 24)) -> Tmux:
    own = {name: os.environ[name] for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "FOOTPLATE_SLOTS")}
    words = [FOOTPLATE, "label", "--coder", "ana", "-w", str(workspace.root)]
    return Tmux(words, size=size, folder=workspace.root, environment=own)


def coded(workspace: Workspace) -> dict[tuple[int | None, str], str]:
    return {(one.position, one.variable): one.value for one in labelled.labels(workspace) if one.variable != REMARK}


@pytest.mark.skipif(not installed(), reason="tmux is not installed")
def test_thirty_frames_by_keys_alone_killed_in_between_and_found_again(workspace: Workspace) -> None:
    labelled.study(workspace)
    keys = [PAIRS[place % len(PAIRS)] for place in range(31)]
    with tmux(workspace) as terminal:
        terminal.sees("0 of")
        terminal.type("".join(keys[:5]))
        terminal.sees("5 of")
        terminal.type("zz")  # the last frame, taken back and said again
        terminal.sees("4 of")
        terminal.type(keys[4])
        terminal.sees("5 of")
        terminal.keys("Space")  # the sixth is left for later
        terminal.sees("frame 7")
        terminal.type("F" + keys[6])
        terminal.sees("6 of")
        terminal.type("N")
        terminal.sees("A note to this frame")
        terminal.type("half in shadow")
        terminal.keys("Enter")
        terminal.sees("note: half in shadow")
        terminal.type("".join(keys[7:20]) + keys[20][0])  # and a half
        terminal.sees("19 of")
        terminal.until(lambda screen: "[" in screen.splitlines()[20], "the half of a frame")
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.until(lambda _: terminal.ended, "the end")
    with tmux(workspace) as again:
        again.sees("19 of")
        again.until(lambda screen: "[" in screen or "frame 20" in screen, "the place where it was left")
        before = coded(workspace)
        again.type("".join(keys[:12]))
        again.sees("3")
        until(lambda: len(coded(workspace)) >= 60, "thirty frames are labelled")
    for place in (*range(5), *range(6, 20)):
        for name, key in zip(("perspective", "distance"), keys[place], strict=True):
            assert before[place, name] == SAID[key]
    flagged = {one.position: (one.flagged, one.note) for one in labelled.labels(workspace) if one.variable == REMARK}
    assert flagged == {6: (True, ""), 7: (False, "half in shadow")}


@pytest.fixture
def busy(workspace: Workspace) -> Iterator[Workspace]:
    """A study with another coder's labels, frames that a round asks for, and a broken video."""
    labelled.study(workspace, videos=6, coders=("ana", "zebedee"))
    wanted = [f"{labelled.SECRET}{number:02},0" for number in range(6)]
    workspace.queue.write_text("\n".join(["video_id,frame_index", *wanted]) + "\n")
    with Log.open(workspace.labels) as log:
        for number in range(6):
            unit = Unit(f"{labelled.SECRET}{number:02}", 0)
            log.add([Decision("zebedee", unit, "perspective", "third", 1.0, note="zebedee's own note", flagged=True)])
    (workspace.root / "videos" / f"{labelled.SECRET}03.mp4").write_bytes(b"no video")
    yield workspace


def test_no_byte_gives_away_a_video_a_path_or_another_coder(busy: Workspace) -> None:
    command = [sys.executable, "-m", "tui", "label", "--coder", "ana", "-w", str(busy.root)]
    with OnTerminal(command, XDG_DATA_HOME=str(busy.root)) as terminal:
        terminal.sees("perspective")
        begun = terminal.sees(" of ")
        for keys in ("wa", "es", "F", "rd", " ", "tf", "z", "*", "+", "+", "+", "?", "q", "B", "\x0f", "\r"):
            terminal.press(keys)
            terminal.rests(0.15)
        terminal.press("\x1b")
        terminal.rests()
        terminal.press("wawawawawawawawawawa")
        terminal.sees("cannot be shown", begun)
        terminal.rests()
        terminal.press("q")
        until(lambda: terminal.process.poll() is not None, "the end")
        written = terminal.bytes
    assert len(coded(busy)) >= 20
    for secret in (labelled.SECRET, "zebedee", str(busy.root), busy.root.name, ".mp4", "videos", "queue.csv"):
        assert secret.encode() not in written, secret
    assert not re.findall(rb"\x1b\][012];", written)  # no title is ever set


def test_what_is_not_labelled_well_is_told_before_anything_is_drawn(workspace: Workspace) -> None:
    labelled.study(workspace)
    command = [sys.executable, "-m", "tui", "label", "--coder", "nobody", "-w", str(workspace.root)]
    with OnTerminal(command) as terminal:
        until(lambda: terminal.process.poll() is not None, "the end")
        assert terminal.process.returncode == 2
        assert "does not name 'nobody'" in terminal.text and "known are: ana, ben" in terminal.text


def test_the_process_of_the_frames_ends_with_the_screen(workspace: Workspace) -> None:
    labelled.study(workspace)
    command = [sys.executable, "-m", "tui", "label", "--coder", "ana", "-w", str(workspace.root)]
    with OnTerminal(command) as terminal:
        terminal.sees(" of ")
        children = [int(pid) for pid in os.popen(f"pgrep -f 'engine.framing {workspace.root}'").read().split()]
        assert children
        terminal.process.kill()
    until(lambda: all(gone(pid) for pid in children), "the process of the frames has ended")
