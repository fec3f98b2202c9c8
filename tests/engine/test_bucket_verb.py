"""The verb bucket: what a person types, what a program is told, and that nothing is gone without a word."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.workspace import Workspace
from tests.conftest import Cli
from tests.fakes.gcs import Gcs, serve
from vmops import audit, bucket
from vmops.bucket import Bucket
from vmops.provider import Call

ODD = "a b/$(touch pwned);'\"`x`.txt"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Gcs]:
    monkeypatch.chdir(tmp_path)
    with serve("study") as made:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", made.endpoint)
        yield made


@pytest.fixture
def study(cloud: Gcs, workspace: Workspace) -> Bucket:
    """The workspace's bucket, with some objects."""
    workspace.file.write_text(workspace.file.read_text().replace("bucket: null", "bucket: gs://study"))
    there = bucket.open("gs://study")
    for name, data in {"a.txt": b"one\n", "videos/1.mp4": b"11", "videos/2.mp4": b"222", ODD: b"odd"}.items():
        there.write(name, data)
    return there


def test_one_level_is_listed_and_all_of_it_where_that_is_asked(study: Bucket, cli: Cli) -> None:
    told = cli("bucket", "ls")
    assert [line.split()[0] for line in told.out.splitlines()] == ["NAME", "a", "videos/", "a.txt"]
    assert "simulated" in told.err and told.code == 0
    rows = json.loads(cli("bucket", "ls", "-r", "--json", "videos/").out)
    assert [(row["name"], row["size_bytes"]) for row in rows] == [("videos/1.mp4", 2), ("videos/2.mp4", 3)]
    assert "CRC32C" in cli("bucket", "ls", "-l", "gs://study/videos/").out


def test_a_name_that_would_move_the_cursor_is_told_and_not_sent(study: Bucket, cloud: Gcs, cli: Cli) -> None:
    cloud.holdings.put("study", "x\x1b[2J\u202e", b"", {}, {})
    out = cli("bucket", "ls").out
    assert "x\\x1b[2J\\u202e" in out and "\x1b" not in out


def test_an_object_is_told_printed_and_taken(study: Bucket, cli: Cli, tmp_path: Path) -> None:
    assert json.loads(cli("bucket", "stat", "a.txt", "--json").out)["size_bytes"] == 4
    assert json.loads(cli("bucket", "cat", "gs://study/a.txt", "--json").out)["text"] == "one\n"
    told = cli("bucket", "get", "videos/1.mp4")
    assert told.code == 0 and (tmp_path / "1.mp4").read_bytes() == b"11"
    again = cli("bucket", "get", "videos/1.mp4")
    assert again.code == 2 and "--overwrite" in again.err
    assert cli("bucket", "get", ODD, str(tmp_path / "odd")).code == 0 and not (tmp_path / "pwned").exists()


