"""How long a person waits for `--version` and for the first paint in tmux, and with how much memory, beside peers."""

from __future__ import annotations

import compileall
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from bench import bare, labs, peers
from bench.numbers import repeated, told
from bench.terminal import Terminal
from bench.tmux import Tmux

HEAVY = {
    "torch", "torchvision", "timm", "numpy", "pandas", "pyarrow",
    "scipy", "sklearn", "PIL", "cv2", "matplotlib", "google",
}  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent
# A word that a program shows with its first paint, and how it is called in a folder that is a workspace.
PEERS = {
    "toolong": (("log.txt",), "first line"),
    "posting": ((), "Collection"),
    "harlequin": ((), "Query Editor"),
    "wandb": (("leet",), "Run Overview"),
}
# Ends itself after the first drawing of Overview, and writes down what had been loaded by then.
TELLING = """
import json, sys
from textual.app import App
shown = App._display
def display(app, screen, drawing):
    shown(app, screen, drawing)
    if "verview" in "".join(strip.text for strip in screen._compositor.render_strips()):
        with open({path!r}, "w") as file:
            json.dump(sorted(sys.modules), file)
        app.exit()
App._display = display
from tui.__main__ import main
sys.exit(main(["-w", {workspace!r}]))
"""


def main(quick: bool) -> dict[str, Any]:
    rounds = 3 if quick else 9
    for package in ("tui", "engine", "vmops"):  # else what was edited is compiled again at each start
        compileall.compile_dir(ROOT / package, quiet=1)
    found: dict[str, Any] = {"version": _version(rounds)}
    with labs.workspace() as workspace, tempfile.TemporaryDirectory() as folder:
        programs = {"footplate": ([labs.FOOTPLATE], "verview"), **_peers(workspace.root)}
        found |= _painted(programs, workspace.root, rounds)
        loaded = _loaded(str(workspace.root), Path(folder))
    found["modules"] = len(loaded)
    found["heavy_modules"] = len(HEAVY & {name.partition(".")[0] for name in loaded})
    return found


def _version(rounds: int) -> dict[str, Any]:
    commands = {"python_alone": [sys.executable, "-c", "pass"], "footplate": [labs.FOOTPLATE, "--version"]}
    if program := peers.program("harlequin"):
        commands["harlequin"] = [program, "--version"]
    return _seconds(rounds, commands)


def _seconds(rounds: int, commands: dict[str, list[str]]) -> dict[str, Any]:
    samples = repeated(rounds, *(_run(command) for command in commands.values()))
    return {f"{name}_s": told(seconds) for name, seconds in zip(commands, samples, strict=True)}


def _run(command: Sequence[str]) -> Callable[[], float]:
    def once() -> float:
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - began

    return once


def _peers(folder: Path) -> dict[str, tuple[list[str], str]]:
    (folder / "log.txt").write_text("first line\n" * 100)
    found = {"bare_textual": ([sys.executable, "-m", "bench.bare"], bare.WORDS)}
    for name, (words, shown) in PEERS.items():
        if program := peers.program(name):
            found[name] = ([program, *words], shown)
    return found


def _painted(programs: dict[str, tuple[list[str], str]], folder: Path, rounds: int) -> dict[str, Any]:
    """Seconds and memory at first paint, the programs in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    sizes: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, (command, words) in programs.items():
            waited, size = _paint(command, words, folder)
            seconds[name].append(waited)
            sizes[name].append(size)
    return {
        "first_paint": {f"{name}_s": told(waited) for name, waited in seconds.items()},
        "memory": {f"{name}_mib": told(size) for name, size in sizes.items()},
    }


def _paint(command: list[str], words: str, folder: Path) -> tuple[float, float]:
    """Seconds until the words stand on the screen, and the MiB of the program and its children then."""
    with Tmux(command, folder=folder) as tmux:
        seconds = tmux.sees(words) - tmux.began
        return seconds, mebibytes(tmux.pid)


def mebibytes(pid: int) -> float:
    """Memory of a process and all its children: what lies in real memory."""
    first = psutil.Process(pid)
    return sum(process.memory_info().rss for process in (first, *first.children(recursive=True))) / 2**20


def _loaded(workspace: str, folder: Path) -> list[str]:
    """Names of the modules that are loaded when Overview is first drawn."""
    path = folder / "modules.json"
    code = TELLING.format(path=str(path), workspace=workspace)
    with Terminal([sys.executable, "-c", code]) as terminal:
        terminal.exited()
    found = json.loads(path.read_text())
    assert isinstance(found, list)
    return found
