"""The Overview's part about labels: there only where there are some, and right when they change."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

import pytest

from engine.annotations.decision import BLANK, Decision, Unit
from engine.annotations.log import Log
from engine.annotations.standing import standing
from engine.errors import DataError
from engine.workspace import Workspace
from tests import rounds
from tests.lab import ROOT
from tests.tui.helpers import LARGE, SMALL, done, opened, sees, until, words
from tui.screens.overview import OverviewScreen
from tui.services import standing as services
from tui.widgets.table import Table

UNITS = [Unit(f"v{number:02}", 10 * frame) for number in range(10) for frame in range(6)]
OVERLAP = 60


@pytest.fixture
def study(workspace: Workspace) -> Workspace:
    """60 frames, all of which go to both coders."""
    lines = [f"{unit.video_id},{unit.frame_index}" for unit in UNITS]
    workspace.frames.write_text("\n".join(["video_id,frame_index", *lines]) + "\n")
    return workspace


def label(workspace: Workspace, coder: str, units: Sequence[Unit], value: str = "social") -> None:
    values = {"perspective": "first_person", "distance": value}
    with Log.open(workspace.labels) as log:
        for unit in units:
            log.add([Decision(coder, unit, name, value, time.time()) for name, value in values.items()])


def look(workspace: Workspace) -> services.Standing:
    found = services.look(Workspace(workspace.root), ())
    assert found is not None
    return found


# --- how it stands ----------------------------------------------------------------------------------------------------


def test_progress_overlap_blanks_and_queues_are_counted(study: Workspace) -> None:
    rounds.a_round(study, 0)  # whose queue has frame 12 of v07, 30 of v08 and 44 of v09
    label(study, "ana", UNITS[:53])
    label(study, "ben", [*UNITS[:40], Unit("v08", 30)])
    label(study, "ben", [UNITS[40]], BLANK)
    found = look(study)
    assert [(one.name, one.done, one.asked, one.recode) for one in found.coders] == [
        ("ana", 53, 60, 0), ("ben", 42, 60, 1),
    ]  # fmt: skip
    assert (found.double_coded, found.overlap) == (42, OVERLAP)
    assert found.queues == {0: services.Queued(3, {"ana": 1, "ben": 1})}
    assert found.newest.startswith("round 0: perspective macro-F1 0.55 [0.39, 0.69], ✓ fits; distance")


def test_nothing_is_asked_while_the_files_are_as_they_were(study: Workspace) -> None:
    label(study, "ana", UNITS[:2])
    found = look(study)
    assert services.look(study, found.marks) is None
    label(study, "ana", UNITS[2:3])
    assert services.look(study, found.marks) is not None


def test_a_workspace_without_labels_costs_no_process(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.child, "ask", lambda *_a, **_k: pytest.fail("a process was started"))
    assert look(workspace) == services.Standing(look(workspace).marks)


def test_a_damaged_table_of_frames_is_told_with_its_row(study: Workspace) -> None:
    with study.frames.open("a") as file:
        file.write("v99,many\n")
    assert "frames.csv, row 62: frame_index is 'many'" in look(study).fault
    with pytest.raises(DataError):
        standing(study)


def test_a_damaged_log_is_told_with_what_to_do(study: Workspace) -> None:
    study.labels.write_bytes(b"no database" * 100)
    fault = look(study).fault
    assert "annotations.sqlite" in fault and "→" in fault


def test_the_screens_first_paint_loads_nothing_of_it() -> None:
    code = "import sys; import tui.app, tui.screens.overview; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"sqlite3", "pydantic", "yaml", "tui.services.standing", "engine.annotations.log"} & set(loaded.split())


# --- on the screen ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_coders_overlap_and_the_newest_round_stand_on_the_overview(
    study: Workspace, size: tuple[int, int]
) -> None:
    rounds.a_round(study, 0)
    done(study)
    label(study, "ana", UNITS[:53])
    label(study, "ben", UNITS[:39])
    label(study, "ben", [UNITS[40]], BLANK)
    app = opened(study)
    async with app.run_test(size=size) as pilot:
        await sees(pilot, "53 of 60", "40 of 60", "! 1 frame left blank", "40 of 60 overlap frames double-coded")
        short = "macro-F1 perspective 0.55, distance 0.45"  # where the whole line would be cut
        await sees(pilot, "round 0", short if size == SMALL else "macro-F1 0.55 [0.39, 0.69]", "a good one")


async def test_each_row_leads_to_where_there_is_more_of_it(study: Workspace) -> None:
    rounds.a_round(study, 0)
    label(study, "ana", UNITS[:5])
    app = opened(study)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "5 of 60", "round 0")
        table = app.screen.query_one("#labels", Table)
        await until(pilot, lambda: table.has_focus)
        for key, place in (("coder:ana", "annotate"), ("overlap", "agreement"), ("round", "rounds")):
            table.go_to(key)
            await pilot.press("enter")
            await until(pilot, lambda place=place: app.place is not None and place == app.place.NAME)
            if place == "annotate":
                await sees(pilot, "Who labels?")
                await pilot.press("escape")
            await pilot.press("1")
            await until(pilot, lambda: isinstance(app.place, OverviewScreen))


async def test_what_others_label_meanwhile_is_counted(study: Workspace) -> None:
    label(study, "ana", UNITS[:5])
    app = opened(study)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "5 of 60")
        label(study, "ben", UNITS[:7])
        app.screen._look_at_labels()
        await sees(pilot, "7 of 60", "5 of 60 overlap frames double-coded")


async def test_without_labels_there_is_no_such_part(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "no runs yet")
        await until(pilot, lambda: app.screen._marks)
        assert not app.screen.query("#section-labels") and "Labels" not in words(app)


async def test_videos_whose_frames_nobody_listed_are_told_until_somebody_has(workspace: Workspace) -> None:
    (workspace.root / "videos" / "clip.mp4").write_bytes(b"a video")
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "no frames.csv lists their frames: 4 and frames, or footplate run frames")
        workspace.frames.write_text("video_id,frame_index\nclip,0\n")
        app.screen._look_at_labels()
        await sees(pilot, "0 of 1 overlap frames double-coded")
    workspace.frames.unlink()
    workspace.gold.write_text("video_id,frame_index\n")
    assert look(workspace).hint == ""


async def test_a_fault_of_the_files_stands_where_the_labels_would(study: Workspace) -> None:
    with study.frames.open("a") as file:
        file.write("v99,many\n")
    app = opened(study)
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "Labels", "row 62: frame_index is 'many'")