def test_a_file_becomes_an_object_and_replaces_none_unasked(study: Bucket, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("new")
    assert cli("bucket", "put", "new.txt", "notes/").code == 0
    assert study.read("notes/new.txt").data == b"new"
    refused = cli("bucket", "put", "new.txt", "a.txt")
    assert refused.code == 2 and "is there already" in refused.err and study.read("a.txt").data == b"one\n"
    assert cli("bucket", "put", "new.txt", "a.txt", "--overwrite").code == 0 and study.read("a.txt").data == b"new"


def test_what_is_deleted_has_to_be_typed_and_is_written_down(study: Bucket, cli: Cli, workspace: Workspace) -> None:
    refused = cli("bucket", "rm", "a.txt")
    assert refused.code == 2 and "--yes a.txt" in refused.err and "a.txt" in study.list()
    assert cli("bucket", "rm", "-r", "videos/", "--dry-run").code == 0 and len(study.list("videos/")) == 2
    assert cli("bucket", "rm", "-r", "videos/", "--yes", "a.txt").code == 2 and len(study.list("videos/")) == 2
    assert cli("bucket", "rm", "-r", "videos/", "--yes", "videos/").code == 0
    assert study.list("videos/") == []
    lines = [line for line in audit.read(workspace.machines).lines if line.act == "deleted"]
    assert [line.facts["object"] for line in lines] == ["gs://study/videos/1.mp4", "gs://study/videos/2.mp4"]


def test_folders_go_up_and_come_down_and_what_is_odd_ends_with_1(
    study: Bucket, cloud: Gcs, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "1.png").write_text("1")
    told = cli("bucket", "sync", "frames", "bucket:frames", "--json")
    assert (told.code, json.loads(told.out)["copied"]) == (0, 1) and study.read("frames/1.png").data == b"1"
    assert "would be copied: 0" in cli("bucket", "sync", "frames", "gs://study/frames", "--dry-run").out
    cloud.holdings.put("study", "frames/../up\x1b[2J", b"", {}, {})
    down = cli("bucket", "sync", "gs://study/frames/", "down")
    assert down.code == 1 and "../up\\x1b[2J: refused" in down.err and (tmp_path / "down" / "1.png").read_text() == "1"


def test_a_sync_that_deletes_asks_for_its_target(study: Bucket, cli: Cli, workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert cli("bucket", "sync", "none", "bucket:videos", "--delete").code == 2 and study.list("videos/")
    assert "deleted: 2" in cli("bucket", "sync", "none", "bucket:videos", "--delete", "--dry-run").out
    assert cli("bucket", "sync", "none", "bucket:videos", "--delete", "--yes", "bucket:videos").code == 0
    lines = [line for line in audit.read(workspace.machines).lines if line.act == "deleted"]
    assert study.list("videos/") == [] and len(lines) == 2


def test_folders_are_buckets_as_well(cloud: Gcs, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "new.txt").write_text("new")
    assert cli("bucket", "put", "-b", "shared", "new.txt").code == 0
    assert "new.txt" in cli("bucket", "ls", "-b", f"file://{tmp_path}/shared").out
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "x").write_text("x")
    assert cli("bucket", "sync", "from", "shared").code == 0 and (tmp_path / "shared" / "x").read_text() == "x"


@pytest.fixture
def mounted(cli: Cli, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is shared, and a workspace that names no bucket."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bk" / "s").mkdir(parents=True)
    (tmp_path / "bk" / "s" / "a b.txt").write_text("one")
    return tmp_path / "bk"


def test_the_address_of_a_folder_is_a_whole_one(mounted: Path, cli: Cli, tmp_path: Path) -> None:
    url = mounted.as_uri()
    told = cli("bucket", "ls", url)
    assert (told.code, told.out.split()[-1]) == (0, "s/") and "1 folders, 0 objects" in told.err
    assert "a b.txt" in cli("bucket", "ls", f"{url}/s").out and "a b.txt" in cli("bucket", "ls", f"{url}/s/").out
    assert json.loads(cli("bucket", "cat", f"{url}/s/a%20b.txt", "--json").out)["text"] == "one"
    assert json.loads(cli("bucket", "stat", f"{url}/s/a b.txt", "--json").out)["size_bytes"] == 3
    assert cli("bucket", "get", f"{url}/s/a b.txt", "got").code == 0 and (tmp_path / "got").read_text() == "one"
    assert cli("bucket", "put", "got", f"{url}/s/").code == 0 and (mounted / "s" / "got").read_text() == "one"
    assert cli("bucket", "rm", f"{url}/s/got", "--yes", f"{url}/s/got").code == 0
    assert not (mounted / "s" / "got").exists()


def test_the_bucket_is_named_before_the_act_or_after_it(mounted: Path, cli: Cli) -> None:
    assert cli("bucket", "-b", str(mounted), "ls").out == cli("bucket", "ls", "-b", str(mounted)).out != ""


def test_a_new_part_of_a_folder_that_is_a_bucket_is_made_and_a_share_that_is_not_mounted_is_not(
    mounted: Path, cli: Cli, tmp_path: Path
) -> None:
    assert cli("bucket", "sync", "bk/s", "bucket:t", "-b", "bk").code == 0  # from now on bk counts generations
    assert cli("bucket", "sync", "bk/s", f"{mounted.as_uri()}/u").code == 0
    assert cli("bucket", "sync", "bk/s", "bk/v").code == 0
    assert all((mounted / part / "a b.txt").read_text() == "one" for part in "tuv")
    assert not (mounted / "u" / ".generations").exists()
    assert cli("bucket", "sync", f"{mounted.as_uri()}/u", "down").code == 0
    assert (tmp_path / "down" / "a b.txt").read_text() == "one"
    told = cli("bucket", "sync", "bk/s", (tmp_path / "share" / "x").as_uri())
    assert told.code == 1 and "share/x: no such folder" in told.err and not (tmp_path / "share").exists()


def test_the_progress_of_a_sync_tells_what_was_copied_and_no_more(mounted: Path, cli: Cli) -> None:
    words = ("bucket", "sync", "bk/s", "bucket:t", "-b", "bk")
    assert "1 of 1 files done: 1 copied (3 B)" in cli(*words).err
    assert "1 of 1 files done: 0 copied (0 B)" in cli(*words).err


def test_what_leads_out_of_a_folder_is_refused(mounted: Path, cli: Cli) -> None:
    told = cli("bucket", "ls", "-b", "bk/s", "../")
    assert (told.code, told.out) == (2, "") and "leads out of" in told.err
    told = cli("bucket", "cat", "-b", "bk", "s/")
    assert told.code == 2 and "cannot be the name" in told.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ls", "gs://Study"], 2, "no address of a bucket"),
        (["ls", "gs://absent-bucket"], 2, "does not exist"),
        (["cat", "absent"], 2, "not there"),
        (["get", "absent"], 2, "not there"),
        (["put", "absent"], 2, "no such file"),
        (["sync", "gs://study", "gs://other"], 2, "both buckets"),
        (["sync", "absent", "gs://study"], 2, "no such folder"),
        (["ls", "-b", "absent"], 1, "no such folder"),
        (["rm", "a.txt", "--yes", "absent"], 2, "expected its name"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(study: Bucket, cli: Cli, words: list[str], code: int, said: str) -> None:
    told = cli("bucket", *words)
    assert (told.code, said in told.err) == (code, True), told.err
    assert "Traceback" not in told.err


def test_a_workspace_without_a_bucket_says_how_to_name_one(cloud: Gcs, cli: Cli) -> None:
    told = cli("bucket", "ls")
    assert told.code == 2 and "--bucket gs://NAME or a folder" in told.err and "file:///" in told.err


Ask = Callable[..., object]


@pytest.fixture
def ask(study: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """The worker's answer to a question of the Bucket screen."""
    from vmops.gcp import bucketdesk

    monkeypatch.setattr(bucketdesk, "_opened", {})  # another test's cloud is gone

    def do(what: str, **words: object) -> object:
        calls: list[Call] = []
        try:
            asked = {"url": "gs://study", **words}
            return bucketdesk.answer(f"bucket_{what}", asked, lambda _: None, calls.append, tmp_path)
        finally:
            assert len(calls) == 1 and calls[0].what.startswith(f"storage {what} gs://study")

    return do


def test_the_screen_is_answered(ask: Ask, study: Bucket, tmp_path: Path) -> None:
    level = ask("list", prefix="", limit=1)
    assert isinstance(level, dict) and level["simulated"] and level["after"]
    more = ask("list", after=level["after"], limit=99)
    assert isinstance(more, dict)
    assert sorted([*level["folders"], *more["folders"]]) == ["a b/", "videos/"]
    assert [one["name"] for one in (*level["objects"], *more["objects"])] == ["a.txt"]
    stat = ask("stat", name="a.txt")
    assert isinstance(stat, dict) and stat["size"] == 4 and stat["md5"]
    assert ask("head", name="a.txt", size=2) == {"text": "on", "size": 4}
    study.write("sign", "ü".encode())
    study.write("raw", b"\xff\xfe\xfd\xfc\xfb\xfa")
    assert ask("head", name="sign", size=1) == {"text": "", "size": 2}
    assert ask("head", name="raw") == {"text": None, "size": 6}
    assert json.dumps([level, stat])


def test_the_screen_takes_gives_and_deletes_and_that_is_written_down(ask: Ask, study: Bucket, tmp_path: Path) -> None:
    from vmops.errors import Conflict

    ask("get", name="a.txt", path=str(tmp_path / "taken"))
    assert (tmp_path / "taken").read_bytes() == b"one\n"
    with pytest.raises(Conflict):
        ask("get", name="a.txt", path=str(tmp_path / "taken"))
    ask("put", path=str(tmp_path / "taken"), name="given")
    with pytest.raises(Conflict):
        ask("put", path=str(tmp_path / "taken"), name="given")
    made = study.stat("given").generation
    with pytest.raises(Conflict):
        ask("delete", name="given", generation=made + 1)
    ask("delete", name="given", generation=made)
    assert "given" not in study.list()
    assert {line.facts["object"] for line in audit.read(tmp_path).lines} == {"gs://study/given"}
    assert os.listdir(tmp_path)
