"""Labels to the bucket and back from a screen: it asks first, and says what came of it, the bad as well."""

from __future__ import annotations

import pytest

from engine.annotations.bucket import LOG
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.tui.helpers import LARGE, opened, until
from tui.app import FootplateApp
from tui.screens.confirm import Confirm


def saved(workspace: Workspace) -> None:
    with Log.open(workspace.labels) as log:
        log.add([Decision("ana", Unit("v1", 1), "distance", "social", 1.7e9)])


def bucket(workspace: Workspace, name: str) -> Workspace:
    text = workspace.file.read_text()
    assert "bucket: null" in text
    workspace.file.write_text(text.replace("bucket: null", f"bucket: {name}"))
    return Workspace(workspace.root)


def told(app: FootplateApp) -> str:
    return " ".join(one.message for one in app._notifications)


@pytest.mark.parametrize("screen", ["1", "7", "8"])
async def test_labels_reach_the_bucket_when_the_question_was_answered(workspace: Workspace, screen: str) -> None:
    saved(workspace)
    (workspace.root / "shared").mkdir()
    app = opened(bucket(workspace, "shared"))
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press(screen, "Y")
        await until(pilot, lambda: isinstance(app.screen, Confirm), "a question")
        assert not (workspace.root / "shared" / LOG).exists()
        await pilot.press("y")
        await until(pilot, lambda: "1 given to it" in told(app), "what came of it")
    assert (workspace.root / "shared" / LOG).read_text().count("\n") == 1


@pytest.mark.parametrize(
    ("name", "why"),
    [("null", "names no bucket"), ("share", "no such folder"), ("gs://study", "nobody is logged in")],
)
async def test_a_bucket_that_cannot_be_read_is_said_on_the_screen(workspace: Workspace, name: str, why: str) -> None:
    saved(workspace)
    app = opened(bucket(workspace, name))
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("Y")
        await until(pilot, lambda: isinstance(app.screen, Confirm), "a question")
        await pilot.press("y")
        await until(pilot, lambda: why in told(app), "why not")
