"""The screens tell what happens: toasts, the bell, webhooks, the list of events."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from engine import settings
from engine.errors import FootplateError
from engine.settings import Settings
from engine.teller import News
from engine.telling import Telling
from engine.workspace import Workspace
from tests.engine.test_webhook import Chat
from tests.tui.helpers import SMALL, Moving, failed, opened, sees, shown, until, words
from tests.tui.on_terminal import OnTerminal
from tests.tui.test_clipboard import tmux as tmux
from tui.app import FootplateApp
from tui.entries import Entry
from tui.messages import ServiceFailed, ServiceRecovered, Told
from tui.options import Options
from tui.screens.events import when
from tui.services import telling
from tui.services.catalog import read
from tui.services.gate import Gate
from tui.services.telling import Listener, Messenger, passes_through
from tui.tellings import KEPT, Tellings


def one(kind: str = "failed", at: float = 5.0, run_id: str = "a", name: str = "run a") -> Telling:
    return Telling(kind, run_id, name, f"{kind} after 3s", at)


def set_up(text: str) -> None:
    settings.file().parent.mkdir(parents=True, exist_ok=True)
    settings.file().write_text(text)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "EVERY_S", 0.05)


# --- listening --------------------------------------------------------------------------------------------------------


def entries(workspace: Workspace) -> list[Entry]:
    from engine.run import listing

    return [read(run) for run in listing(workspace)]


def test_what_happens_at_once_is_told_at_once(workspace: Workspace) -> None:
    runs = [Moving(workspace, f"run {n}") for n in range(40)]
    known: list[Sequence[Entry] | None] = [None]
    told: list[News] = []
    listener = Listener(workspace, lambda: known[0], told.append)
    listener.step()
    known[0] = entries(workspace)
    listener.step()
    assert told == []
    for n, moving in enumerate(runs):
        moving.end()
        moving.tell(state="done" if n else "failed", ended_at=time.time())
        if n == 20:  # they end while it looks
            known[0] = entries(workspace)
            listener.step()
    known[0] = entries(workspace)
    listener.step()
    assert told == []
    listener.step()
    [news] = told
    assert len(news.new) == 40 and not news.old
    listener.step()
    assert len(told) == 1


def test_what_never_ends_to_happen_is_told_after_some_seconds(workspace: Workspace, monkeypatch) -> None:
    monkeypatch.setattr(telling, "HOLD_S", -1.0)
    moving, told = Moving(workspace), []
    listener = Listener(workspace, lambda: entries(workspace), told.append)
    listener.step()
    moving.end()
    moving.tell(state="failed", ended_at=time.time())
    listener.step()
    assert len(told) == 1 and told[0].new[0].kind == "failed"


def test_what_ended_before_is_handed_over_as_old(workspace: Workspace) -> None:
    failed(workspace)
    listing, told = entries(workspace), []
    Listener(workspace, lambda: listing, told.append).step()
    assert [news.old[0].kind for news in told] == ["failed"] and not told[0].new


# --- the webhook ------------------------------------------------------------------------------------------------------


@pytest.fixture
def chat() -> Iterator[Chat]:
    made = Chat()
    yield made
    made.shutdown()
    made.server_close()


def messenger(gate: Gate, chat: Chat, **given: Any) -> tuple[Messenger, list[object]]:
    posted: list[object] = []
    return Messenger(gate, Settings(webhook_url=chat.url, **given), posted.append), posted


def waits(condition: Any) -> None:
    from tests.lab import until as until_

    until_(condition, "it is sent")


def test_a_webhook_gets_what_it_is_to_get_through_the_gate(workspace: Workspace, chat: Chat) -> None:
    gate = Gate(workspace)
    tells, posted = messenger(gate, chat, webhook_events=("failed",))
    tells.tell(News(new=(one("finished"),)))
    tells.tell(News(new=(one("failed"), one("finished")), old=(one("failed"),)))
    waits(lambda: chat.got)
    assert [found["kind"] for found in chat.got[0]["tellings"]] == ["failed"] and "run a failed" in chat.got[0]["text"]
    waits(lambda: gate.calls)
    assert [call.what for call in gate.calls] == ["telling http://127.0.0.1/…"]
    assert len(chat.got) == 1 and all(isinstance(message, Told) for message in posted)


def test_read_only_sends_nothing(workspace: Workspace, chat: Chat) -> None:
    gate = Gate(workspace, "it is read-only")
    tells, posted = messenger(gate, chat)
    tells.tell(News(new=(one(),)))
    assert len(posted) == 1 and not gate.calls and chat.got == []


def test_of_two_screens_on_a_workspace_one_sends(workspace: Workspace, chat: Chat) -> None:
    def sent() -> list[float]:
        return [telling["at"] for found in chat.got for telling in found["tellings"]]

    (first, _), (second, _) = messenger(Gate(workspace), chat), messenger(Gate(workspace), chat)
    first.tell(News(new=(one(at=1.0),)))
    waits(lambda: sent() == [1.0])  # each sends in a thread of its own: whichever comes first is the one
    second.tell(News(new=(one(at=2.0),)))
    first.tell(News(new=(one(at=3.0),)))
    waits(lambda: len(sent()) == 2)
    assert sent() == [1.0, 3.0]


def test_a_webhook_that_fails_is_told_and_told_when_it_works_again(workspace: Workspace, chat: Chat) -> None:
    tells, posted = messenger(Gate(workspace), chat)
    chat.answers = [404]
    tells.tell(News(new=(one(),)))
    waits(lambda: len(posted) == 2)
    assert isinstance(posted[1], ServiceFailed) and "secret" not in posted[1].why
    tells.tell(News(new=(one(),)))
    waits(lambda: len(posted) == 4)
    assert isinstance(posted[3], ServiceRecovered)


def test_an_error_of_the_gate_is_a_failure_like_any_other(workspace: Workspace, chat: Chat) -> None:
    gate = Gate(workspace)
    tells, posted = messenger(gate, chat)
    gate.closed = "somebody closed it"
    tells.tell(News(new=(one(),)))
    waits(lambda: len(posted) == 2)
    assert isinstance(posted[1], ServiceFailed) and chat.got == [] and issubclass(FootplateError, Exception)


# --- toasts and the bell ----------------------------------------------------------------------------------------------


class Rings:
    """What was rung, in place of a terminal."""

    def __init__(self, app: FootplateApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bells, self.written = 0, []  # type: ignore[var-annotated]
        monkeypatch.setattr(app, "bell", self._bell)
        monkeypatch.setattr(app, "to_terminal", self.written.append)

    def _bell(self) -> None:
        self.bells += 1


async def test_an_end_makes_a_toast_a_ring_and_an_event(workspace: Workspace, monkeypatch) -> None:
    moving, app = Moving(workspace, "long one"), opened(workspace)
    rings = Rings(app, monkeypatch)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "● running")
        await settled(pilot)
        moving.end()
        moving.tell(state="failed", title="long one", ended_at=time.time(), error="out of memory")
        await sees(pilot, "long one failed", "out of memory", "1 new (E)")
        assert rings.bells == 1
        await pilot.press("E")
        await sees(pilot, "Events", "failed", "out of memory")
        await pilot.press("enter")
        await until(pilot, lambda: app.place is not None and app.place.NAME == "run")
        assert app.lab.opened == moving.run.id
        await sees(pilot, "✗ failed")
        assert not app.tellings.unseen


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until the listener has seen the runs."""
    app = pilot.app
    assert isinstance(app, FootplateApp)
    await until(pilot, lambda: app._hearing is not None)
    known = app.lab.entries
    assert known
    await pilot.pause(0.1)


