"""When the lines of a log were written: as the run's supervisor noted it, else as these screens saw the log grow."""

from __future__ import annotations

import time
from contextlib import suppress

from engine.errors import FootplateError
from engine.run import find
from engine.stamps import Stamps
from engine.workspace import Workspace
from tui.services.logfile import LogFile

DAY_S = 86400.0


class Times:
    """The times of one log. `look` belongs into a thread; `words` tells a line's time in `width` cells."""

    def __init__(self, workspace: Workspace, run_id: str, log: LogFile) -> None:
        self._workspace, self._run_id, self._log = workspace, run_id, log
        self._noted, self._seen = Stamps(), Stamps()
        self.known = False  # whether the supervisor has noted them

    @property
    def said(self) -> str:
        """What these times are."""
        return "times to a second" if self.known else "times as seen here"

    @property
    def width(self) -> int:
        return len("Feb 03 10:15:22" if self._stamps.span_s > DAY_S else "10:15:22")

    @property
    def _stamps(self) -> Stamps:
        return self._noted if self.known else self._seen

    def saw(self, now: float) -> None:
        """The log is as long as it is, now."""
        if self._log.index is not None:
            self._seen.note(now, self._log.index.extent.size)

    def look(self) -> None:
        """Read what the supervisor has noted since."""
        with suppress(FootplateError):  # a run of a recording is nowhere
            self._noted.read(find(self._workspace, self._run_id).log_times)
        self.known = len(self._noted) > 0

    def words(self, number: int) -> str:
        """By when a line was there; empty where nobody saw it come."""
        at = self._stamps.at(self._log.span(self._log.line(number))[0])
        if at is None or (not self.known and self._stamps.is_first(at)):
            return ""
        return time.strftime("%b %d %H:%M:%S" if self.width > 8 else "%H:%M:%S", time.localtime(at))
