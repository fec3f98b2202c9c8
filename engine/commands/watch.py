"""The verb watch: what is worth telling of all runs, a line each, until ctrl-c; to a webhook as well if asked."""

from __future__ import annotations

import argparse
import json
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial

from engine import settings, webhook
from engine.commands.verb import Asked, Verb, say, workspace
from engine.errors import AskError, RunError
from engine.pulse import pulse
from engine.run import Run, listing
from engine.teller import Teller
from engine.telling import Seen, Telling, payload
from engine.workspace import Workspace

EVERY_S = 2.0
OF_SETTINGS = "settings"


def watch(asked: Asked) -> int:
    """Tell until ctrl-c; what was so before it began is not told."""
    there, url = workspace(asked), _url(asked)
    eyes, teller, sender = Eyes(there), Teller(time.time()), _sender(url)
    say(f"watching {there.root}; ctrl-c ends it{f'; {webhook.shown(url)} is told too' if url else ''}")
    try:
        while True:
            news = _news(teller, eyes)
            _tell(asked, news)
            if sender and news:
                sender.put(payload(news, str(there.root), socket.gethostname()))
            time.sleep(EVERY_S)
    finally:
        if sender:
            sender.close(webhook.TIMEOUT_S)


def _news(teller: Teller, eyes: Eyes) -> Sequence[Telling]:
    """What is new; a disk that fails for a moment, in a night say, ends nothing."""
    try:
        return teller.look(eyes.look(), time.time()).new
    except OSError as error:
        say(f"footplate: reading the runs: {error}; it is tried again")
        return ()


def _sender(url: str) -> webhook.Sender | None:
    if not url:
        return None
    # What was told here is told; the next one may get through.
    return webhook.Sender(partial(webhook.send, url), lambda error: say(f"footplate: {error}"))


class Eyes:
    """Looks at all runs, and reads those that moved or changed since the last look."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._marks: dict[str, float] = {}

    def look(self) -> Iterator[Seen]:
        for run in listing(self._workspace):
            mark = _changed_at(run)
            if self._marks.get(run.id) == mark:
                continue
            try:
                seen = _seen(run)
            except RunError:  # archived or deleted since the folder was listed
                continue
            if not seen.status.active:
                self._marks[run.id] = mark
            yield seen


def _seen(run: Run) -> Seen:
    status = run.status()
    felt = pulse(run) if status.state == "running" else None
    heard_at, gpu = (felt.heard_at, felt.gpu_percent) if felt else (None, None)
    return Seen(run.id, run.job, status.title or run.job, run.created_at, status, heard_at, gpu)


def _changed_at(run: Run) -> float:
    try:
        return run.status_file.stat().st_mtime
    except OSError:
        return 0.0


def _tell(asked: Asked, news: Sequence[Telling]) -> None:
    for telling in news:
        at = time.strftime("%H:%M:%S", time.localtime(telling.at))
        words = (
            json.dumps(asdict(telling), ensure_ascii=False) if asked.json else f"{at}  {telling}  ({telling.run_id})"
        )
        print(words, flush=True)


def _url(asked: Asked) -> str:
    """The webhook that was named, or the one of the settings."""
    if asked.webhook != OF_SETTINGS:
        return webhook.checked(asked.webhook) if asked.webhook else ""
    found, faults = settings.read(settings.file())
    if not found.webhook_url:
        raise AskError("no webhook.url in the settings", hint="; ".join(faults) or f"add it to {settings.file()}")
    return found.webhook_url


def _watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--webhook", metavar="URL", nargs="?", const=OF_SETTINGS, default="",
                        help="post each one there as JSON; without URL, to webhook.url of the settings")  # fmt: skip


VERBS = (Verb("watch", "tell when runs end, fail or stall, until ctrl-c", _watch, watch),)
