"""The demo lab: a throw-away workspace in which real toy runs come and go, and frames wait to be labelled.

`python -m engine.demolab DIR [keep]` plays it as long as somebody holds its standard input open, and then stops what
still runs and removes the folder; so it ends with the screens, however they end. Should this process be killed as well,
the runs are over by themselves within minutes.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine import demoend, demomachines, demopictures, labels, launch
from engine.errors import FootplateError
from engine.init import make
from engine.run import Run, listing, request_stop
from engine.workspace import Workspace

NAME = "demo lab"
SLOTS = 3
LATER_EVERY_S, LATER = 20.0, 12  # runs that arrive while somebody looks, and how many of them


@dataclass(frozen=True)
class Scene:
    """A run that is started so many seconds after the beginning."""

    at_s: float
    title: str
    asked: tuple[str, ...]
    tags: tuple[str, ...] = ()
    note: str = ""
    after: str = ""  # the title of a run from whose end it goes on; it must be done
    stop_s: float = 0.0  # when somebody asks it to stop


def _walk(steps: int, seconds: float, *more: str) -> tuple[str, ...]:
    asked = (f"steps={steps}", f"seconds_per_step={seconds}", "report=true", "success.final_loss=< 0.01")
    return (*asked, *more)


OPENING = (
    Scene(0.0, "a long walk", _walk(240, 0.5, "chatter=true", "lr=0.02"), ("slow",), "two minutes; look at its log"),
    Scene(0.0, "lr 0.1", _walk(40, 0.02), ("sweep", "good"), "the baseline: compare the others with it"),
    Scene(0.0, "lr 0.01", _walk(40, 0.02, "lr=0.01"), ("sweep",), "too short a step: it does not arrive"),
    Scene(0.0, "too long a step", _walk(400, 0.03, "lr=1000", "chatter=true"), ("sweep",), "it has to leave the bowl"),
    Scene(0.0, "stopped half way", _walk(400, 0.1), (), "somebody asked it to stop; R goes on with it", stop_s=3.0),
    Scene(0.0, "on from lr 0.1", _walk(60, 0.02, "lr=0.05"), ("good",), after="lr 0.1"),
    Scene(1.0, "a quick walk", _walk(450, 0.1, "log_lines_per_step=20", "noise=0.2"), ("busy",), "200 lines a second"),
    Scene(1.0, "a rough place", _walk(80, 0.8, "noise=0.5", "chatter=true", "success.final_loss=< 0.001")),
    Scene(1.0, "in the queue", _walk(40, 0.2, "lr=0.3"), ("sweep",), "waits until one of the others is over"),
)


def later() -> Iterator[Scene]:
    """Runs of a sweep that keep arriving."""
    for number in range(LATER):
        lr = (0.2, 0.4, 0.7, 0.9)[number % 4]
        asked = _walk(60, 0.25, f"lr={lr}", f"seed={number}", "chatter=true")
        yield Scene(LATER_EVERY_S * (number + 1), f"lr {lr}, seed {number}", asked, ("sweep",))


def environment(root: Path) -> dict[str, str]:
    """Devices of its own, so that nothing else on this machine waits for a demo."""
    return {"FOOTPLATE_SLOTS": str(root / ".slots"), "FOOTPLATE_CPU_SLOTS": str(SLOTS)}


class Stage:
    """The workspace, and the runs by their titles."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._runs: dict[str, Run] = {}
        self._to_stop: list[tuple[float, Run]] = []

    def ready(self, scene: Scene) -> bool:
        """Whether what it needs is there."""
        return not scene.after or _state(self._runs[scene.after]) == "done"

    def play(self, scene: Scene) -> None:
        """Start a run, as `footplate run` would."""
        asked = [f"title={scene.title}", *scene.asked]
        if scene.after:
            asked.append(f"after=run:{self._runs[scene.after].id}/result.json")
        run = self._runs[scene.title] = launch.submit(self.workspace, "toy", "", "the demo lab", asked)
        if scene.tags or scene.note:
            labels.change(run, add=scene.tags, note=scene.note)
        if scene.stop_s:
            self._to_stop.append((time.monotonic() + scene.stop_s, run))

    def tick(self) -> None:
        """Ask those to stop whose time has come."""
        due = [run for at, run in self._to_stop if time.monotonic() >= at and _state(run) == "running"]
        self._to_stop = [(at, run) for at, run in self._to_stop if run not in due]
        for run in due:
            request_stop(run)

    def close(self) -> int:
        """Stop every run, at once where it does not hear; how many there were."""
        return demoend.stop_all(listing(self.workspace))


def _state(run: Run) -> str:
    """How it stands; empty where whoever looks at the lab has archived it."""
    with suppress(FootplateError):
        return run.status().state
    return ""


def play(stage: Stage, left: Iterator[bool]) -> None:
    """All scenes in their order, until they are over and somebody leaves."""
    waiting, began = [*OPENING, *later()], time.monotonic()
    for gone in left:
        if gone:
            return
        stage.tick()
        due = (scene for scene in waiting if time.monotonic() - began >= scene.at_s)
        scene = next((scene for scene in due if stage.ready(scene)), None)
        if scene is not None:
            waiting.remove(scene)
            stage.play(scene)


def _until_left() -> Iterator[bool]:
    """Whether whoever holds our standard input has gone, asked again and again."""
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], 0.1)
        yield bool(readable) and not os.read(sys.stdin.fileno(), 4096)


def main(folder: str, keep: bool) -> int:
    """Make the lab, play it, and clear it away."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the end of our standard input is the way to end this
    os.environ.update(environment(Path(folder)))
    stage = Stage(make(Path(folder), name=NAME))
    stopped = 0
    try:
        with demomachines.beside(stage.workspace.root):
            demopictures.make(stage.workspace)
            try:
                play(stage, _until_left())
            finally:
                stopped = stage.close()
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
        what = "is kept" if keep else "was removed"
        print(f"demo lab: {stopped} run{'s' * (stopped != 1)} stopped; {folder} {what}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "keep" in sys.argv[2:]))
