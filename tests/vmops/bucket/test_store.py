"""A bucket keeps what is written, replaces only what the writer has seen, and says what went wrong."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from google.oauth2.credentials import Credentials

from tests.fakes.gcs import Gcs
from vmops import bucket
from vmops.bucket import Bucket
from vmops.errors import Conflict, Denied, NoCredentials, NotFound, Refused, Unavailable
from vmops.storage import ABSENT, LocalStore


def test_what_was_written_is_read(either: Bucket) -> None:
    made = either.write("a/b.txt", b"one")
    found = either.read("a/b.txt")
    assert (found.data, found.generation) == (b"one", made)


def test_a_write_that_knows_an_older_generation_is_refused_and_changes_nothing(either: Bucket) -> None:
    old = either.write("x", b"one")
    new = either.write("x", b"two", if_generation=old)
    with pytest.raises(Conflict):
        either.write("x", b"three", if_generation=old)
    assert either.read("x").data == b"two" and either.read("x").generation == new != old


def test_what_is_there_is_not_made_again(either: Bucket) -> None:
    either.write("x", b"one", if_generation=ABSENT)
    with pytest.raises(Conflict):
        either.write("x", b"two", if_generation=ABSENT)
    assert either.read("x").data == b"one"


def test_what_is_not_there_is_said(either: Bucket) -> None:
    for ask in (either.read, either.stat, either.delete, lambda name: either.head(name, 3)):
        with pytest.raises(NotFound):
            ask("nothing")


def test_what_was_deleted_is_gone_and_may_come_again_under_another_generation(either: Bucket) -> None:
    first = either.write("x", b"one")
    with pytest.raises(Conflict):
        either.delete("x", if_generation=first + 1)
    either.delete("x", if_generation=first)
    assert either.list() == []
    assert either.write("x", b"two") != first


def test_a_level_is_told_page_by_page_with_its_folders(either: Bucket) -> None:
    for name in ("a", "b/1", "b/2", "c", "d/e/f"):
        either.write(name, name.encode())
    first = either.page(limit=2)
    rest = either.page(after=first.after, limit=9)
    assert [*first.folders, *rest.folders] == ["b/", "d/"]
    assert [entry.name for entry in (*first.entries, *rest.entries)] == ["a", "c"]
    assert [entry.name for entry in either.page("b/").entries] == ["b/1", "b/2"]
    assert rest.after == ""


def test_the_first_bytes_of_an_object_are_told_also_of_an_empty_one(either: Bucket) -> None:
    either.write("x", b"0123456789")
    either.write("empty", b"")
    assert either.head("x", 4) == b"0123" and either.head("x", 99) == b"0123456789" and either.head("empty", 4) == b""


def test_a_file_goes_up_and_comes_down_with_the_same_bytes(either: Bucket, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(range(256)) * 40_000)  # 10 MB: several pieces
    sent, fetched = list[int](), list[int]()
    entry = either.push(tmp_path / "big", "far/big", if_generation=ABSENT, moved=sent.append)
    either.pull(entry, tmp_path / "down" / "big", fetched.append)
    assert sent[-1] == fetched[-1] == entry.size_bytes and len(fetched) > 1, "each piece is told"
    assert (tmp_path / "down" / "big").read_bytes() == (tmp_path / "big").read_bytes()
    assert either.same(entry, tmp_path / "big")
    (tmp_path / "big").write_bytes(b"0" * entry.size_bytes)
    assert not either.same(entry, tmp_path / "big")


def test_what_lies_outside_of_the_prefix_is_neither_seen_nor_touched(lab: Bucket) -> None:
    lab.write("x", b"outside")
    part = bucket.open("gs://lab/deep/er")
    part.write("x", b"inside")
    assert part.list() == ["x"] and [entry.name for entry in part.page().entries] == ["x"]
    assert [got.data for got in part.read_many(part.entries())] == [b"inside"]
    part.delete("x")
    assert lab.list() == ["x"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("size", [10, 9 << 20])  # in one piece, and resumable
def test_a_write_whose_connection_is_cut_has_happened_once(lab: Bucket, cloud: Gcs, when: str, size: int) -> None:
    for method in ("POST", "PUT"):
        cloud.faults.cut(when, 1, method, "upload")  # type: ignore[arg-type]
    made = lab.write("x", b"1" * size, if_generation=ABSENT)
    assert lab.read("x").generation == made and len(lab.read("x").data) == size


def test_who_lost_the_answer_and_then_the_object_to_another_is_told_so(lab: Bucket, cloud: Gcs) -> None:
    made = lab.write("x", b"mine")
    cloud.faults.cut("before", 1, "POST", "upload")
    lab.write("x", b"theirs", if_generation=made)
    cloud.faults.fail(503, 1, "POST", "upload")
    with pytest.raises(Conflict):
        lab.write("x", b"mine again", if_generation=made)
    assert lab.read("x").data == b"theirs"


def test_who_lost_the_answer_and_finds_nothing_there_any_more_is_told_so(
    lab: Bucket, cloud: Gcs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, put = lab.write("x", b"one"), cloud.holdings.put

    def deleted_at_once(*words: object) -> object:
        found = put(*words)  # type: ignore[arg-type]
        cloud.holdings.delete("lab", "x", {})
        return found

    monkeypatch.setattr(cloud.holdings, "put", deleted_at_once)
    cloud.faults.cut("after", 1, "POST", "upload")
    with pytest.raises(Conflict):
        lab.write("x", b"two", if_generation=made)


def test_a_delete_whose_answer_was_lost_has_happened(lab: Bucket, cloud: Gcs) -> None:
    made = lab.write("x", b"one")
    cloud.faults.cut("after", 1, "DELETE")
    lab.delete("x", if_generation=made)
    assert lab.list() == []


@pytest.mark.parametrize("fault", [lambda f: f.corrupt(2), lambda f: f.wrong_hash(2), lambda f: f.cut("within", 2)])
def test_bytes_that_are_not_those_written_are_asked_for_again(
    lab: Bucket, cloud: Gcs, fault: Callable[[object], None]
) -> None:
    lab.write("x", b"0123456789" * 1000)
    fault(cloud.faults)
    assert lab.read("x").data == b"0123456789" * 1000


def test_bytes_that_are_never_those_written_are_not_given_to_anybody(lab: Bucket, cloud: Gcs) -> None:
    lab.write("x", b"0123456789")
    cloud.faults.corrupt(99)
    with pytest.raises(Unavailable, match="not those that were written"):
        lab.read("x")


def test_thirty_two_who_write_whatever_is_there_all_write(lab: Bucket, cloud: Gcs) -> None:
    cloud.faults.often(0.1, "status", "cut before", "cut after")
    with ThreadPoolExecutor(32) as pool:
        made = list(pool.map(lambda number: lab.write(f"x{number % 16}", str(number).encode()), range(32)))
    assert len(set(made)) == 32


def test_nobody_who_is_not_logged_in_is_left_waiting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(NoCredentials) as told:
        bucket.open("gs://lab")
    assert "gcloud auth application-default login" in told.value.hint


def test_only_an_endpoint_on_this_computer_is_asked_without_a_login(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    for endpoint in ("http://127.0.0.1.example.org:80", "https://storage.example.org", "http://10.0.0.1:4443"):
        with pytest.raises(NoCredentials):
            bucket.open("gs://lab", endpoint=endpoint)


@pytest.mark.parametrize("url", ["gs://", "gs://A", "gs://a b", "gs://lab\n/x", "s3://lab", "gs://-x"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="no address of a bucket"):
        bucket.open(url)


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 1025, "..", "é" * 600])
def test_what_cannot_be_a_name_is_refused_before_anybody_is_asked(lab: Bucket, cloud: Gcs, name: str) -> None:
    before = len(cloud.calls)
    with pytest.raises(Refused):
        lab.write(name, b"")
    assert len(cloud.calls) == before


def test_a_bucket_in_a_folder_is_a_folder_and_loads_nothing_of_google(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    there = bucket.open("shared", tmp_path)
    there.write("a", b"1")
    assert isinstance(there, LocalStore) and (tmp_path / "shared" / "a").read_bytes() == b"1"
    assert bucket.open(f"file://{tmp_path}/shared").list() == ["a"]


def test_a_cloud_that_does_not_answer_is_said_in_words(lab: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from vmops.gcp import refusals

    monkeypatch.setattr(refusals, "PATIENCE_S", 0.2)
    away = bucket.open("gs://lab", endpoint="http://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"gs://lab/x: cannot be reached: Connection refused"):
        away.read("x")


def test_both_clients_show_who_is_logged_in(cloud: Gcs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on this computer; so this server has to pass for another one."""
    from vmops.gcp import storagelogin

    monkeypatch.setattr(storagelogin, "_is_here", lambda endpoint: False)
    monkeypatch.setattr(storagelogin.google.auth, "default", lambda scopes: (Credentials("sesame"), "lab"))
    there = bucket.open("gs://lab")
    there.write("x", b"1")
    assert [got.data for got in there.read_many(there.entries())] == [b"1"] and not there.simulated
    assert {*cloud.logins} == {"Bearer sesame"} and cloud.logins["Bearer sesame"] >= 3