async def test_forty_ends_make_one_toast_and_one_ring(workspace: Workspace, monkeypatch) -> None:
    app = opened(workspace)
    rings = Rings(app, monkeypatch)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "no runs yet")
        now = time.time() + 1
        app.post_message(Told(new=[one("finished", now + n, f"r{n}") for n in range(40)]))
        await sees(pilot, "40 finished; E lists them", "40 new (E)")
        assert rings.bells == 1 and len(app._notifications) == 1


async def test_the_settings_say_what_is_told_and_how(workspace: Workspace, monkeypatch) -> None:
    set_up("tell: [failed]\nbell: osc9\n")
    app = opened(workspace)
    rings = Rings(app, monkeypatch)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "no runs yet")
        app.post_message(Told(new=[one("finished", time.time() + 1)]))
        await sees(pilot, "1 new (E)")
        assert not rings.written and not len(app._notifications)
        app.post_message(Told(new=[one("failed", time.time() + 1)], by_notice=True))
        await sees(pilot, "run a failed after 3s")
        assert rings.written == ["\x1b]9;footplate: run a failed after 3s\a"] and not rings.bells
        app.post_message(Told(new=[one("failed", time.time() + 2)]))  # a tmux that hands nothing on
        await until(pilot, lambda: rings.bells == 1)


