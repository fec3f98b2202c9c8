"""The driver's thread that reads keys: it is woken when it is to end, and it passes on what is typed."""

from __future__ import annotations

import sys
from pathlib import Path

from bench import labs
from bench.terminal import LEFT, Terminal
from engine.init import make

# An escape that waits for ever: a thread that is not woken would never end.
CODE = "import sys, tui.driver; tui.driver.TICK_S = 3600; from tui.__main__ import main; sys.exit(main(['-w', {!r}]))"


def test_leaving_wakes_the_thread_that_reads_keys(tmp_path: Path) -> None:
    workspace = make(tmp_path / "lab")
    labs.ended(workspace)
    environment = {"XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with Terminal([sys.executable, "-c", CODE.format(str(workspace.root))], environment=environment) as terminal:
        terminal.sees(b"verview")
        at = terminal.press("2ü".encode())
        terminal.sees(labs.TITLE.encode(), at)
        at = terminal.press(b"\x11")  # ctrl+q
        terminal.sees(LEFT, at)
        terminal.exited(20)
        assert terminal.process.returncode == 0
