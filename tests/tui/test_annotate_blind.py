"""Annotate gives nothing away: among the other screens, of repeats, to recordings."""

from __future__ import annotations

from pathlib import Path

from engine.annotations import frames
from engine.annotations.decision import Decision
from engine.annotations.log import Log
from engine.annotations.queue import Study, plan
from engine.workspace import Workspace
from tests.tui import labelled
from tests.tui.helpers import LARGE, SMALL, sees, until, words
from tests.tui.labelled import alone, typed
from tui import opening, replayed
from tui.app import FootplateApp
from tui.options import Options


async def test_the_whole_app_asks_who_labels_and_remembers(workspace: Workspace) -> None:
    app = FootplateApp(labelled.study(workspace).root)
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "no runs yet")
        await pilot.press("6")
        await sees(pilot, "Who labels?", "ana", "ben")
        await pilot.press("escape")
        await sees(pilot, "who labels? C chooses")
        await pilot.press("C")
        await sees(pilot, "Who labels?", "ana", "ben")
        await pilot.press("down", "enter")
        await sees(pilot, "ben · 0 of", "w first")
        assert "ana" not in words(app)
        await pilot.press("1")
        await sees(pilot, "no runs yet")
        await pilot.press("6")
        await sees(pilot, "w first")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
    again = FootplateApp(workspace.root)
    async with again.run_test(size=LARGE) as pilot:
        await sees(pilot, "Who labels?", "ana", "ben")  # somebody else may sit here now
        await pilot.press("enter")
        await sees(pilot, "ben · 0 of", "w first")
        assert again.place is not None and again.place.kept() == {"coder": "ben"}


async def test_what_happens_to_runs_is_told_when_labelling_is_over(workspace: Workspace) -> None:
    app = FootplateApp(labelled.study(workspace).root, None, Options(coder="ana"))
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await sees(pilot, "no runs yet")
        await pilot.press("6")
        await sees(pilot, "0 of", "w first")
        app.notify(f"round 3: {labelled.SECRET}01 is done", markup=False)
        app.ring(f"{labelled.SECRET}01", True)
        typed(app, *"wa")
        await sees(pilot, "1 of")
        assert labelled.SECRET not in words(app)
        await pilot.press("1")
        await sees(pilot, f"round 3: {labelled.SECRET}01 is done")


async def test_a_hidden_repeat_shows_nothing_of_the_first_time_and_is_kept_apart(workspace: Workspace) -> None:
    labelled.study(workspace, videos=12, frames=12)
    units = frames.units(workspace)
    items = plan("ana", Study("2026", ("ana", "ben"), 1000), units)
    again = next(item for item in items if item.kind == "repeat")
    done = items[: again.position]
    with Log.open(workspace.labels) as log:
        for at, item in enumerate(done, start=1):
            kind = "repeat" if item.kind == "repeat" else "code"
            log.add([Decision("ana", item.unit, name, "other", float(at), kind=kind) for name in labelled.TWO])
    app = alone(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, f"{len(done)} of", f"frame {len(done) + 1}")
        assert "[" not in words(app)
        typed(app, *"wa")
        await sees(pilot, f"{len(done) + 1} of")
    with Log.open(workspace.labels, readonly=True) as log:
        repeated = log.newest(coder="ana", unit=again.unit, kinds=("repeat",))
        assert {one.value for one in repeated} == {"first", "personal"}
        assert {one.value for one in log.newest(coder="ana", unit=again.unit)} == {"other"}


async def test_a_recording_holds_nothing_of_what_was_labelled(workspace: Workspace, tmp_path: Path) -> None:
    labelled.study(workspace)
    tape = tmp_path / "tape.jsonl"
    app = opening.taped(workspace.root, None, Options(coder="ana", record=str(tape)))
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "no runs yet")
        typed(app, "6", *"wa")
        await sees(pilot, "1 of")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
    assert labelled.SECRET not in tape.read_text()
    replay = replayed.opened(Options(replay=str(tape)), playing=True)
    async with replay.run_test(size=LARGE) as pilot:
        await sees(pilot, "labelling is not recorded")