async def test_silence_is_silence(workspace: Workspace, monkeypatch) -> None:
    set_up("bell: off\n")
    app = opened(workspace)
    rings = Rings(app, monkeypatch)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "no runs yet")
        app.post_message(Told(new=[one("failed", time.time() + 1)]))
        await sees(pilot, "run a failed after 3s")
        assert not rings.bells and not rings.written


async def test_faults_in_the_settings_are_told_and_stop_nothing(workspace: Workspace) -> None:
    set_up("theme: pink\n")
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "your settings", "no runs yet")
        [toast] = app._notifications
        assert "settings.yaml:1: theme: expected one of" in toast.message


@pytest.mark.parametrize(("option", "sequence"), [("on", b"\x1b]9;footplate: "), ("off", b"\x07")])
def test_inside_of_tmux_a_notice_gets_out_where_it_may_and_else_the_bell(
    workspace: Workspace, tmux: list[str], option: str, sequence: bytes
) -> None:
    set_up("bell: osc9\n")
    moving = Moving(workspace)
    inside = shlex.join([sys.executable, "-m", "tui", "-w", str(workspace.root)])
    told = f"set-option -g allow-passthrough {option} ; set-option -g monitor-bell on".split()
    with OnTerminal([*tmux, *told, ";", "new-session", inside]) as outer:
        outer.sees("running")
        outer.rests(1.5)
        before = len(outer.bytes)
        moving.end()
        moving.tell(state="failed", ended_at=time.time())
        outer.sees("a live one failed", before)
        outer.sees(sequence.decode(), before)
        assert (b"\x1b]9;" in outer.bytes) is (option == "on")
    assert passes_through({})


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_newest_stands_first_and_the_list_has_an_end() -> None:
    tellings = Tellings(looked_at=KEPT + 5.0)
    tellings.take(one(at=float(n)) for n in range(KEPT + 9))
    assert len(tellings.newest_first) == KEPT and tellings.newest_first[0].at == KEPT + 8
    assert len(tellings.unseen) == 3
    tellings.look(KEPT + 8.0)
    assert not tellings.unseen


async def test_the_list_has_a_line_where_somebody_looked_last_and_a_filter(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "no runs yet")
        now = time.time()
        app.tellings.looked_at = now - 4000
        told = [one("finished", now - 5000, "r1", "old one"), one("failed", now - 60, "r2", "new one")]
        app.post_message(Told(old=told))
        await pilot.press("E")
        await sees(pilot, "last looked, 1h ago", "old one")
        lines = [line for line in shown(app) if "one " in line or "last looked" in line]
        assert ["new one" in lines[0], "last looked" in lines[1], "old one" in lines[2]] == [True, True, True]
        await pilot.press("slash", *"event:finished")
        await until(pilot, lambda: "new one" not in words(app) and "last looked" not in words(app))
        await pilot.press("enter", "j", "escape")
        await sees(pilot, "new one")
        await pilot.press("j", "enter")  # the line itself opens nothing
        await sees(pilot, "Events")
        await pilot.press("q")
        await until(pilot, lambda: "Events" not in words(app))
        assert app.tellings.looked_at >= now


async def test_in_read_only_the_list_can_be_looked_at(workspace: Workspace) -> None:
    failed(workspace)
    app = FootplateApp(workspace.root, None, Options(read_only=True))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✗ failed")
        await until(pilot, lambda: app.tellings.newest_first)
        await pilot.press("E")
        await sees(pilot, "Events", "a bad one")


def test_times_name_the_day_where_it_is_not_today() -> None:
    now = time.mktime((2026, 11, 22, 15, 0, 0, 0, 0, -1))
    assert [when(now - ago, now) for ago in (60, 86400, 30 * 86400)] == ["14:59:00", "Sat 15:00", "Oct 23"]
