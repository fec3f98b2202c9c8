"""A folder as a bucket: generations rise, preconditions hold between processes, and a killed writer breaks nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vmops.errors import Conflict, Denied, NotFound, Refused, Unavailable
from vmops.storage import ABSENT, LocalStore

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path)


def test_what_is_written_is_read_with_its_generation(store: LocalStore) -> None:
    first = store.write("a/b.txt", b"one")
    second = store.write("a/b.txt", b"two")
    assert (store.read("a/b.txt").data, store.read("a/b.txt").generation) == (b"two", second)
    assert second > first > ABSENT


def test_a_write_for_another_generation_changes_nothing(store: LocalStore) -> None:
    first = store.write("a", b"one", if_generation=ABSENT)
    store.write("a", b"two", if_generation=first)
    for believed in (ABSENT, first, 99):
        with pytest.raises(Conflict):
            store.write("a", b"three", if_generation=believed)
        with pytest.raises(Conflict):
            store.delete("a", if_generation=believed)
    assert store.read("a").data == b"two"


def test_a_generation_is_never_used_twice_even_after_a_delete(store: LocalStore) -> None:
    before = store.write("a", b"one")
    store.delete("a", if_generation=before)
    with pytest.raises(NotFound):
        store.read("a")
    with pytest.raises(NotFound):
        store.delete("a")
    assert store.write("a", b"one", if_generation=ABSENT) > before


def test_the_list_has_objects_and_nothing_of_the_bookkeeping(store: LocalStore) -> None:
    for name in ("b", "a/2", "a/1"):
        store.write(name, b"")
    (store.folder / "a" / ".1.part").write_bytes(b"")
    assert (store.list(), store.list("a/")) == (["a/1", "a/2", "b"], ["a/1", "a/2"])


def test_a_file_that_somebody_put_there_is_an_object(store: LocalStore) -> None:
    (store.folder / "annotations.csv").write_bytes(b"x")
    found = store.read("annotations.csv")
    assert store.write("annotations.csv", b"y", if_generation=found.generation) > found.generation


def test_a_file_that_an_editor_has_changed_is_of_another_generation(store: LocalStore) -> None:
    written, seen = store.write("a", b"ours"), set[int]()
    path = store.folder / "a"
    for data in (b"theirs", b"theirs again", b"and again"):
        path.write_bytes(data)
        found = store.read("a")
        assert found.data == data and found.generation not in {written, *seen}
        assert store.read("a").generation == found.generation
        seen.add(found.generation)
    for stale in (written, ABSENT, min(seen - {found.generation})):
        with pytest.raises(Conflict):
            store.write("a", b"mine", if_generation=stale)
        with pytest.raises(Conflict):
            store.delete("a", if_generation=stale)
    assert store.read("a").data == b"and again"
    assert store.write("a", b"mine", if_generation=found.generation) > found.generation


def test_a_file_of_the_same_size_with_another_time_is_another_one(store: LocalStore) -> None:
    (store.folder / "by-hand").write_bytes(b"1")
    for name, before in (("by-hand", store.read("by-hand").generation), ("ours", store.write("ours", b"1"))):
        (store.folder / name).write_bytes(b"2")
        os.utime(store.folder / name, (1, 1))
        assert store.read(name).generation != before


def test_what_is_put_where_an_object_was_deleted_is_of_a_new_generation(store: LocalStore) -> None:
    first = store.write("a", b"one")
    store.delete("a")
    (store.folder / "a").write_bytes(b"one")
    assert store.read("a").generation > first


def test_generations_that_an_older_footplate_counted_go_on(store: LocalStore) -> None:
    store.write("a", b"one")
    (store.folder / ".generations" / "a").write_bytes(b"7")
    found = store.read("a")
    assert found.generation > 7 and store.write("a", b"two", if_generation=found.generation) > found.generation


@pytest.mark.parametrize("prefix", ["../", "..", "a/../", "/a"])
def test_a_prefix_leads_nowhere_else(store: LocalStore, prefix: str) -> None:
    with pytest.raises(Refused, match="leads out"):
        store.list(prefix)


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../b", "a//b", ".lock", "a/.b", "a\0b"])
def test_a_name_leads_nowhere_else(store: LocalStore, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        store.write(name, b"")


def test_a_folder_that_is_missing_is_no_empty_bucket(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "share")
    for call in (lambda: store.read("a"), lambda: store.write("a", b""), store.list):
        with pytest.raises(Unavailable, match="no such folder"):
            call()
    assert not store.folder.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_who_may_only_read_reads(store: LocalStore) -> None:
    store.write("a", b"one")
    store.folder.chmod(0o500)
    try:
        assert store.read("a").data == b"one"
        with pytest.raises(Denied):
            store.write("b", b"")
    finally:
        store.folder.chmod(0o700)


def test_a_writer_that_was_killed_halfway_leaves_the_old_object_and_nobody_can_overwrite_what_came_after(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.write("a", b"one")
    real, calls = os.replace, []

    def killed(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        store.write("a", b"two", if_generation=before)
    monkeypatch.undo()
    assert store.read("a").data == b"one"
    with pytest.raises(Conflict):
        store.write("a", b"three", if_generation=before)
    store.write("a", b"three", if_generation=store.read("a").generation)


COUNT_UP = """
import sys, pathlib
from vmops.errors import Conflict
from vmops.storage import LocalStore
store, todo = LocalStore(pathlib.Path(sys.argv[1])), int(sys.argv[2])
while todo:
    found = store.read("n")
    try:
        store.write("n", str(int(found.data) + 1).encode(), if_generation=found.generation)
        todo -= 1
        print(flush=True)
    except Conflict:
        pass
"""


def counting(folder: Path, times: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", COUNT_UP, str(folder), str(times)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def test_three_processes_count_together_and_no_step_is_lost_though_one_is_killed(store: LocalStore) -> None:
    store.write("n", b"0")
    steady, unlucky = [counting(store.folder, 60) for _ in range(3)], counting(store.folder, 10**6)
    end = time.monotonic() + 30
    while int(store.read("n").data) < 40:
        assert time.monotonic() < end
    unlucky.send_signal(signal.SIGKILL)
    told = unlucky.communicate()[0].count(b"\n")
    for one in steady:
        one.communicate()
        assert one.returncode == 0
    assert int(store.read("n").data) - 180 in (told, told + 1)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["write", "stale", "delete"])), max_size=12))
def test_the_folder_behaves_as_a_dictionary_with_generations(
    tmp_path_factory: pytest.TempPathFactory, acts: list
) -> None:  # type: ignore[type-arg]
    store, model = LocalStore(tmp_path_factory.mktemp("bucket")), dict[str, tuple[bytes, int]]()
    for step, (name, act) in enumerate(acts):
        data = str(step).encode()
        if act == "write":
            model[name] = data, store.write(name, data, if_generation=model.get(name, (b"", ABSENT))[1])
        elif act == "stale":
            with pytest.raises(Conflict):
                store.write(name, data, if_generation=10**9)
        elif name in model:
            store.delete(name, if_generation=model.pop(name)[1])
    assert {name: (store.read(name).data, store.read(name).generation) for name in store.list()} == model
