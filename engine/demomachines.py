"""The demo's machines: real processes behind a cloud on this computer, asked for by the real client; they end with it.

`python -m engine.demomachines DIR` has them in the workspace there as long as somebody holds its standard input open.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.code import HERE
from engine.demoend import kill, status, stop_all
from engine.errors import FootplateError
from engine.files import write_atomic
from engine.init import HERE as PRESETS
from engine.machines import FILE, settings
from engine.run import Run, listing
from engine.workspace import Workspace
from vmops.errors import OutsideError

if TYPE_CHECKING:
    from vmops.desk import Desk

FOLDER = ".cloud"
PACE_S, NOTICE_S, LEAVE_S = 0.7, 5, 15
SCARCE = {"words": ["us-central1-a"], "facts": {"gpu": "nvidia-tesla-t4"}}
WALK = ("title=on a machine", "steps=300", "seconds_per_step=0.5", "chatter=true", "report=true", "lr=0.05")


class Machines:
    """A cloud of its own for one workspace, and the thread that has machines made there."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._file = workspace.configs / FILE
        self._cloud: subprocess.Popen[str] | None = None
        self._desk: Desk | None = None
        self._making = threading.Thread(target=self._make, name="demo machines", daemon=True)
        self._left = False
        self.info: dict[str, Any] = {}

    def begin(self) -> str:
        """Start the cloud, and have machines made there; why there are none, where that cannot be."""
        if why := self._why_not():
            return why
        words = ["--pace", str(PACE_S), "--owner", str(os.getpid())]
        words = ["vmops.loopback", str(self.workspace.root / FOLDER), *words]
        self._cloud = _python(*words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._cloud.stdout is not None
        self.info = json.loads(self._cloud.stdout.readline() or "{}")
        if not self.info:
            return "the cloud on this computer has not come up"
        write_atomic(self._file, leading_there(self._template(), self.info))
        self._making.start()
        return ""

    def end(self) -> None:
        """End the runs there, the machines and the cloud; the workspace knows nothing of them any more."""
        self._left = True
        if self._desk is not None:
            self._desk.close()
        if self._cloud is None:
            return
        if self._making.is_alive():
            self._making.join(LEAVE_S)
        stop_all(self._runs())
        self._cloud.terminate()
        try:
            self._cloud.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            self._cloud.kill()  # its machines see that it has gone only by their owner, which is us
            self._cloud.wait()
        if self._making.is_alive():
            self._making.join(LEAVE_S)  # what it waited for has failed with the cloud
        for run in self._runs():
            kill(run)  # one that was asked for meanwhile
        with suppress(OSError):
            write_atomic(self._file, self._template())
        for folder in (self.workspace.root / FOLDER, self.workspace.machines):
            shutil.rmtree(folder, ignore_errors=True)

    def _runs(self) -> list[Run]:
        return [run for run in listing(self.workspace) if status(run).machine]

    def _why_not(self) -> str:
        """Empty where machines can be had."""
        try:
            version("google-cloud-compute")
        except PackageNotFoundError:
            return "no machines in the demo: Google's client is not here (pip install 'footplate[cloud]')"
        if self._file.exists() and self._file.read_text(encoding="utf-8") != self._template():
            return f"no machines in the demo: {self._file} is somebody's own"
        return "no machines in the demo: this needs Linux" if not Path("/proc/self/environ").exists() else ""

    def _template(self) -> str:
        return (PRESETS / FILE).read_text(encoding="utf-8")

    def _make(self) -> None:
        """One with a run on it, one that was taken away, one that stands stopped; and a zone that has none left."""
        from vmops.desk import Desk

        self._desk = Desk(settings(self.workspace), self.workspace.machines)
        steps: list[Callable[[Desk], object]] = [
            lambda desk: self._tell("faults/stock_out", SCARCE),
            lambda desk: desk.create("cpu", "cpu-1"),
            self._run_there,
            lambda desk: desk.create("t4-spot", "gpu-2"),
            lambda desk: self._tell("preempt", {"words": ["gpu-2"], "facts": {"notice_s": NOTICE_S}}),
            lambda desk: desk.create("t4-spot", "gpu-1"),
            lambda desk: desk.stop("gpu-1"),
        ]
        for step in steps:
            try:
                if not self._left:
                    step(self._desk)
            except (OutsideError, FootplateError, OSError) as error:
                if not self._left:
                    print(f"demo machines: {error}", flush=True)

    def _run_there(self, desk: Desk) -> None:
        if self.info["ssh"]:
            from engine import launch
            from engine.remote.wish import Wish

            launch.submit(self.workspace, "toy", "", "the demo lab", WALK, machine=Wish("cpu-1", uncommitted=True))

    def _tell(self, what: str, body: dict[str, Any]) -> None:
        """What no real cloud is told: who shall be preempted, where there is none left."""
        asked = urllib.request.Request(f"{self.info['endpoint']}/loopback/{what}", json.dumps(body).encode())
        urllib.request.urlopen(asked, timeout=10).close()


def leading_there(template: str, info: dict[str, Any]) -> str:
    """The settings of machines as every workspace has them, with the cloud on this computer in place of Google's."""
    user, key, port = (json.dumps(info[name]) for name in ("user", "key", "ssh_port"))
    log_in = f"ssh: {{user: {user}, key: {key}, port: {port}, options: []}}"
    changes = {
        'project: ""': f"project: {info['project']}",
        'endpoint: ""': f"endpoint: {info['endpoint']}",
        'ssh: {user: "", key: "", port: 22, options: []}': log_in,
        '    python: ""': f"    python: {json.dumps(sys.executable)}",
    }
    for old, new in changes.items():
        template = template.replace(f"\n{old}\n", f"\n{new}\n")
    return template


def _python(*words: str, **streams: Any) -> subprocess.Popen[str]:
    """A module of ours as a process."""
    paths = filter(None, [str(HERE), os.environ.get("PYTHONPATH")])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", *words], env=environment, text=True, start_new_session=True, **streams
    )


@contextmanager
def beside(root: Path) -> Iterator[None]:
    """Machines for the workspace there, had by another process: they end with this one, however it ends."""
    having = _python("engine.demomachines", str(root), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        assert having.stdin is not None
        having.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            having.wait(3 * LEAVE_S)


def main(folder: str) -> int:
    """Have machines there until our standard input ends."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the end of our standard input is the way to end this
    machines = Machines(Workspace(Path(folder)))
    if why := machines.begin():
        print(why, flush=True)
    try:
        sys.stdin.read()
    finally:
        machines.end()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
