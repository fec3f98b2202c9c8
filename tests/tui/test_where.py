"""Where somebody is can be asked for at any moment, also while the screens are taken down."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.workspace import Workspace
from tests.tui.helpers import done, until
from tui.actions import COMPARE, RUN, RUNS
from tui.opening import taped
from tui.options import Options
from tui.services.recording.reader import read


@pytest.mark.parametrize("name", [RUNS, RUN, COMPARE])
async def test_a_recording_ends_well_on_every_screen(workspace: Workspace, tmp_path: Path, name: str) -> None:
    run, file = done(workspace), tmp_path / "seen.jsonl"
    app = taped(workspace.root, run.id, Options(record=str(file)))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: app.lab.entries)
        app.go(name)
        await until(pilot, lambda: getattr(app.place, "NAME", "") == name)
        await pilot.press("l")
    assert read(file)
