"""`python -m engine.checkpointing FOLDER URL`: saves a run's checkpoints while it goes on; a process of its own.

Google's library is slow to load and large, which the run's supervisor should not feel. It ends when it is asked to,
with a last save, and with its supervisor. What it cannot do is said in the run's log and does not end the run.

`python -m engine.checkpointing --restore FOLDER URL` takes the newest checkpoint back, --restore-work its work alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import checkpoints
from engine.checkpoints import reason
from engine.errors import FootplateError
from engine.saver import Saver
from engine.work import die_with
from vmops import bucket
from vmops.errors import Conflict, OutsideError

EVERY_S = 60.0
LAST_S = 25.0  # a machine that is taken back has 30 s


@contextmanager
def kept(folder: Path, url: str) -> Iterator[None]:
    """Save checkpoints of a run meanwhile."""
    keeper = subprocess.Popen(
        [sys.executable, "-P", "-m", "engine.checkpointing", str(folder), url],
        env={**os.environ, "FOOTPLATE_SUPERVISOR": str(os.getpid())},
        stdin=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        _end(keeper)


def _end(keeper: subprocess.Popen[bytes]) -> None:
    keeper.terminate()
    try:
        keeper.wait(LAST_S)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
        _tell(f"the last checkpoint was not saved within {LAST_S:.0f} s")


class Keeper:
    """Saves every now and then, and once more at the end."""

    def __init__(self, folder: Path, url: str, every_s: float = EVERY_S) -> None:
        self._folder, self._url, self._every_s = folder, url, every_s
        self._saver: Saver | None = None
        self._said = ""
        self._ends = threading.Event()

    def end(self) -> None:
        """Save once more, and leave."""
        self._ends.set()

    def run(self) -> int:
        """Until `end`, or until another machine goes on with the run."""
        self._try(self._opened)  # loading Google's library takes seconds, which the last save may not have
        while True:
            ends = self._ends.wait(self._every_s)
            try:
                self._try(self._save)
            except Conflict as error:
                _tell(reason(error))
                return 1
            if ends:
                return 0

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except Conflict:
            raise
        except (OutsideError, FootplateError, OSError) as error:
            self._say(f"not saved: {reason(error)}")

    def _opened(self) -> Saver:
        if self._saver is None:
            self._saver = Saver(self._folder, bucket.open(self._url, self._folder.parent.parent))
        return self._saver

    def _save(self) -> None:
        if self._opened().save():
            self._say(f"saved to {self._url}")

    def _say(self, words: str) -> None:
        """Each thing once, until something else is to be said: a line a minute would drown the log."""
        if words != self._said:
            self._said = words
            _tell(words)


def _tell(words: str) -> None:
    print(f"checkpoint: {words}", flush=True)


def main(words: list[str]) -> int:
    """Keep, or restore."""
    if words[:1] in (["--restore"], ["--restore-work"]):
        return _restore(Path(words[1]).absolute(), words[2], only_work=words[0] == "--restore-work")
    keeper = Keeper(Path(words[0]).absolute(), words[1], float(os.environ.get("FOOTPLATE_CHECKPOINT_S", EVERY_S)))
    signal.signal(signal.SIGTERM, lambda *_: keeper.end())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-c is the supervisor's, who then asks us
    if supervisor := os.environ.get("FOOTPLATE_SUPERVISOR"):
        die_with(int(supervisor))
    return keeper.run()


def _restore(folder: Path, url: str, only_work: bool) -> int:
    try:
        found = checkpoints.restore(url, folder.name, folder, print, folder.parent.parent, only_work=only_work)
    except (OutsideError, FootplateError) as error:
        _tell(f"not taken back: {reason(error)}")
        return 1
    at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(found.at)) if found else ""
    _tell(f"{found.files} files taken back, as saved at {at}" if found else "none there, the run starts anew")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
