"""Tables that jobs hand each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import tables
from engine.errors import DataError

cells = st.text(st.characters(codec="utf-8") | st.sampled_from('\r\n",;\x00 '))
columns = st.lists(cells.map(lambda name: f"_{name}"), min_size=1, max_size=4, unique=True)


@given(st.data(), columns)
def test_a_table_comes_back_as_it_was_written(tmp_path: Path, data: st.DataObject, columns: list[str]) -> None:
    rows = data.draw(st.lists(st.lists(cells, min_size=len(columns), max_size=len(columns)), max_size=4))
    with tables.writer(tmp_path / "table.csv", columns) as table:
        for row in rows:
            table.write(*row)
    assert tables.read(tmp_path / "table.csv", columns) == [dict(zip(columns, row, strict=True)) for row in rows]


@given(st.binary(max_size=60))
@example(b'a,b\n"1"2,3\n')
@example(b"\x00\n\x00")
@example(b"a\r\rb")
def test_any_bytes_are_a_table_or_a_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    try:
        tables.read(path)
    except DataError as error:
        assert str(path) in error.message


def test_lines_end_as_on_unix(tmp_path: Path) -> None:
    with tables.writer(tmp_path / "table.csv", ["a", "b"]) as table:
        table.write(1, None)
    assert (tmp_path / "table.csv").read_bytes() == b"a,b\n1,\n"


def test_a_table_is_not_there_before_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with pytest.raises(ZeroDivisionError), tables.writer(path, ["a"]) as table:
        table.write(1)
        assert not path.exists()
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_a_row_of_another_length_is_our_own_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 values for 2 columns"), tables.writer(tmp_path / "t.csv", "ab") as table:
        table.write(1)


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "gold.csv").write_text("video_id,frame\n")
    with pytest.raises(DataError, match="no column 'frame_index'") as raised:
        tables.read(tmp_path / "gold.csv", ["video_id", "frame_index"])
    assert raised.value.hint == "its columns are: video_id, frame"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty, expected a header line"),
        (b"\n", "empty, expected a header line"),
        (b'a,b\n1,2\n\n"1\n",2\n3\n', r"line 6: 1 cells, but the header names 2 columns"),
        (b"a,b,a\n", "names a column twice: a"),
        (b"a\n\xe9\n", "not a CSV file in UTF-8"),
        (b'a\n"1"2\n', "not a CSV file in UTF-8"),
    ],
)
def test_a_bad_table_is_refused_with_file_and_place(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "gold.csv").write_bytes(content)
    with pytest.raises(DataError, match=words) as raised:
        tables.read(tmp_path / "gold.csv")
    assert "gold.csv" in raised.value.message


def test_a_missing_table_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gold\.csv: No such file"):
        tables.read(tmp_path / "gold.csv")


def test_the_mark_that_spreadsheets_put_first_is_not_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "gold.csv").write_bytes(b"\xef\xbb\xbfvideo_id\nv1\n")
    assert tables.read(tmp_path / "gold.csv", ["video_id"]) == [{"video_id": "v1"}]
