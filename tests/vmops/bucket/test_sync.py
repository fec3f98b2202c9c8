"""A folder and a bucket come together: only what differs is sent, nothing is lost, and whatever is odd is named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.gcs import Gcs
from tests.lab import ROOT, until
from vmops import bucket, folderbucket
from vmops.bucket import Bucket
from vmops.bucketsync import CONFLICT, DIFFER, Sync, Told
from vmops.errors import Unavailable
from vmops.files import beside
from vmops.syncmemory import Memory


def fill(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: path.read_text() for name, path in names.items() if not name.startswith(".footplate")}


def named(told: Told) -> dict[str, tuple[str, str]]:
    return {one.name: (one.became, one.why) for one in told.named}


def test_a_folder_goes_up_and_another_has_the_same_after_it_came_down(either: Bucket, tmp_path: Path) -> None:
    source = fill(tmp_path / "source", a="one", deep__er__b="two", empty="")
    told = Sync(source, either, "up", "study/").run()
    assert (told.copied, told.size_bytes, told.well) == (3, 6, True)
    assert either.list() == ["study/a", "study/deep/er/b", "study/empty"]
    assert Sync(tmp_path / "target", either, "down", "study/").run().copied == 3
    assert contents(tmp_path / "target") == contents(source)


def test_what_is_the_same_is_not_sent_again(lab: Bucket, cloud: Gcs, tmp_path: Path) -> None:
    source = fill(tmp_path / "source", a="one", b="two")
    Sync(source, lab, "up").run()
    sent = cloud.counts["POST"]
    assert Sync(source, lab, "up").run() == Told(same=2)
    os.utime(source / "a")  # touched, and the same
    (source / "b").write_text("TWO")
    told = Sync(source, lab, "up").run()
    assert (told.copied, told.same, cloud.counts["POST"]) == (1, 1, sent + 1)
    assert lab.read("b").data == b"TWO"


def test_without_a_memory_equal_bytes_are_recognised_both_ways(either: Bucket, tmp_path: Path) -> None:
    either.write("a", b"one")
    assert Sync(fill(tmp_path / "x", a="one"), either, "up").run() == Told(same=1)
    assert Sync(fill(tmp_path / "y", a="one"), either, "down").run() == Told(same=1)


def test_what_both_have_changed_is_named_and_both_are_kept(either: Bucket, tmp_path: Path) -> None:
    here = fill(tmp_path / "here", a="one", b="one")
    Sync(here, either, "up").run()
    (here / "a").write_text("mine")
    either.write("a", b"theirs")
    either.write("b", b"only theirs")
    told = Sync(here, either, "up").run()
    assert named(told)["a"] == ("conflict", CONFLICT) and not told.well
    assert named(told)["b"][0] == "kept"
    assert (contents(here), either.read("a").data) == ({"a": "mine", "b": "one"}, b"theirs")
    assert not Sync(here, either, "down").run().well
    assert contents(here) == {"a": "mine", "b": "only theirs"}


def shared(tmp_path: Path) -> tuple[Path, Path, Bucket]:
    """A folder, and one that several mount, which is a bucket."""
    (tmp_path / "bk").mkdir()
    here, there = fill(tmp_path / "here", a="one", b="one"), bucket.open(str(tmp_path / "bk"))
    assert Sync(here, there, "up", "s/").run().copied == 2
    return here, tmp_path / "bk" / "s", there


def test_a_file_that_was_edited_in_the_shared_folder_itself_is_not_overwritten(tmp_path: Path) -> None:
    here, mounted, there = shared(tmp_path)
    (here / "a").write_text("mine")
    (mounted / "a").write_text("theirs")
    told = Sync(here, there, "up", "s/").run()
    assert named(told) == {"a": ("conflict", CONFLICT)} and not told.well
    assert ((here / "a").read_text(), (mounted / "a").read_text()) == ("mine", "theirs")
    assert named(Sync(here, there, "down", "s/").run()) == {"a": ("conflict", CONFLICT)}


def test_a_file_that_was_edited_in_the_shared_folder_only_comes_down(tmp_path: Path) -> None:
    here, mounted, there = shared(tmp_path)
    (mounted / "a").write_text("theirs")
    up = Sync(here, there, "up", "s/").run()
    assert named(up)["a"][0] == "kept" and up.well and (mounted / "a").read_text() == "theirs"
    assert Sync(here, there, "down", "s/").run() == Told(copied=1, size_bytes=6, same=1)
    assert contents(here) == {"a": "theirs", "b": "one"}
    assert Sync(here, there, "up", "s/").run() == Told(same=2)


def test_who_writes_right_after_a_push_is_not_taken_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, mounted, there = shared(tmp_path)
    real = folderbucket.put_in_place

    def overtaken(part: Path, target: Path) -> None:
        real(part, target)
        target.write_text("theirs, at once")

    (here / "a").write_text("mine")
    monkeypatch.setattr(folderbucket, "put_in_place", overtaken)
    assert Sync(here, there, "up", "s/").run().copied == 1
    monkeypatch.undo()
    (here / "a").write_text("mine again")
    assert named(Sync(here, there, "up", "s/").run())["a"][0] == "conflict"
    assert (mounted / "a").read_text() == "theirs, at once"


def test_files_that_never_were_the_same_differ_until_one_is_said_to_be_right(either: Bucket, tmp_path: Path) -> None:
    here = fill(tmp_path / "here", a="mine")
    either.write("a", b"theirs")
    told = Sync(here, either, "down").run()
    assert named(told) == {"a": ("conflict", DIFFER)} and contents(here) == {"a": "mine"}
    assert Sync(here, either, "down", overwrite=True).run().copied == 1
    assert contents(here) == {"a": "theirs"}


def test_nothing_is_deleted_unless_that_is_asked(either: Bucket, tmp_path: Path) -> None:
    here = fill(tmp_path / "here", a="one", b="two")
    Sync(here, either, "up").run()
    (here / "b").unlink()
    assert Sync(here, either, "up").run() == Told(same=1) and either.list() == ["a", "b"]
    one, gone = Sync(here, either, "up", delete=True), list[str]()

    @contextmanager
    def deleting(name: str) -> Iterator[None]:
        gone.append(name)
        yield

    assert one.extra() == ["b"] and one.would().deleted == 1 and either.list() == ["a", "b"]
    assert one.run(deleting).deleted == 1
    assert either.list() == ["a"] and gone == ["b"]
    fill(here, c="three")
    assert Sync(here, either, "down", delete=True).run().deleted == 1 and contents(here) == {"a": "one"}


def test_names_that_cannot_be_files_here_are_named_and_the_others_come(lab: Bucket, cloud: Gcs, tmp_path: Path) -> None:
    odd = ("/etc/x", "../up", "a/../../up", "x//y", "long" * 80, ".hidden", "a/.git/config", "full", "full/of", "mark/")
    for name in odd:
        cloud.holdings.put("lab", name, b"" if name == "mark/" else b"1", {}, {})
    told = Sync(tmp_path / "here", lab, "down").run()
    assert {name for name, (became, _) in named(told).items() if became == "refused"} == {*odd} - {
        "full",
        "full/of",
        "mark/",
    }
    assert named(told)["mark/"][0] == "skipped"
    assert sorted(name for name, (became, _) in named(told).items() if became == "failed") in (["full"], ["full/of"])
    assert [path.name for path in tmp_path.iterdir()] == ["here"] and not told.well


def test_a_link_in_the_folder_leads_nobody_out_of_it(lab: Bucket, tmp_path: Path) -> None:
    outside, here = fill(tmp_path / "outside", secret="s"), fill(tmp_path / "here", a="one")
    (here / "way").symlink_to(outside)
    (here / "link").symlink_to(outside / "secret")
    up = Sync(here, lab, "up").run()
    assert lab.list() == ["a"] and named(up) == {"link": ("refused", "it is a link")}
    lab.write("way/new", b"1")
    lab.write("link", b"1")
    down = Sync(here, lab, "down").run()
    assert {*named(down)} == {"way/new", "link"} and contents(outside) == {"secret": "s"}


def test_one_that_fails_is_listed_with_its_reason_and_the_others_are_there(
    lab: Bucket, cloud: Gcs, tmp_path: Path
) -> None:
    for name in ("a", "b", "c"):
        lab.write(name, name.encode())
    cloud.faults.fail(403, 99, path="/lab/b")
    told = Sync(tmp_path / "here", lab, "down").run()
    assert named(told)["b"][0] == "failed" and "not allowed" in named(told)["b"][1] and not told.well
    assert contents(tmp_path / "here") == {"a": "a", "c": "c"}


def test_a_full_disk_is_said_of_the_file_that_met_it(lab: Bucket, tmp_path: Path) -> None:
    lab.write("a", b"1")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a").mkdir()
    told = Sync(tmp_path / "here", lab, "down").run()
    assert named(told)["a"][0] == "failed" and not told.well


def test_who_overtakes_between_listing_and_writing_is_not_overwritten(
    lab: Bucket, cloud: Gcs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, push = fill(tmp_path / "here", a="mine"), lab.push

    def overtaken(path: Path, name: str, **words: Any) -> object:
        lab.write("a", b"theirs")
        return push(path, name, **words)

    monkeypatch.setattr(lab, "push", overtaken)
    told = Sync(here, lab, "up").run()
    assert named(told)["a"][0] == "failed" and lab.read("a").data == b"theirs"


def test_a_download_goes_on_where_a_killed_one_stood(lab: Bucket, cloud: Gcs, tmp_path: Path) -> None:
    data = bytes(range(256)) * 8192
    lab.write("big", data)
    entry, path = lab.stat("big"), tmp_path / "big"
    part = beside(path, str(entry.generation))
    part.write_bytes(data[: 1 << 20])
    lab.pull(entry, path)
    assert path.read_bytes() == data and [one.name for one in tmp_path.iterdir()] == ["big"]


def test_a_part_that_does_not_fit_is_thrown_away(lab: Bucket, tmp_path: Path) -> None:
    lab.write("x", b"0123456789")
    entry, path = lab.stat("x"), tmp_path / "x"
    for wrong in (b"99999", b"9" * 10, b"9" * 50):
        beside(path, str(entry.generation)).write_bytes(wrong)
        lab.pull(entry, path)
        assert path.read_bytes() == b"0123456789"


def test_two_syncs_of_one_folder_do_not_run_at_once(either: Bucket, tmp_path: Path) -> None:
    here = fill(tmp_path / "here", a="one")
    with Memory(here, f"{either.url}/"), pytest.raises(Unavailable, match="another sync"):
        Sync(here, either, "up").run()


def test_a_memory_with_a_half_line_is_read_and_goes_on(tmp_path: Path) -> None:
    with Memory(tmp_path, "x") as memory:
        path = memory.path
    path.write_bytes(b'["a", 1, 2, 3]\n["b", 4, 5, 6]\n["a"]\n["c", 7')
    with Memory(tmp_path, "x") as memory:
        assert {*memory.known} == {"b"}
        memory.keep("d", memory.known["b"])
    with Memory(tmp_path, "x") as memory:
        assert {*memory.known} == {"b", "d"}


KILLED = """
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from vmops import bucket
from vmops.bucketsync import Sync
Sync(Path(sys.argv[1]), bucket.open("gs://lab"), sys.argv[2]).run()
"""


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_sync_that_is_killed_leaves_nothing_half_and_the_next_one_ends_it(
    lab: Bucket, cloud: Gcs, tmp_path: Path, way: str
) -> None:
    whole = {f"{number:03}": str(number) * 30_000 for number in range(150)}
    here = fill(tmp_path / "here", **(whole if way == "up" else {}))
    here.mkdir(exist_ok=True)
    for name, text in whole.items() if way == "down" else ():
        cloud.holdings.put("lab", name, text.encode(), {}, {})
    cloud.faults.slow(0.04)
    objects = cloud.holdings.buckets["lab"]
    done = lambda: len(objects) if way == "up" else sum(name in whole for name in os.listdir(here))  # noqa: E731
    killed = subprocess.Popen([sys.executable, "-c", KILLED, str(here), way], cwd=ROOT)
    until(lambda: done() > 20, "some are there")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert done() < 150
    half = contents(here) if way == "down" else {name: lab.read(name).data.decode() for name in lab.list()}
    assert all(half[name] == whole[name] for name in half if not name.endswith(".part"))
    cloud.faults.slow(0)
    told = Sync(here, lab, way).run()  # type: ignore[arg-type]
    assert told.well and told.copied < 150 and told.copied + told.same == 150
    assert contents(here) == whole and lab.list() == sorted(whole)
