"""One run, followed: what it says from an offset, how it goes, and how its log grows."""

from __future__ import annotations

from engine import points
from engine.errors import RunError
from engine.points import Said
from engine.run import Run, Status, find
from engine.workspace import Workspace
from tui.messages import EventsArrived, LogGrew, RunGone, StatusChanged
from tui.services.logfile import LogFile
from tui.services.watch import Post

MOVING_S = 0.03  # a line is on the screen before anybody has looked for it
ENDED_S = 2.0


class Follower:
    """Looks after one run; `step` belongs into a Watch."""

    def __init__(self, workspace: Workspace, run_id: str, post: Post) -> None:
        self.run_id = run_id
        self.log = LogFile()
        self._run: Run | None = None
        self._workspace, self._post = workspace, post
        self._offset = 0
        self._status: Status | None = None

    def step(self) -> float | None:
        """Tell what is new; seconds until the next look, or None where there is nothing left to look at."""
        try:
            run = self._run = self._run or self._find()
            self._tell_status(run)
            more = self._tell_events(run)
            more = self._tell_log() or more
        except (FileNotFoundError, RunError) as error:
            return self._moved(error)
        if more:
            return 0.0
        return ENDED_S if self._status and not self._status.active else MOVING_S

    def _tell_status(self, run: Run) -> None:
        status = run.status()
        if _without_heartbeat(status) != _without_heartbeat(self._status):
            self._post(StatusChanged(self.run_id, status))
        self._status = status

    def _tell_events(self, run: Run) -> bool:
        if not run.folder.is_dir():
            raise FileNotFoundError
        block = points.read(run.events, self._offset)
        more, self._offset = block.offset > self._offset, block.offset
        if block:
            self._post(EventsArrived(self.run_id, Said(block), block=block))
        return more

    def _tell_log(self) -> bool:
        """Tell that the log grew; whether there is more of it to read."""
        changed, afresh = self.log.update()
        if changed:
            self._post(LogGrew(self.run_id, self.log.count, afresh))
        return self.log.behind

    def _find(self) -> Run:
        run = find(self._workspace, self.run_id)
        self.log.move(run.log)
        return run

    def _moved(self, error: Exception) -> float | None:
        """The folder is not where it was: it was archived or brought back, or it is gone."""
        before, self._run = self._run, None
        try:
            self._run = self._find()
        except RunError:
            words = error.message if isinstance(error, RunError) else f"{self.run_id}: the run's folder is gone"
            self._post(RunGone(self.run_id, words))
            return None
        return MOVING_S if before == self._run else 0.0


def _without_heartbeat(status: Status | None) -> dict[str, object]:
    return {name: value for name, value in vars(status).items() if name != "heartbeat_at"} if status else {}
