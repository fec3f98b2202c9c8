"""`python -m bench.apps richlog|log PATH`: a file, followed with Textual's own widgets, looked at 20 times a second."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import Log, RichLog

EVERY_S = 0.05


class Tail(App[None]):
    """A file that grows, in a widget that keeps all its lines."""

    def __init__(self, path: str, rich: bool) -> None:
        super().__init__()
        self._file = open(path, encoding="utf-8", errors="replace")  # noqa: SIM115, PTH123 (open as long as the app)
        self._rich = rich

    def compose(self) -> ComposeResult:
        yield RichLog() if self._rich else Log()

    def on_mount(self) -> None:
        self.set_interval(EVERY_S, self._more)

    def _more(self) -> None:
        lines = self._file.read().splitlines()
        if self._rich:
            for line in lines:
                self.query_one(RichLog).write(line)
        elif lines:
            self.query_one(Log).write_lines(lines)


if __name__ == "__main__":
    Tail(sys.argv[2], sys.argv[1] == "richlog").run()
