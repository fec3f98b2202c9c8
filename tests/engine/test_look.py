"""A look into files: rows by an index, in any order, as a slow and obvious reader finds them; trees; pictures."""

from __future__ import annotations

import csv
import importlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import DataError
from engine.look import files, separated, tree
from engine.look.picture import picture
from engine.look.rows import Rows, runs_of
from engine.look.view import Arrangement, Cut, View, floats, of_column
from tests.conftest import Cli
from tests.lab import ROOT

PEOPLE = 'name,age,note\nada,36,"first, of all"\ngrace,85,"two\nlines"\nalan,41,\nkurt,,"said ""no"""\n'
pieces = st.sampled_from(["a", "1", ",", '"', '""', "\n", "\r\n", "\n\n", '","', " ", "ä"])


def never() -> bool:
    return False


def made(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def whole(rows: Rows) -> list[list[str]]:
    while not rows.complete:
        rows.more()
    return [list(row) for row in rows.read(range(rows.count))]


def names(view: View) -> list[str]:
    return [row[0] for row in view.page(0, 10)[1]]


# --- tables with separators -----------------------------------------------------------------------------------------


@given(st.lists(pieces, max_size=40).map("".join), st.integers(1, 30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_are_those_of_the_csv_module(tmp_path: Path, monkeypatch, text: str, chunk: int) -> None:
    monkeypatch.setattr(separated, "CHUNK", chunk)
    monkeypatch.setattr(separated, "FIRST", chunk)
    path = made(tmp_path, text)
    lines = text.replace("\r\n", "\n").replace("\r", " ")
    expected = [row for row in csv.reader(io.StringIO(lines, newline="\n")) if row]
    if not expected:
        with pytest.raises(DataError, match="empty"):
            files.rows(path)
        return
    rows, width = files.rows(path), len(expected[0])
    assert list(rows.columns) == expected[0]
    last = width - 1
    assert whole(rows) == [[*[*row, *[""] * width][:last], ",".join(row[last:])] for row in expected[1:]]
    assert [list(row) for row in rows.every()] == whole(rows)


def test_single_rows_are_read_from_where_they_begin(tmp_path: Path) -> None:
    rows = files.rows(made(tmp_path, PEOPLE))
    assert rows.columns == ("name", "age", "note") and rows.count == 4
    assert [row[0] for row in rows.read([3, 1, 2, 0])] == ["kurt", "grace", "alan", "ada"]
    assert rows.read([1])[0][2] == "two\nlines" and rows.read([3])[0][2] == 'said "no"'


def test_a_mark_at_the_beginning_odd_bytes_and_a_missing_end_are_no_fault(tmp_path: Path) -> None:
    rows = files.rows(made(tmp_path, b"\xef\xbb\xbfa\tb\n1\t\xff\x00\n2\t3", "odd.tsv"))
    assert rows.columns == ("a", "b") and whole(rows) == [["1", "\ufffd"], ["2", "3"]]


def test_columns_with_spaces_can_be_asked_for_and_surplus_cells_are_not_lost(tmp_path: Path) -> None:
    view = View(files.rows(made(tmp_path, "Frame Index,label\n1,a\n20,b,c,d\n")))
    view.arrange(Arrangement("frame_index>5"), never)
    assert view.page(0, 9)[1] == [["20", "b,c,d"]]


def test_records_of_json_are_a_table_whatever_is_damaged(tmp_path: Path) -> None:
    text = '{"a": 1, "b": "x"}\n{"a": null, "c": [1, 2]}\n{half\n7\n{"a": 2.5}'
    rows = files.rows(made(tmp_path, text, "r.jsonl"))
    assert rows.columns == ("a", "b", "c", "")
    assert whole(rows) == [["1", "x", "", ""], ["", "", "[1, 2]", ""], [""] * 4, ["", "", "", "7"], ["2.5", "", "", ""]]


def test_a_parquet_file_is_a_table_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    table = arrow.table({"n": list(range(10)), "word": [None, *"abcdefghi"]})
    parquet.write_table(table, tmp_path / "t.parquet", row_group_size=3)
    rows = files.rows(tmp_path / "t.parquet")
    assert rows.columns == ("n", "word") and whole(rows)[:2] == [["0", ""], ["1", "a"]]
    assert rows.read([9, 0, 4]) == [["9", "i"], ["0", ""], ["4", "d"]]
    view = View(rows)
    view.arrange(Arrangement("n>3 !word:f", 1, True), never)
    assert names(view) == ["9", "8", "7", "5", "4"]


def test_without_pyarrow_it_is_said_what_to_install(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(DataError, match="pyarrow") as caught:
        files.rows(made(tmp_path, "x", "t.parquet"))
    assert "footplate[engine]" in caught.value.hint


# --- views ----------------------------------------------------------------------------------------------------------


def test_a_view_is_filtered_sorted_and_finds_its_rows_again(tmp_path: Path) -> None:
    view = View(files.rows(made(tmp_path, PEOPLE)))
    view.arrange(Arrangement("", 1, False), never)
    assert names(view) == ["ada", "alan", "grace", "kurt"] and view.place_of(1) == 2
    view.arrange(Arrangement("", 1, True), never)
    assert names(view) == ["grace", "alan", "ada", "kurt"], "what says nothing is last in both directions"
    view.arrange(Arrangement("age>40 !name:grace", None, False), never)
    assert names(view) == ["alan"] and view.count == 1 and view.page(0, 5)[0] == [2]
    view.arrange(Arrangement("note:/two.lines/s", 0, False), never)
    assert names(view) == [] or view.fault == ""
    view.arrange(Arrangement("/(/", None, False), never)
    assert view.fault.startswith("/(/") and view.count == 4


def test_what_is_not_wanted_any_more_is_given_up_and_leaves_the_view_as_it_was(tmp_path: Path) -> None:
    view = View(files.rows(made(tmp_path, PEOPLE)))
    with pytest.raises(Cut):
        view.arrange(Arrangement("ada", None, False), lambda: True)
    assert view.count == 4


def test_facts_of_numbers_and_of_words() -> None:
    numbers = of_column("x", ["1", "", "3", "nan"])
    assert (numbers.rows, numbers.missing, numbers.numbers) == (4, 2, (1.0, 2.0, 3.0))
    words = of_column("x", ["b", "a", "b", " "])
    assert (words.missing, words.different, words.common) == (1, 2, (("b", 2), ("a", 1)))
    assert words.words() == "x: 4 rows · 1 missing · 2 different · most: b 2, a 1"
    assert floats(["", " "]) is None and floats(["1", "x"]) is None
    assert of_column("x", []).words() == "x: 0 rows · 0 different"


@given(st.lists(st.integers(0, 50)))
def test_ranges_hold_the_same_numbers(numbers: list[int]) -> None:
    assert [number for first, behind in runs_of(numbers) for number in range(first, behind)] == numbers


# --- JSON and pictures ----------------------------------------------------------------------------------------------


def test_a_document_is_looked_into_place_by_place(tmp_path: Path) -> None:
    path = made(tmp_path, '{"a": {"b": [1, "xyz", null]}, "long": "' + "y" * 5000 + '"}', "d.json")
    whole = tree.document(path)
    assert [(node.place, node.kind, node.count) for node in tree.below(whole, ())] == [
        (("a",), "object", 1), (("long",), "text", 0)]  # fmt: skip
    assert [node.said for node in tree.below(whole, ("a", "b"))] == ["1", '"xyz"', "null"]
    assert len(tree.below(whole, ())[1].said) < 500
    assert tree.find(whole, "XY") == [("a", "b", 1)] and tree.find(whole, "b") == [("a", "b")]
    assert tree.below(whole, ("nowhere", 3)) == []


def test_what_is_too_large_or_no_json_is_said(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(DataError, match="not JSON"):
        tree.document(made(tmp_path, "{", "d.json"))
    monkeypatch.setattr(tree, "MOST_BYTES", 10)
    with pytest.raises(DataError, match="more than a look holds"):
        tree.document(made(tmp_path, "[1, 2, 3, 4, 5]", "d.json"))
    monkeypatch.setattr(tree, "MOST_BELOW", 3)
    assert tree.below(list(range(9)), ())[-1] == tree.Node(("…",), "more", 6)


def test_a_picture_is_pixels_and_words(tmp_path: Path) -> None:
    image = importlib.import_module("PIL.Image").new("RGB", (90, 30), (255, 255, 255))
    image.paste((0, 0, 0), (0, 0, 30, 10))
    image.save(tmp_path / "p.png")
    found = picture(tmp_path / "p.png", 30, 40)
    assert (found.width, found.height, len(found.data)) == (30, 10, 900)
    assert found.words.startswith("PNG 90×30 RGB · ") and "top left" in found.words
    with pytest.raises(DataError, match="not a picture"):
        picture(made(tmp_path, "no", "n.png"), 3, 3)


# --- the process ----------------------------------------------------------------------------------------------------


def asked(*questions: dict[str, Any]) -> list[dict[str, Any]]:
    """What the process answers to these, asked all at once."""
    lines = "".join(json.dumps({"id": number, **question}) + "\n" for number, question in enumerate(questions))
    process = subprocess.Popen([sys.executable, "-m", "engine.look"], cwd=ROOT, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(lines)
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in questions]
    process.stdin.close()
    assert process.wait(20) == 0, "it ends when nobody asks any more"
    return answers


def test_the_process_answers_says_faults_and_gives_up_what_is_outdated(tmp_path: Path) -> None:
    path = str(made(tmp_path, "n\n" + "".join(f"{n}\n" for n in range(50_000))))
    rows = {"do": "rows", "path": path, "first": 0, "count": 2, "around": -1}
    answers = asked(
        {**rows, "arranged": ["", None, False]}, {**rows, "arranged": ["n>3", None, False]},
        {**rows, "arranged": ["n>49997", None, False]}, {"do": "below", "path": path, "place": []},
        {**rows, "path": str(tmp_path / "gone.csv"), "arranged": ["", None, False]},
        {**rows, "arranged": ["", 0, True], "around": 7, "count": 3},
    )  # fmt: skip
    assert answers[0]["answer"]["rows"] == [["0"], ["1"]]
    assert answers[1] == {"id": 1, "cut": True}
    assert answers[3]["error"].startswith("table.csv: not JSON") and "gone.csv" in answers[4]["error"]
    assert (answers[5]["answer"]["place"], answers[5]["answer"]["rows"]) == (49_992, [["8"], ["7"], ["6"]])


def test_a_hundred_and_fifty_thousand_rows_show_their_first_page_before_all_are_known(tmp_path: Path) -> None:
    line = ",".join(["0.12345"] * 20) + "\n"
    path = str(made(tmp_path, ",".join(f"c{n}" for n in range(20)) + "\n" + line * 150_000))
    question = {"do": "rows", "path": path, "first": 0, "count": 40, "around": -1, "arranged": ["", None, False]}
    first, last = asked(question, {**question, "first": 149_999, "arranged": ["c0>0", None, False]})
    assert len(first["answer"]["rows"]) == 40 and not first["answer"]["complete"]
    assert last["answer"]["count"] == 150_000 and len(last["answer"]["rows"]) == 1


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_looks_as_the_screen_does(cli: Cli, tmp_path: Path) -> None:
    path = str(made(tmp_path, PEOPLE))
    said = cli("look", path, "--filter", "age>40", "--sort", "age", "--reverse", "--column", "age").out
    assert said.startswith("2 of 4 rows\nage: 2 rows · min 41 · mean 63 · max 85\n")
    assert [line.split()[0] for line in said.splitlines()[3:]] == ["name", "grace", "alan"]
    found = json.loads(cli("look", path, "--json", "--rows", "1").out)
    assert (found["count"], found["columns"], found["rows"][0][0]) == (4, ["name", "age", "note"], "ada")
    assert json.loads(cli("look", str(made(tmp_path, "[1]", "d.json")), "--json").out) == [1]
    assert cli("look", str(made(tmp_path, "hello\n", "t.txt"))).out == "hello\n"
    for words, fault in ((["none.csv"], "no such file"), ([path, "--sort", "x"], "no column 'x'"),
                         ([path, "--filter", "/(/"], "--filter: /(/"),
                         ([path, "--filter", "size>3"], "no field 'size'")):  # fmt: skip
        answer = cli("look", *words)
        assert answer.code == 2 and fault in answer.err


def test_cells_of_a_parquet_file_are_the_same_by_row_by_column_and_all_at_once(tmp_path: Path) -> None:
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    columns = {
        "n": [3, -1],
        "x": [0.25, 1e-7],
        "hole": [1, None],
        "odd": [float("nan"), float("inf")],
        "word": ["a", "é"],
    }
    parquet.write_table(arrow.table(columns), tmp_path / "t.parquet", row_group_size=1)
    rows = files.rows(tmp_path / "t.parquet")
    every = [list(row) for row in rows.every()]
    assert every == rows.read([0, 1])
    assert [list(rows.column(number)) for number in range(5)] == [list(cells) for cells in zip(*every, strict=True)]
    assert every[1] == ["-1", "1e-07", "", "Infinity", "é"]
