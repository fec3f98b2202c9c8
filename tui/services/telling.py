"""Listens to the list of runs for what is worth telling, and tells it: to the screens, and to a webhook."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from engine import home, locks, terminal, webhook
from engine.errors import FootplateError
from engine.pulse import pulse
from engine.run import Run
from engine.settings import Settings
from engine.teller import News, Teller
from engine.telling import Seen, Telling, payload
from engine.workspace import Workspace
from tui.entries import Entry
from tui.messages import ServiceFailed, ServiceRecovered, Told
from tui.services.gate import Gate
from tui.services.watch import Post

EVERY_S = 1.0
HOLD_S = 5.0  # what happens at once is told at once: so long at most the first waits for the others
WEBHOOK = "telling the webhook"

Entries = Callable[[], Sequence[Entry] | None]


class Listener:
    """Tells what is new in the list of runs; `step` belongs into a Watch."""

    def __init__(self, workspace: Workspace, entries: Entries, tell: Callable[[News], Any]) -> None:
        self._workspace, self._entries, self._tell = workspace, entries, tell
        self._teller = Teller(time.time())
        self._known: dict[str, Entry] = {}
        self._held: list[Telling] = []
        self._held_since = 0.0

    def step(self) -> float:
        """Look once; new things are told when nothing more of their kind comes after them."""
        entries, now = self._entries(), time.time()
        if entries is None:
            return EVERY_S
        news = self._teller.look(self._changed(entries), now)
        if news.old:
            self._tell(News(old=news.old))
        self._hold(news.new, now)
        return EVERY_S

    def _hold(self, new: Sequence[Telling], now: float) -> None:
        if new and not self._held:
            self._held_since = now
        self._held += new
        if self._held and (not new or now - self._held_since > HOLD_S):
            held, self._held = self._held, []
            self._tell(News(new=held))

    def _changed(self, entries: Iterable[Entry]) -> Iterator[Seen]:
        """The runs that move, or are not what they were."""
        before, self._known = self._known, {}
        for entry in entries:
            self._known[entry.id] = entry
            if entry.state == "running" or before.get(entry.id) is not entry:
                yield self._seen(entry)

    def _seen(self, entry: Entry) -> Seen:
        felt = pulse(Run(self._workspace.runs / entry.id)) if entry.state == "running" else None
        heard_at, gpu = (felt.heard_at, felt.gpu_percent) if felt else (None, None)
        return Seen(entry.id, entry.job, entry.name, entry.created_at, entry.status, heard_at, gpu)


class Messenger:
    """Tells the screens, and a webhook where there is one: of several screens on a workspace the first does that."""

    def __init__(self, gate: Gate, settings: Settings, post: Post) -> None:
        self._gate, self._settings, self._post = gate, settings, post
        self._url = "" if gate.closed else settings.webhook_url
        self._sender = webhook.Sender(self._send, self._failed) if self._url else None
        self._lock: int | None = None
        self._failing = False

    def tell(self, news: News) -> None:
        by_notice = bool(news.new) and self._settings.bell == "osc9" and passes_through()
        self._post(Told(news.new, news.old, by_notice))
        wanted = [telling for telling in news.new if telling.kind in self._settings.webhook_events]
        if wanted and self._sender:
            self._sender.put(payload(wanted, str(self._gate.workspace.root), socket.gethostname()))

    def _is_first(self) -> bool:
        """Whether no other screen on this workspace sends; where that one is left, this one takes its place."""
        if self._lock is None:
            file = home.of_workspace(self._gate.workspace.root).with_suffix(".webhook")
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = locks.hold(file)
        return self._lock is not None

    def _send(self, value: Mapping[str, Any]) -> None:
        if not self._is_first():
            return
        self._gate.change(f"telling {webhook.shown(self._url)}", partial(webhook.send, self._url, value))
        if self._failing:
            self._failing = False
            self._post(ServiceRecovered(WEBHOOK))

    def _failed(self, error: FootplateError) -> None:
        self._failing = True
        self._post(ServiceFailed(WEBHOOK, error.message, error.hint))


def passes_through(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether tmux hands on what is wrapped for the terminal around it; True outside of tmux."""
    if not terminal.in_tmux(environ):
        return True
    command = ["tmux", "show-options", "-gwv", "allow-passthrough"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=2, check=False).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return False
    return said in ("on", "all")
