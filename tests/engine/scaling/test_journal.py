"""The append log holds against torn lines, damage and second writers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.errors import DataError
from engine.scaling.journal import Journal

RECORD = {"frames": [[0, 0.04, "close", 0.8125]], "video": ["close", 1.0, False]}


def filled(folder: Path, count: int, every: int = 500) -> None:
    journal = Journal(folder, every)
    for number in range(count):
        journal.put(f"video{number}", "1:2", "sha256:ab", {**RECORD, "number": number})
    journal.close()


def numbers(folder: Path) -> list[int]:
    journal = Journal(folder)
    found = [journal.read(f"video{n}")["number"] for n in range(20) if f"video{n}" in journal]
    journal.close()
    return found


def test_what_was_put_comes_back_as_it_was(tmp_path: Path) -> None:
    filled(tmp_path, 5, every=2)
    journal = Journal(tmp_path, every=2)
    assert [len(path.read_bytes().splitlines()) for path in sorted(tmp_path.glob("*.jsonl"))] == [2, 2, 1]
    for number in range(5):
        record = journal.read(f"video{number}")
        assert {key: record[key] for key in RECORD} == RECORD
    journal.close()


def test_a_part_that_is_full_never_changes_again(tmp_path: Path) -> None:
    filled(tmp_path, 4, every=2)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.jsonl")}
    journal = Journal(tmp_path, every=2)
    journal.put("another", "1:2", "", RECORD)
    journal.close()
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.jsonl")}
    assert {name: after[name] for name in before} == before and len(after) == 3


@given(cut=some.integers(min_value=0, max_value=3000))
def test_cut_off_anywhere_only_whole_records_count_and_more_can_be_written(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    filled(folder, 12)
    part = folder / "00000.jsonl"
    data = part.read_bytes()
    part.write_bytes(data[:cut])
    whole = data[:cut].count(b"\n")
    assert numbers(folder) == list(range(whole))
    journal = Journal(folder)
    journal.put("video19", "1:2", "", {**RECORD, "number": 19})
    journal.close()
    assert numbers(folder) == [*range(whole), 19]


def test_a_damaged_line_is_not_done(tmp_path: Path) -> None:
    filled(tmp_path, 6)
    part = tmp_path / "00000.jsonl"
    lines = part.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"0.8125", b"0.8126")
    part.write_bytes(b"".join(lines))
    assert numbers(tmp_path) == [0, 1, 3, 4, 5]


def test_the_later_record_of_a_video_counts(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    journal = Journal(tmp_path)
    journal.put("video1", "9:9", "", {**RECORD, "number": 77})
    assert journal.read("video1")["number"] == 77, "before it is on the disk"
    journal.close()
    assert numbers(tmp_path) == [0, 77, 2]


def test_only_failures_that_may_pass_are_tried_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.put("a", "1", "", {"failed": "network", "words": ""})
    journal.put("b", "1", "", {"failed": "deadline", "words": ""})
    journal.close()
    again = Journal(tmp_path)
    again.forget_passing()
    assert ("a" in again, "b" in again) == (False, True)
    again.close()


def test_two_runs_do_not_write_to_one_journal(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    with pytest.raises(DataError, match="another run"):
        Journal(tmp_path)
    first.close()
    Journal(tmp_path).close()
