"""The workspace as it is now, and everything that it tells the screens kept on a tape."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from textual.message import Message

from engine.errors import FootplateError
from engine.workspace import Workspace
from tui.entries import Entry
from tui.messages import EventsArrived, LogGrew, RunGone, RunsChanged, StatusChanged
from tui.services.recording.codec import UnknownError, plain
from tui.services.recording.logtrack import LogTrack
from tui.services.recording.patch import difference
from tui.services.recording.question import Question, question
from tui.services.recording.tape import Line, Tape
from tui.services.sources import ListOfRuns, Live, OneRun
from tui.services.watch import Post

T = TypeVar("T")
WHOLE_EVERY = 4  # when so many times as much was told in differences, the whole list is told again
WHOLE_FROM = 1 << 15  # characters of differences


class Recorded(Live):
    """Live sources whose words pass through a tape."""

    def __init__(self, workspace: Workspace, tape: Tape, name: str = "footplate") -> None:
        super().__init__(workspace, name)
        self._tape = tape
        self._runs = KeptRuns()
        self._each: dict[str, KeptRun] = {}
        self._answers: dict[Question, Any] = {}

    def title(self) -> str:
        return f"{super().title()} ● rec"

    def catalog(self, post: Post) -> ListOfRuns:
        return super().catalog(self._through(post, self._runs.take))

    def follower(self, run_id: str, post: Post) -> OneRun:
        kept = self._each.setdefault(run_id, KeptRun(run_id, LogTrack(self._workspace, run_id)))
        return super().follower(run_id, self._through(post, kept.take))

    def _through(self, post: Post, lines: Callable[[Message], Iterable[Line]]) -> Post:
        def told(message: Message) -> object:
            self._tape.keep(partial(lines, message))
            return post(message)

        return told

    def ask(self, do: Callable[[], T]) -> T:
        asked = question(do)
        try:
            answer = super().ask(do)
        except FootplateError as error:
            self._keep_answer(asked, {"fault": [error.message, error.hint]})
            raise
        self._keep_answer(asked, {"value": answer})
        return answer

    def _keep_answer(self, asked: Question | None, answer: dict[str, Any]) -> None:
        if asked is not None:
            self._tape.keep(partial(self._answer, asked, answer))

    def _answer(self, asked: Question, answer: dict[str, Any]) -> Iterable[Line]:
        """An answer that is the same as the last time need not be said again."""
        try:
            said = {name: plain(value) for name, value in answer.items()}
        except UnknownError:
            return  # a replay says of it that it is not in the recording
        if self._answers.get(asked) != said:
            self._answers[asked] = said
            yield {"kind": "answer", "of": asked.name, "about": asked.about, **said}


class KeptRuns:
    """What the tape knows of the list of runs; looked at in the tape's thread alone."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._plain: dict[str, Any] = {}
        self._whole = self._differences = 0  # characters of the list when it was told whole, and told since

    def take(self, message: Message) -> Iterable[Line]:
        """The lines for a message of the catalog."""
        if not isinstance(message, RunsChanged):
            return
        changed = self._changes(message.entries)
        self._differences += len(str(changed))
        if not self._whole or self._differences > max(WHOLE_FROM, WHOLE_EVERY * self._whole):
            self._whole, self._differences = len(str(self._plain)), 0
            yield {"kind": "runs", "all": self._plain}
        elif changed:
            yield {"kind": "runs", "changed": changed}

    def _changes(self, entries: Iterable[Entry]) -> dict[str, Any]:
        """What is new of each run; the catalog keeps the very entry of a run that is as it was."""
        now = {entry.id: entry for entry in entries}
        changed: dict[str, Any] = {run_id: None for run_id in self._plain if run_id not in now}
        for run_id, entry in now.items():
            if self._entries.get(run_id) is not entry:
                raw = plain(entry)
                if raw != self._plain.get(run_id):
                    changed[run_id] = difference(self._plain.get(run_id), raw)
                self._plain[run_id] = raw
        self._entries, self._plain = now, {run_id: self._plain[run_id] for run_id in now}
        return changed


class KeptRun:
    """What the tape knows of one run; looked at in the tape's thread alone."""

    def __init__(self, run_id: str, log: LogTrack) -> None:
        self._run_id, self._log = run_id, log
        self._offset = 0  # bytes of its events that are on the tape
        self._status: Any = None

    def take(self, message: Message) -> Iterable[Line]:
        """The lines for a message of a follower; each new follower tells everything from the beginning."""
        about = {"run": self._run_id}
        match message:
            case StatusChanged(status=status):
                raw = plain(status)
                kind = {"changed": difference(self._status, raw)} if self._status else {"all": raw}
                self._status = raw
                yield {"kind": "status", **about, **kind}
            case EventsArrived(block=block) if block is not None:
                begin = block.offset - len(block.lines) - 1  # the last line is told without its end
                new = block.lines[max(0, self._offset - begin) :]
                self._offset = max(self._offset, block.offset)
                if new:
                    yield {"kind": "events", **about, "lines": new.decode("utf-8", "surrogateescape")}
            case LogGrew():
                yield from ({"kind": "log", **about, **piece} for piece in self._log.grown())
            case RunGone(words=words):
                yield {"kind": "gone", **about, "words": words}
