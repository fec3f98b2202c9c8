"""Sources that tell what a recording holds, at the time of a clock that a hand can move."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from engine import points
from engine.errors import FootplateError
from tui.entries import Entry
from tui.messages import EventsArrived, LogGrew, RunGone, RunsChanged, StatusChanged
from tui.services.logfile import LogFile
from tui.services.recording.clock import Clock
from tui.services.recording.codec import UnknownError, made
from tui.services.recording.patch import patched
from tui.services.recording.question import Question, question
from tui.services.recording.reader import Line, Recording, RunLines
from tui.services.recording.shadow import Shadow
from tui.services.watch import Post

T = TypeVar("T")
LOOK_S = 0.5
GONE_S = 1.0  # whoever looks on asks again before
BATCH = 64  # what came in so many messages is told in one, where the time has leapt
NOT_KEPT = "not in the recording"


class Replay:
    """A recording as if it happened now."""

    closed = "this is a replay"
    place = "replay"

    def __init__(self, recording: Recording, clock: Clock) -> None:
        self.recording, self.clock = recording, clock
        self._folder = tempfile.TemporaryDirectory(prefix="footplate-replay-")
        self.root = Path(self._folder.name)  # an empty place: whoever looks around here finds nothing of a workspace
        self._logs = 0
        self._playing: dict[str, PlayedList | PlayedRun] = {}  # what was opened last of each kind

    def close(self) -> None:
        self._folder.cleanup()

    def title(self) -> str:
        """REPLAY, where it is of how much, and how fast."""
        clock = self.clock
        sign = "▶" if clock.playing else "‖"
        speed = f" ×{clock.speed}" if clock.speed > 1 else ""
        return f"REPLAY {sign} {minutes(clock.position)}/{minutes(clock.length_s)}{speed}"

    def now(self) -> float:
        """The time that it is on the screens, in seconds since 1970."""
        return self.recording.began_at + self.clock.position

    def catalog(self, post: Post) -> PlayedList:
        found = self._playing["list"] = PlayedList(self.recording.runs, self.clock, post)
        return found

    def follower(self, run_id: str, post: Post) -> PlayedRun:
        told = self.recording.each.get(run_id, RunLines())
        self._logs += 1
        shadow = Shadow(self.root / f"log-{self._logs}.txt", told.log)
        found = self._playing["run"] = PlayedRun(run_id, told, self.clock, shadow, post)
        return found

    @property
    def told(self) -> bool:
        """Whether everything is told that happened by the time of the clock."""
        return not any(played.owes(self.clock.position) for played in self._playing.values())

    def ask(self, do: Callable[[], T]) -> T:
        """What the service had answered by now; else what it answered later; else that nobody asked it."""
        asked = question(do)
        return do() if asked is None else self._answer(asked)

    def _answer(self, asked: Question) -> Any:
        known = self._like(asked)
        line = (known.last(self.clock.position) or known.items[0]) if known else None
        if line is None:
            raise FootplateError(NOT_KEPT, hint="nobody looked at it while it was made")
        if "fault" in line:
            raise FootplateError(line["fault"][0], hint=line["fault"][1])
        try:
            return made(line["value"])
        except (UnknownError, KeyError, TypeError, ValueError):
            raise FootplateError(NOT_KEPT, hint="it was made by another version") from None

    def _like(self, asked: Question) -> Line[Any] | None:
        if asked in self.recording.answers:
            return self.recording.answers[asked]
        like = [(other.likeness(asked)[1], other) for other in self.recording.answers if other.likeness(asked)[0]]
        return self.recording.answers[max(like, key=lambda one: one[0])[1]] if like else None


class Played:
    """What it has told, and up to when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.at = -1.0
        self._waits, self._stepped_at = False, time.monotonic()

    def step(self) -> float:
        """Tell what is to be told by now, and wait for more."""
        self._stepped_at, position = time.monotonic(), self._clock.position
        following = self.tell(position)
        self.at, self._waits = position, True
        self._clock.wait(following, LOOK_S)
        self._waits = False
        return 0.0

    def tell(self, at: float) -> float | None:
        """Tell what was told by then; the time of what follows."""
        raise NotImplementedError

    def owes(self, at: float) -> bool:
        """Whether there may be something to be told by then; who left it does not ask any more."""
        asked = self._waits or time.monotonic() - self._stepped_at < GONE_S
        return self.at != at and asked


