"""The Bucket screen: level by level, thousands of objects page by page, and nothing is overwritten or lost unasked."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from engine.workspace import Workspace
from tests.tui.helpers import LARGE, SMALL, opened, sees, until, words
from tui import bucketing
from tui.app import FootplateApp
from tui.options import Options
from tui.screens.confirm import Confirm
from tui.services import machines
from tui.services.bucket import Stored
from tui.services.gate import Gate, ReadOnlyError
from tui.services.transfers import Plan, Transfer, Wish
from vmops.errors import NotFound


class Shelf:
    """A desk that knows one bucket, of any number of objects, and keeps what it was asked."""

    def __init__(self, count: int = 0, page: int = 1000) -> None:
        self.objects = {f"clips/v{number:05d}.mp4": 1000 + number for number in range(count)}
        self.page = page
        self.asked: list[tuple[str, str]] = []
        self.trouble: Exception | None = None
        self.goes_on = threading.Event()

    def ask(self, do: str, **words: Any) -> Any:
        self.asked.append((do, str(words.get("after", words.get("name", "")))))
        if self.trouble is not None:
            raise self.trouble
        answer: Any = getattr(self, do)(words)
        return answer

    def bucket_list(self, words: dict[str, Any]) -> Any:
        if not words["prefix"]:
            return {"folders": ["clips/"], "objects": [], "after": "", "simulated": True}
        if words["after"]:
            self.goes_on.wait(60)
        names = [name for name in self.objects if name > words["after"] and name.startswith(words["prefix"])]
        told = [{"name": name, "size": self.objects[name], "generation": 7, "updated_at": 1.7e9} for name in names]
        after = names[self.page - 1] if len(names) > self.page else ""
        return {"folders": [], "objects": told[: self.page], "after": after, "simulated": True}

    def bucket_fetch(self, words: dict[str, Any]) -> Any:
        Path(words["path"]).parent.mkdir(parents=True, exist_ok=True)
        Path(words["path"]).write_bytes(b"\0")
        return {}

    def close(self) -> None:
        self.asked.append(("close", ""))


@pytest.fixture
def filled(workspace: Workspace) -> Path:
    """A folder that is the bucket of the workspace."""
    shelf = workspace.root / "shelf"
    (shelf / "labels").mkdir(parents=True)
    (shelf / "labels" / "annotations.csv").write_text("annotator,video_id\nana,v1\n")
    (shelf / "notes.json").write_text('{"seen": 3}\n')
    (shelf / "frame.png").write_bytes(b"\x89PNG\x00\x00")
    text = workspace.file.read_text()
    workspace.file.write_text(text.replace("bucket: null", "bucket: shelf"))
    return shelf


@pytest.mark.timeout(200)
async def test_a_bucket_is_walked_looked_into_and_changed_by_keys(workspace: Workspace, filled: Path) -> None:
    """With the real worker: in, out, how things begin, a file out, a file in, and one deleted by its name."""
    app = opened(Workspace(workspace.root))
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("0")
        await sees(pilot, "labels/", "notes.json", "frame.png", "12 B")
        await pilot.press("enter")
        await sees(pilot, "shelf/labels/", "annotations.csv", "annotator", "1 row, 2 columns")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.query_one("#stored").rows.key == "labels/", "back on the folder")  # type: ignore[attr-defined]
        await pilot.press("j")
        await sees(pilot, "frame.png: not a picture")
        await pilot.press("j")
        await sees(pilot, "seen: 3")
        await pilot.press("S")
        await sees(pilot, "Write into saved/:")
        await pilot.press("y")
        await until(pilot, (workspace.root / "saved" / "notes.json").exists, "the file")
        await until(pilot, lambda: not app.place.transfer, "it is done")  # type: ignore[union-attr]
        await pilot.press("S")
        await sees(pilot, "Write into saved/:")
        await pilot.press("y")
        await sees(pilot, "is there already")
        assert (workspace.root / "saved" / "notes.json").read_text() == '{"seen": 3}\n'
        (workspace.root / "mine.txt").write_text("mine")
        await pilot.press("U", *str(workspace.root / "mine.txt"), "enter")
        await sees(pilot, "Send:")
        await pilot.press("y")
        await until(pilot, (filled / "mine.txt").exists, "the object")
        await pilot.press("D")
        await sees(pilot, "Delete for good:", "type notes.json")
        await pilot.press("escape")
        assert (filled / "notes.json").exists()
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        await until(pilot, lambda: app.screen.query_one("#stored").rows.key == "notes.json", "back on the object")  # type: ignore[attr-defined]
        await pilot.press("D")
        await sees(pilot, "Delete for good:")
        await pilot.press(*"notes.json", "enter")
        await until(pilot, lambda: not (filled / "notes.json").exists(), "it is gone")
        what = [call.what for call in app.lab.gate.calls]
        assert any(one.startswith("storage list") for one in what)
        assert any(one.startswith("footplate bucket rm") for one in what)


async def test_thousands_of_objects_come_page_after_page_and_are_filtered(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(15_000)
    monkeypatch.setattr(machines, "Desk", lambda *_given: shelf)
    workspace.file.write_text(workspace.file.read_text().replace("bucket: null", "bucket: gs://study"))
    app = opened(Workspace(workspace.root))
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("0")
        await sees(pilot, "clips/", "SIMULATED")
        await pilot.press("enter")
        await sees(pilot, "1,000 things", "more is coming")
        await pilot.press("G", "g")  # one can move in what is there
        shelf.goes_on.set()
        await sees(pilot, "15,000 things")
        # the first level, the log of labels, and 15 pages
        assert sum(do == "bucket_list" for do, _ in shelf.asked) == 17 and "more is coming" not in words(app)
        await pilot.press("slash", *"v0123 size>2233", "enter")
        await sees(pilot, "6 of 15,000", "v01239.mp4")
        assert "v01233.mp4" not in words(app)
        await pilot.press("escape")
        await sees(pilot, "15,000 things")


async def test_without_a_bucket_one_sentence_says_what_to_do(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("0")
        await sees(pilot, "no bucket: workspace.yaml names none", "b looks into one")
        assert not app._notifications


async def test_a_bucket_that_is_not_there_says_so_once_and_can_be_asked_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(3)
    shelf.trouble = NotFound("gs://study: no such bucket", hint="name another")
    monkeypatch.setattr(machines, "Desk", lambda *_given: shelf)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("0")
        await sees(pilot, "no bucket")
        await pilot.press("b", *"gs://study", "enter")
        await sees(pilot, "✗ gs://study: no such bucket", "→ name another")
        assert not app._notifications
        shelf.trouble = None
        await pilot.press("r")
        await sees(pilot, "clips/")


async def test_read_only_offers_nothing_that_changes_a_bucket(workspace: Workspace, filled: Path) -> None:
    gate = Gate(Workspace(workspace.root), "opened with --read-only")
    wishes = [
        *(Wish(act, "shelf", ("notes.json",), here="x") for act in ("rm", "put", "get")),
        *(Wish(act, "shelf", prefixes=("labels/",), here="x") for act in ("rm", "up", "down")),
    ]
    for wish in wishes:
        with pytest.raises(ReadOnlyError, match="read-only"):
            Transfer(gate, Plan(wish, ())).run(str)
    app = FootplateApp(workspace.root, None, Options(read_only=True))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("0", "D", "U", "S", "s")
        await until(pilot, lambda: app.place is not None and app.place.NAME == "bucket")
        assert not isinstance(app.screen, Confirm)
    assert (filled / "notes.json").exists()


def test_a_folder_lies_in_the_one_above() -> None:
    assert [bucketing.above(prefix) for prefix in ("a/b/c/", "a/", "")] == ["a/b/", "", ""]
    row = bucketing.row("a/b.txt", "a/", Stored("a/b.txt", 2048, 7))
    assert [cell.text for cell in row[:2]] == ["b.txt", "2.0 KiB"]
