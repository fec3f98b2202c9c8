"""Whole files."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.files import read_json, replacing, sha256, sweep, write_atomic, write_json

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=25)
@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_an_object_comes_back_from_its_file(tmp_path: Path, value: dict[str, object]) -> None:
    write_json(tmp_path / "value.json", value)
    assert read_json(tmp_path / "value.json") == value


def test_a_name_that_is_not_utf8_comes_back_too(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.mp4")
    write_json(tmp_path / "value.json", {"name": name})
    assert read_json(tmp_path / "value.json") == {"name": name}


def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_atomic(path, "old")
    with pytest.raises(ZeroDivisionError), replacing(path) as beside:
        beside.write_text("half")
        raise ZeroDivisionError
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.csv"]
    assert path.read_text() == "old"


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path, writing = tmp_path / "status.json", threading.Event()
    write_json(path, {"n": 0, "filling": "x" * 5000})

    def write() -> None:
        for n in range(200):
            write_json(path, {"n": n, "filling": "x" * 5000})
        writing.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = 0
    while not writing.is_set():
        assert read_json(path), "unreadable"
        seen += 1
    writer.join()
    assert seen


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xff", b"null", b"[" * 5000])
def test_a_damaged_object_reads_as_an_empty_one(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "run.json").write_bytes(damage)
    assert read_json(tmp_path / "run.json") == {}


def test_a_missing_object_reads_as_an_empty_one(tmp_path: Path) -> None:
    assert read_json(tmp_path / "run.json") == {}
    (tmp_path / "a file").touch()
    assert read_json(tmp_path / "a file" / "run.json") == {}


def test_json_without_a_word_for_a_number_is_our_own_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "value.json", {"loss": float("nan")})
    assert not list(tmp_path.iterdir())


def test_sweeping_takes_what_dead_writers_left_and_nothing_else(tmp_path: Path) -> None:
    inner = tmp_path / "artifacts"
    inner.mkdir()
    for name in ("status.json", ".status.json.71.part", ".hidden", "spare.part"):
        (tmp_path / name).touch()
        (inner / name).touch()
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        [".hidden", "spare.part", "status.json"] * 2 + ["artifacts"]
    )


def test_sweeping_for_one_name_leaves_the_others(tmp_path: Path) -> None:
    for name in (".status.json.71.part", ".labels.json.71.part"):
        (tmp_path / name).touch()
    sweep(tmp_path, "status.json")
    assert [path.name for path in tmp_path.iterdir()] == [".labels.json.71.part"]


def test_a_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"footplate")
    assert sha256(tmp_path / "x") == hashlib.sha256(b"footplate").hexdigest()
