"""Many objects at once, as the Bucket screen asks: planned, removed as they were seen, fetched in part for a look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vmops import audit, bucketacts, syncprogress
from vmops.bucket import Bucket
from vmops.bucketsync import Sync
from vmops.errors import Conflict
from vmops.files import telling


def do(what: str, there: Bucket, books: Path, /, **words: Any) -> Any:
    return bucketacts.ANSWERS[f"bucket_{what}"](there, words, lambda _words: None, books)


def look(there: Bucket, folder: Path, name: str, **words: Any) -> Path:
    path = folder / "look" / name.rpartition("/")[2]
    given = {"generation": there.stat(name).generation, "most": 1 << 20, "part": 100, "what": "beginning", **words}
    do("fetch", there, folder, name=name, path=str(path), **given)
    return path


def test_a_look_fetches_all_of_what_is_small_and_the_whole_lines_at_the_beginning_of_what_is_not(
    either: Bucket, tmp_path: Path
) -> None:
    table = b"".join(b"row %d\n" % number for number in range(50))
    either.write("t/small.csv", table)
    either.write("t/large.csv", table)
    assert look(either, tmp_path, "t/small.csv").read_bytes() == table
    seen = look(either, tmp_path, "t/large.csv", most=200, part=20).read_bytes()
    assert seen == b"row 0\nrow 1\nrow 2\n"


def test_a_look_at_a_video_has_both_of_its_ends_where_they_belong(either: Bucket, tmp_path: Path) -> None:
    data = bytes(range(256)) * 40
    either.write("v/1.mp4", data)
    seen = look(either, tmp_path, "v/1.mp4", most=1000, part=300, what="ends").read_bytes()
    assert len(seen) == len(data) and seen[:300] == data[:300] and seen[-300:] == data[-300:]
    assert not any(seen[300:-300])


def test_a_look_at_what_was_changed_since_it_was_listed_is_refused(either: Bucket, tmp_path: Path) -> None:
    before = either.write("a.txt", b"1")
    either.write("a.txt", b"2")
    with pytest.raises(Conflict):
        look(either, tmp_path, "a.txt", generation=before)


def test_what_was_seen_is_what_is_removed_and_nothing_that_came_since(either: Bucket, tmp_path: Path) -> None:
    for name in ("old/1", "old/2", "keep/1", "alone"):
        either.write(name, b"x")
    found = do("below", either, tmp_path, prefixes=["old/"], names=["alone"])
    assert [name for name, _ in found["entries"]] == ["old/1", "old/2", "alone"] and found["size"] == 3
    either.write("old/2", b"changed")
    either.write("old/3", b"new")
    told = do("remove", either, tmp_path, entries=found["entries"])
    assert told["deleted"] == 2 and [one[0] for one in told["named"]] == ["old/2"]
    assert either.list() == ["keep/1", "old/2", "old/3"]
    lines = audit.read(tmp_path).lines
    assert sum(line.act == "deleted" for line in lines) == 2 and sum(line.act == "failed" for line in lines) == 1


def test_files_that_are_there_already_stay_and_are_named(either: Bucket, tmp_path: Path) -> None:
    either.write("a/x", b"far")
    either.write("a/y", b"far")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "x").write_text("near")
    told = do("pull", either, tmp_path, names=["a/x", "a/y"], folder=str(tmp_path / "here"))
    assert told["copied"] == 1 and told["named"][0][0] == "a/x" and "already" in told["named"][0][2]
    assert [(tmp_path / "here" / name).read_text() for name in "xy"] == ["near", "far"]


def test_of_two_that_would_be_one_file_one_is_fetched_and_the_other_named(either: Bucket, tmp_path: Path) -> None:
    either.write("a/x", b"first")
    either.write("b/x", b"second")
    told = do("pull", either, tmp_path, names=["b/x", "a/x"], folder=str(tmp_path / "here"))
    assert told["copied"] == 1 and told["named"] == [["b/x", "skipped", f"{tmp_path}/here/x is what a/x becomes"]]
    assert (tmp_path / "here" / "x").read_bytes() == b"first"


def test_of_a_file_it_is_said_how_far_it_is(either: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncprogress, "SAY_S", 0.0)
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "x").write_bytes(b"0" * (9 << 20))
    said: list[str] = []
    Sync(tmp_path / "big", either, "up", say=said.append).run()
    assert "0 of 1 files done: 0 copied (0 B), 9.0 MiB of the next" in said
    assert said[-1] == "1 of 1 files done: 1 copied (9.0 MiB)"
    moved = telling("x", 200, said.append, every_s=0.0)
    moved(50)
    assert said[-1] == "x: 50 B of 200 B, 25 %"


def test_a_plan_says_what_a_sync_then_does(either: Bucket, tmp_path: Path) -> None:
    either.write("p/1", b"123")
    words = {"way": "down", "folder": str(tmp_path / "here"), "prefix": "p/"}
    planned = do("plan", either, tmp_path, **words)
    assert planned["copied"] == 1 and planned["size_bytes"] == 3 and not (tmp_path / "here" / "1").exists()
    assert do("sync", either, tmp_path, **words)["copied"] == 1
    assert (tmp_path / "here" / "1").read_bytes() == b"123"
    assert do("plan", either, tmp_path, **words)["same"] == 1
