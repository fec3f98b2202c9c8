"""The table of actions: one key, one meaning; and what costs asks."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.workspace import Workspace
from tests import lab
from tests.tui.helpers import SMALL, done, failed, made, opened, sees, until, words
from tui.actions import SCREENS, TABLE, Facts, bindings, of, shown, worded
from tui.app import FootplateApp
from tui.screens.base import FootplateScreen
from tui.screens.confirm import Confirm
from tui.screens.help import page

FORBIDDEN = {"ctrl+a", "ctrl+b", "ctrl+h", "ctrl+j", "ctrl+k", "ctrl+l"}


@pytest.mark.parametrize("screen", SCREENS)
def test_no_two_actions_share_a_key_on_a_screen(screen: str) -> None:
    keys = Counter(key for action in of(screen) for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_key_is_taken_that_tmux_or_a_terminal_wants() -> None:
    keys = {key for action in TABLE for key in action.keys}
    assert not keys & FORBIDDEN
    assert not [key for key in keys if key.startswith("alt+") or (key.startswith("f") and key[1:].isdigit())]


def test_every_action_says_what_it_does_and_has_an_id_of_its_own() -> None:
    assert all(action.label and action.help and action.screens for action in TABLE)
    assert len({action.id for action in TABLE}) == len(TABLE)


@pytest.mark.parametrize("screen", SCREENS)
async def test_every_action_of_a_screen_can_be_done_there(workspace: Workspace, screen: str) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press(str((SCREENS.index(screen) + 1) % 10))
        assert isinstance(app.place, FootplateScreen) and screen == app.place.NAME
        assert [action.id for action in of(screen) if not hasattr(app.place, f"do_{action.id}")] == []


def test_bindings_carry_the_ids_by_which_a_keymap_moves_them() -> None:
    found = {binding.id: binding for binding in bindings("runs")}  # type: ignore[union-attr]
    assert found["stop"].action == "act('stop')" and found["stop"].key == "x" and found["stop"].tooltip


def test_an_action_that_cannot_act_says_why() -> None:
    reasons = {action.id: action.why_not(Facts(states=("done",), pane="look")) for action in TABLE}
    assert reasons["stop"] == "it is done already"
    assert "{retry} does it again" in reasons["resume"] and "{log} shows" in reasons["follow"]
    assert worded(reasons["follow"], lambda _: ("ctrl+l",)) == "only the log grows; ^l shows it"
    assert reasons["retry"] == reasons["archive"] == ""
    assert "moving" in {action.id: action.why_not(Facts(states=("running",))) for action in TABLE}["archive"]


def test_the_help_has_every_action_with_its_keys_and_reasons() -> None:
    text = page("runs", Facts(states=("done",)), lambda action: action.keys, 70).plain
    assert all(action.help.split()[0] in text for action in of("runs"))
    assert "Not now: it is done" in " ".join(text.split()) and max(map(len, text.splitlines())) <= 70


def test_keys_are_written_as_people_say_them() -> None:
    assert [shown(key) for key in ("ctrl+s", "escape", "down", "?", "G")] == ["^s", "esc", "↓", "?", "G"]


# --- on the screens -------------------------------------------------------------------------------------------------


async def test_a_key_that_cannot_act_tells_why(workspace: Workspace) -> None:
    app = opened(workspace, done(workspace))
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("x")
        await sees(pilot, "not now: stop", "it is done already")


async def test_stop_names_the_run_and_waits_for_yes(workspace: Workspace) -> None:
    run = lab.toy(workspace, *lab.ENDLESS)
    lab.working(run)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "● running")
        await pilot.press("2", "x")
        await sees(pilot, "Stop 1 run?", run.id)
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert not run.stop.exists()
        await pilot.press("x", "y")
        await until(pilot, run.stop.exists, "the request to stop")
        await sees(pilot, "■ stopped")
    assert lab.ended(run).state == "stopped"


async def test_archive_asks_and_undo_brings_back(workspace: Workspace) -> None:
    runs = [done(workspace), failed(workspace)]
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        await sees(pilot, "2 runs")
        await pilot.press("space", "space")
        await sees(pilot, "2 marked")
        await pilot.press("a")
        await sees(pilot, "Archive 2 runs?", *(run.id for run in runs))
        await pilot.press("enter")
        await sees(pilot, "no runs yet")
        assert all((workspace.archive / run.id).is_dir() for run in runs)
        await pilot.press("z")
        await sees(pilot, "Take back archiving 2 runs?")
        await pilot.press("z")  # a change takes its own key for a yes
        await sees(pilot, "a good one", "a bad one")


async def test_tags_and_note_are_given_and_taken_back(workspace: Workspace) -> None:
    run = done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        await sees(pilot, "a good one")
        await pilot.press("e", *"gold best", "tab", *"look at this", "enter")
        await sees(pilot, "look at this")
        await pilot.press("slash", *"tag:gold", "enter")
        await sees(pilot, "1 run")
        await pilot.press("z", "y")
        await sees(pilot, "no run fits")
    assert run.folder.is_dir()


async def test_a_failed_action_says_what_why_and_what_to_do(workspace: Workspace) -> None:
    run = made(workspace, "of another version", state="failed", ended_at=1.0, error="no")
    run.spec.write_text("unheard_of: 1\n")
    app = opened(workspace, run)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "✗ failed")
        await pilot.press("r", "r")
        await sees(pilot, "starting again did not work", "unknown key")


async def test_the_palette_finds_actions_by_name(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("colon")
        await sees(pilot, "what it does", "not now: there is no run here")
        await pilot.press(*"theme")
        await until(pilot, lambda: "not now" not in words(app) and "The next theme" in words(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.theme == "footplate-light")


async def test_q_leaves_from_the_first_screen_only(workspace: Workspace) -> None:
    app: FootplateApp = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2", "4", "q")
        assert app.place is not None and app.place.NAME == "runs"
        await pilot.press("escape", "escape")
        assert app.place.NAME == "overview" and app.is_running
        await pilot.press("question_mark", "j", "q")
        assert app.place.NAME == "overview" and app.is_running
        await pilot.press("q")
        await until(pilot, lambda: app._exit)