def test_who_may_not_is_told_so_and_is_not_asked_again(lab: Bucket, cloud: Gcs) -> None:
    lab.write("x", b"1")
    for status, kind in ((401, NoCredentials), (403, Denied)):
        for ask in (lambda: lab.read("x"), lambda: lab.write("x", b"2"), lambda: lab.list(), lambda: lab.delete("x")):
            cloud.faults.fail(status, 1, path="/lab/o")  # the library asks about the bucket besides
            with pytest.raises(kind):
                ask()


def test_many_who_push_into_a_folder_at_once_each_leave_a_whole_file(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    for number in range(8):
        (tmp_path / str(number)).write_bytes(str(number).encode() * 100_000)

    def push(number: int) -> int:
        there = bucket.open(str(tmp_path / "shared"))
        try:
            return there.push(tmp_path / str(number), "x", if_generation=ABSENT).generation
        except Conflict:
            return 0

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(push, range(8)))
    assert sum(map(bool, won)) == 1
    winner = next(number for number, generation in enumerate(won) if generation)
    assert (tmp_path / "shared" / "x").read_bytes() == str(winner).encode() * 100_000
    assert [path.name for path in (tmp_path / "shared").iterdir() if path.suffix == ".part"] == []


def test_what_killed_writers_have_left_in_a_folder_goes_and_what_somebody_fills_stays(tmp_path: Path) -> None:
    folder = tmp_path / "shared" / "far"
    folder.mkdir(parents=True)
    dead, alive = (folder / f".{digit * 16}.part" for digit in "0a")
    dead.write_bytes(b"half")
    with alive.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        (tmp_path / "x").write_bytes(b"whole")
        bucket.open(str(tmp_path / "shared")).push(tmp_path / "x", "far/x")
    assert sorted(path.name for path in folder.iterdir()) == [alive.name, "x"]
