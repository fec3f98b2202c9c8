"""What the Bucket screen asks of its services: looks into objects, how labels stand, a folder as source, giving up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.annotations import syncstate
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.annotations.sync import sync
from engine.errors import AskError, DataError
from engine.init import make
from engine.workspace import Workspace
from tests.engine.vision import small
from tests.tui.helpers import LARGE, SMALL, opened, sees, until
from tui import bucketing
from tui.services import bucket, labelsync, peek, sourcing, stored, transfers
from tui.services.gate import Gate
from tui.services.transfers import GIVEN_UP, Plan, Transfer, Wish


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    workspace = make(tmp_path / "study", name="study")
    text = workspace.file.read_text()
    workspace.file.write_text(text.replace("bucket: null", "bucket: shelf"))
    (workspace.root / "shelf" / "clips").mkdir(parents=True)
    made = Gate(Workspace(workspace.root))
    yield made
    made.end()
    peek.close()


def put(gate: Gate, name: str, data: bytes) -> Path:
    path = gate.workspace.root / "shelf" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def look(gate: Gate, name: str) -> stored.Preview:
    found = {one.name: one for one in bucket.page(gate, "shelf", name.rpartition("/")[0] + "/", "").objects}[name]
    return stored.preview(gate, "shelf", name, found.generation, found.size_bytes, 40, 10)


def test_a_video_is_seen_by_its_first_frame_and_told_by_its_facts(gate: Gate) -> None:
    small.video(gate.workspace.root / "shelf" / "clips" / "v.mp4", [small.grey(200)] * 5)
    found = look(gate, "clips/v.mp4")
    assert found.kind == "picture" and found.words.startswith("64×48 · 0.2 s · 25 fps") and not found.part
    assert found.pixels is not None and found.pixels.width == 27 and abs(found.pixels.data[100] - 200) < 8


def test_of_a_long_table_the_beginning_is_seen_and_that_is_said(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stored.WHOLE, "table", 1000)
    monkeypatch.setitem(stored.PART, "table", 50)
    put(gate, "clips/t.csv", b"a,b\n" + b"1,2\n" * 500)
    found = look(gate, "clips/t.csv")
    assert found.page is not None and found.page.of == 11 and found.part == "the first 50 B of 2.0 KiB"


def test_what_is_too_large_for_a_look_is_said_and_not_fetched(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stored.WHOLE, "picture", 10)
    put(gate, "clips/p.png", b"x" * 100)
    found = look(gate, "clips/p.png")
    assert found.kind == "nothing" and "more than the 10 B" in found.words


def test_what_was_thrown_away_says_so(gate: Gate) -> None:
    with pytest.raises(DataError, match="look at it again"):
        stored.facts(gate, "shelf", "clips/t.csv", 1, "", 0)


def test_looks_are_thrown_away_with_the_screens(gate: Gate) -> None:
    put(gate, "clips/a.json", b'{"a": 1}')
    assert look(gate, "clips/a.json").kind == "json"
    folder = stored._folders[gate]
    assert folder.is_dir()
    gate.end()
    assert not folder.exists()


# --- labels ---------------------------------------------------------------------------------------------------------


def code(workspace: Workspace, coder: str) -> None:
    with Log.open(workspace.labels) as log:
        log.add([Decision(coder, Unit("v1", 1), "distance", "social", 1.7e9)])


def test_how_labels_stand_is_told_before_a_sync_after_it_and_when_others_have_written(gate: Gate) -> None:
    here = gate.workspace
    assert labelsync.standing(gate) is None
    code(here, "ana")
    code(here, "ben")
    before = labelsync.standing(gate)
    assert before is not None and (before.at, before.waiting, before.news) == (0.0, 2, False)
    with Log.open(here.labels) as log:
        sync(here, log)
    after = labelsync.standing(gate)
    assert after is not None and (after.waiting, after.news, after.why) == (0, False, "") and after.at
    assert bucketing.labels(after, after.at + 60) == ("labels: synced 1m 00s ago · the same here and there", False)
    other = make(here.root.parent / "other", name="other")
    other.file.write_text(other.file.read_text().replace("bucket: null", f"bucket: {here.root / 'shelf'}"))
    other = Workspace(other.root)
    code(other, "eve")
    with Log.open(other.labels) as log:
        sync(other, log)
    code(here, "cy")
    now = labelsync.standing(gate)
    assert now is not None and (now.waiting, now.news) == (1, True)
    assert "1 decisions wait here · others have written there since" in bucketing.labels(now, now.at)[0]


def test_what_did_not_reach_the_bucket_still_waits(gate: Gate) -> None:
    code(gate.workspace, "ana")
    syncstate.keep(gate.workspace, 0, 0, "", 0)
    syncstate.keep(gate.workspace, 1, 0, "read, but not written: away", 0)
    found = labelsync.standing(gate)
    assert found is not None and found.waiting == 1 and found.why == "read, but not written: away"


# --- a folder as source ---------------------------------------------------------------------------------------------


def test_a_folder_becomes_the_videos_of_a_form(gate: Gate) -> None:
    name, text = sourcing.form(gate, "infer", "gs://lab", "videos/a b/")
    assert name == "infer" and 'videos: "gs://lab/videos/a b/"' in text.splitlines() and "models:" in text
    assert 'videos: "shelf/clips/"' in sourcing.form(gate, "frames", "shelf", "clips/")[1].splitlines()
    with pytest.raises(AskError, match="bucket of the cloud"):
        sourcing.form(gate, "frames", "gs://lab", "videos/")


async def test_a_folder_is_chosen_as_source_by_keys(gate: Gate) -> None:
    put(gate, "clips/v.mp4", b"")
    app = opened(gate.workspace)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("0")
        await sees(pilot, "clips/")
        await pilot.press("i", *"extract", "enter")
        await sees(pilot, 'videos: "shelf/clips/"')
        assert app.place is not None and app.place.NAME == "launch"


# --- transfers ------------------------------------------------------------------------------------------------------


def test_what_is_given_up_leaves_what_was_done_and_goes_on_the_next_time(gate: Gate) -> None:
    for number in range(200):
        put(gate, f"clips/{number:03}.txt", b"x" * 100)
    plan = transfers.plan(gate, Wish("down", "shelf", prefixes=("clips/",), here="saved/clips"), str)
    assert plan.lines[0].startswith("200 files would be copied")
    one, began = Transfer(gate, plan), threading.Event()
    one.give_up()
    assert one.run(lambda _words: began.set()) == GIVEN_UP
    assert Transfer(gate, plan).run(str).startswith("200 files copied")
    assert transfers.plan(gate, plan.wish, str).nothing


def test_a_transfer_that_is_given_up_in_the_middle_says_so(gate: Gate) -> None:
    put(gate, "clips/a.txt", b"x")
    one = Transfer(gate, Plan(Wish("down", "shelf", prefixes=("clips/",), here="saved"), ()))
    assert one.run(lambda _words: one.give_up()) in (GIVEN_UP, "1 files copied (1 B), 0 are the same")
    assert one.given_up


async def test_several_marked_things_are_brought_and_removed_by_keys(gate: Gate) -> None:
    names, shelf = ("a.txt", "b.txt", "clips/c.txt"), gate.workspace.root / "shelf"
    for name in names:
        put(gate, name, b"x")
    app = opened(gate.workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("0")
        await sees(pilot, "clips/", "b.txt")
        await pilot.press("V", "S")
        await sees(pilot, "Write into saved/:", "Bring here:", "2 files, 2 B", "1 files would be copied")
        await pilot.press("y")
        saved = gate.workspace.root / "saved"
        await until(pilot, lambda: (saved / "clips" / "c.txt").exists() and (saved / "b.txt").exists(), "all are here")
        await until(pilot, lambda: not app.place.saying, "it rests")  # type: ignore[union-attr]
        await pilot.press("D")
        await sees(pilot, "3 objects, 3 B", "type 3 and enter")
        await pilot.press("3", "enter")
        await until(pilot, lambda: not any((shelf / name).exists() for name in names), "all are gone")