class PlayedList(Played):
    """Tells RunsChanged at the times at which it was told."""

    def __init__(self, told: Line[dict[str, Any]], clock: Clock, post: Post) -> None:
        super().__init__(clock)
        self._told, self._post = told, post
        self._count = -1
        self._plain: dict[str, Any] = {}
        self._entries: dict[str, tuple[Any, Entry]] = {}

    def look_again(self) -> None:
        self._count = -1

    def tell(self, at: float) -> float | None:
        count = self._told.count(at)
        if count != self._count:
            self._fold(count)
            self._count = count
            self._post(RunsChanged([self._entry(name) for name in sorted(self._plain, reverse=True)]))
        return self._told.next_time(at)

    def _fold(self, count: int) -> None:
        """The list after so many messages: from where it stands, or from the last one that told it whole."""
        begin = max(0, self._count) if count >= self._count else 0
        whole = next((place for place in range(count - 1, begin - 1, -1) if "all" in self._told.items[place]), None)
        if whole is not None:
            self._plain, begin = self._told.items[whole]["all"], whole + 1
        elif begin == 0:
            self._plain = {}
        for line in self._told.items[begin:count]:
            self._plain = patched(self._plain, line["changed"])

    def _entry(self, run_id: str) -> Entry:
        raw, entry = self._entries.get(run_id, (None, None))
        if entry is None or raw is not self._plain[run_id]:
            raw = self._plain[run_id]
            entry = made(raw)
            self._entries[run_id] = raw, entry
        return entry


class PlayedRun(Played):
    """Tells what one run said, at the times at which it was told."""

    def __init__(self, run_id: str, told: RunLines, clock: Clock, shadow: Shadow, post: Post) -> None:
        super().__init__(clock)
        self.run_id, self.log = run_id, LogFile()
        self._told, self._shadow, self._post = told, shadow, post
        self.log.move(shadow.path)
        self._events = 0
        self._status: Any = None
        self._gone = False
        self._blocks: dict[tuple[int, int], points.Block] = {}

    def tell(self, at: float) -> float | None:
        if at < self.at:
            self._begin_anew()
        self._tell_events(self._told.events.count(at))
        self._tell_status(self._told.status.last(at))
        self._tell_log(self._told.log.count(at))
        self._tell_gone(self._told.gone.last(at))
        told = self._told
        following = [line.next_time(at) for line in (told.events, told.status, told.log, told.gone)]
        return min((then for then in following if then is not None), default=None)

    def _begin_anew(self) -> None:
        self._events, self._status, self._gone = 0, None, False
        self._post(EventsArrived(self.run_id, (), afresh=True))

    def _tell_events(self, count: int) -> None:
        while self._events < count:
            end = min(count, (self._events // BATCH + 1) * BATCH)
            block = self._block(self._events, end)
            self._post(EventsArrived(self.run_id, points.Said(block), block=block))
            self._events = end

    def _block(self, begin: int, end: int) -> points.Block:
        """What was told in so many messages; whole batches are remembered for the next time that one goes back."""
        if (begin, end) in self._blocks:
            return self._blocks[begin, end]
        found = points.block(b"\n".join(self._told.events.items[begin:end]))
        if begin % BATCH == 0 and end - begin == BATCH:
            self._blocks[begin, end] = found
        return found

    def _tell_status(self, raw: Any) -> None:
        if raw is not None and raw is not self._status:
            self._status = raw
            self._post(StatusChanged(self.run_id, made(raw)))

    def _tell_log(self, count: int) -> None:
        if self._shadow.show(count):
            _changed, afresh = self.log.update()
            self._post(LogGrew(self.run_id, self.log.count, afresh))

    def _tell_gone(self, words: str | None) -> None:
        if words and not self._gone:
            self._gone = True
            self._post(RunGone(self.run_id, words))


def minutes(seconds: float) -> str:
    """A place in a recording: 0:42, 12:05, 1:00:00."""
    whole = int(seconds)
    hours = f"{whole // 3600}:" if whole >= 3600 else ""
    return f"{hours}{whole // 60 % 60:0{2 if hours else 1}d}:{whole % 60:02d}"
