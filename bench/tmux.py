"""A program in a real tmux of its own: keys go in as a person's would, and what stands on the screen comes out."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

SIZE = (120, 30)
PATIENCE_S = 60.0
EVERY_S = 0.002
_TOLD = ("TERM", "COLORTERM", "NO_COLOR", "TMUX", "TMUX_PANE")  # what differs between callers is left out


class Tmux:
    """One program on one screen, in a server of its own with tmux's default settings.

    A client in control mode asks for the screen over a pipe: a look costs a fraction of a millisecond, where a
    `tmux capture-pane` of its own costs several, and takes them from the program that is measured.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = SIZE,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._place = tempfile.mkdtemp(prefix="footplate-tmux-")
        self._tmux = ["tmux", "-S", f"{self._place}/socket", "-f", "/dev/null"]
        self._environment = {name: value for name, value in os.environ.items() if name not in _TOLD}
        words = [f"{name}={value}" for name, value in (environment or {}).items()]
        line = "exec " + shlex.join(["env", *words, *command])
        width, height = map(str, size)
        self.began = time.perf_counter()
        # What is printed stays to be read when the program has ended.
        options = ["set", "-g", "remain-on-exit", "on", ";", "set", "-g", "history-limit", "0", ";"]
        self._run(*options, "new-session", "-d", "-x", width, "-y", height, "-c", str(folder or Path.cwd()), line)
        self._control = self._attached()

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self, *words: str) -> None:
        subprocess.run([*self._tmux, *words], check=True, env=self._environment, capture_output=True)

    def _attached(self) -> subprocess.Popen[str]:
        command = [*self._tmux, "-C", "attach", "-f", "no-output,ignore-size"]
        control = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=self._environment
        )
        self._answer(control)  # to the attaching itself
        return control

    @staticmethod
    def _answer(control: subprocess.Popen[str]) -> str:
        """What stands between the next %begin and its %end."""
        assert control.stdout is not None
        lines: list[str] | None = None
        for line in control.stdout:
            if lines is None:
                lines = [] if line.startswith("%begin") else None
            elif line.startswith(("%end", "%error")):
                return "".join(lines)
            else:
                lines.append(line)
        raise RuntimeError("tmux has gone away")

    def ask(self, *words: str) -> str:
        """What tmux answers to a command."""
        assert self._control.stdin is not None
        self._control.stdin.write(shlex.join(words) + "\n")
        self._control.stdin.flush()
        return self._answer(self._control)

    # --- what a person does --------------------------------------------------------------------------------------

    def screen(self) -> str:
        """What stands on the screen."""
        return self.ask("capture-pane", "-p")

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names: `Enter`, `Escape`, `C-c`, or a character."""
        self.ask("send-keys", *names)

    def type(self, text: str) -> None:
        """Type a text."""
        self.ask("send-keys", "-l", text)

    def until(self, there: Callable[[str], object], what: str, patience_s: float = PATIENCE_S) -> float:
        """Wait until the screen is as wanted; the time (of `perf_counter`) at which it was seen."""
        end = time.perf_counter() + patience_s
        while not there(screen := self.screen()):
            if time.perf_counter() > end:
                raise TimeoutError(f"waited in vain for {what}; on the screen:\n{screen.rstrip()}")
            time.sleep(EVERY_S)
        return time.perf_counter()

    def sees(self, words: str, patience_s: float = PATIENCE_S) -> float:
        """Wait until words stand on the screen; when they were seen."""
        return self.until(lambda screen: words in screen, repr(words), patience_s)

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self.ask("display-message", "-p", "#{pane_pid}"))

    @property
    def alternate(self) -> bool:
        """Whether the program has taken the whole screen."""
        return self.ask("display-message", "-p", "#{alternate_on}").strip() == "1"

    @property
    def ended(self) -> bool:
        return self.ask("display-message", "-p", "#{pane_dead}").strip() == "1"

    def close(self) -> None:
        """End the program and its tmux."""
        subprocess.run([*self._tmux, "kill-server"], check=False, env=self._environment, capture_output=True)
        self._control.communicate(timeout=PATIENCE_S)
        shutil.rmtree(self._place, ignore_errors=True)


def installed() -> bool:
    """Whether there is a tmux here."""
    return shutil.which("tmux") is not None
