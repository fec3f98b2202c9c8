"""How long a person waits for `--version` and for the first paint in tmux, beside Python and a bare Textual app."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from engine.init import make

BARE = """
from textual.app import App, ComposeResult
from textual.widgets import Static

class Bare(App):
    def compose(self) -> ComposeResult:
        yield Static("bare is painted")

Bare().run()
"""


def main(quick: bool) -> dict[str, Any]:
    rounds = 3 if quick else 9
    footplate = str(Path(sys.executable).with_name("footplate"))
    result: dict[str, Any] = {
        "python_alone_s": _median(rounds, [sys.executable, "-c", "pass"]),
        "version_s": _median(rounds, [footplate, "--version"]),
    }
    result["version_to_python_alone"] = result["version_s"] / result["python_alone_s"]
    if shutil.which("tmux"):
        result["first_paint"] = _paints(rounds, footplate)
    return result


def _median(rounds: int, command: list[str]) -> float:
    def once() -> float:
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - begin

    return statistics.median(once() for _ in range(rounds))


def _paints(rounds: int, footplate: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        workspace = make(Path(folder) / "lab")
        (Path(folder) / "bare.py").write_text(BARE)
        ours = [_paint(f"{footplate} -w {workspace.root}", "verview") for _ in range(rounds)]
        bare = [_paint(f"{sys.executable} {folder}/bare.py", "bare is painted") for _ in range(rounds)]
    mine, theirs = (statistics.median(seconds for seconds, _ in painted) for painted in (ours, bare))
    return {
        "footplate_s": mine,
        "bare_textual_s": theirs,
        "to_bare_textual": mine / theirs,
        "footplate_mib": max(size for _, size in ours) / 2**20,
        "bare_textual_mib": max(size for _, size in bare) / 2**20,
    }


def _paint(command: str, words: str) -> tuple[float, int]:
    """Seconds until the words stand on a screen of 120×30, and the process's memory then."""
    # A server of its own each time: one that is being killed refuses the next session.
    tmux = ["tmux", "-L", f"footplate-bench-{time.monotonic_ns()}", "-f", "/dev/null"]
    begin = time.perf_counter()
    subprocess.run([*tmux, "new-session", "-d", "-x", "120", "-y", "30", f"exec {command}"], check=True)
    try:
        while (
            words
            not in subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=False).stdout
        ):
            if time.perf_counter() - begin > 30:
                raise TimeoutError(f"{command} painted nothing")
        seconds = time.perf_counter() - begin
        asked = subprocess.run([*tmux, "list-panes", "-F", "#{pane_pid}"], capture_output=True, text=True, check=True)
        return seconds, psutil.Process(int(asked.stdout)).memory_info().rss
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
