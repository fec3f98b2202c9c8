"""Tables of labels: out and in again byte by byte; every row that cannot be used is named, the rest goes in."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.annotations.decision import BLANK, CANT_TELL, REMARK, Decision, Unit
from engine.annotations.importing import Imported, import_bytes, import_csv
from engine.annotations.log import Log
from engine.annotations.reading import Rules
from engine.annotations.table import export_csv
from engine.errors import DataError

BOOK = {"perspective": ("addressed", "observed", "größer, „fern“ 🙂"), "distance": ("personal", "social")}
NAMES = tuple(BOOK)
RULES = Rules(BOOK, now=2e9)
HEAD = "annotator,video_id,frame_index,perspective,distance,note,flagged,annotated_at\n"


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log.open(tmp_path / "annotations.sqlite")


def bring(log: Log, text: str, rules: Rules = RULES) -> Imported:
    return import_bytes(text.encode(), "annotations.csv", log, rules)


def values(log: Log) -> dict[str, str]:
    return {one.variable: one.value for one in log.newest() if one.variable != REMARK}


def reasons(told: Imported) -> dict[int, str]:
    return dict(told.rejected)


# --- out and in ----------------------------------------------------------------------------------------------------

some_text = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
choices = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from([*labels, BLANK, CANT_TELL]) for name, labels in BOOK.items()
    },
)  # fmt: skip
acts = st.lists(
    st.tuples(
        st.sampled_from(["ana", 'Jörg, "der" Große', "кот 🐈"]),
        st.builds(Unit, st.sampled_from(["v1", "clip, 2", 'a"b', "ü\tx"]), st.integers(0, 3)),
        choices,
        some_text,
        st.booleans(),
        st.floats(1e9, 1.9e9),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(acts)
def test_an_export_that_is_imported_elsewhere_is_exported_with_the_same_bytes(made: list[tuple]) -> None:  # type: ignore[type-arg]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Log.open(folder / "one.sqlite") as one, Log.open(folder / "two.sqlite") as two:
            for coder, unit, chosen, note, flagged, at in made:
                said = [Decision(coder, unit, key, value, at) for key, value in chosen.items()]
                remark = [Decision(coder, unit, REMARK, BLANK, at, note, flagged)] if note or flagged else []
                one.add([*said, *remark])
            count = export_csv(folder / "one.csv", one, NAMES)
            told = import_csv(folder / "one.csv", two, RULES)
            assert (told.added, told.known, told.rejected, told.notes) == (count, 0, [], [])
            export_csv(folder / "two.csv", two, NAMES)
            assert (folder / "two.csv").read_bytes() == (folder / "one.csv").read_bytes()
            before = one.version(), two.version()
            assert import_csv(folder / "two.csv", one, RULES).known == count
            assert import_csv(folder / "two.csv", two, RULES).known == count
            assert (one.version(), two.version()) == before


def test_what_is_unseen_is_not_blank_after_a_way_through_the_table(log: Log, tmp_path: Path) -> None:
    log.add([Decision("ana", Unit("v1", 0), "perspective", "observed", 1e9)])
    log.add([Decision("ana", Unit("v1", 1), "perspective", BLANK, 1e9)])
    export_csv(tmp_path / "a.csv", log, NAMES)
    assert (tmp_path / "a.csv").read_text().splitlines()[1:] == [
        "ana,v1,0,observed,(unseen),,,2001-09-09T01:46:40Z",
        "ana,v1,1,,(unseen),,,2001-09-09T01:46:40.000001Z",
    ]


def test_a_table_with_the_first_columns_only_goes_in(log: Log) -> None:
    told = bring(log, "annotator,video_id,frame_index,perspective\nana,v1,30,observed\nben,v1,30,\n")
    assert (told.added, told.rejected) == (2, [])
    assert told.notes == ["no column 'distance': unseen in all rows"]
    assert [(one.coder, one.value) for one in log.newest()] == [("ana", "observed"), ("ben", "")]


@pytest.mark.parametrize("change", [
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.replace("\n", "\r").encode(),
    lambda text: ("\n\n" + text).encode().lstrip() + b"\n,,,,,,,\n\n",
])  # fmt: skip
def test_the_ways_of_other_programs_to_write_a_table_are_understood(log: Log, change) -> None:  # type: ignore[no-untyped-def]
    text = HEAD + 'ana,v1,30,"größer, „fern“ 🙂",can\'t tell,"a ""b"", c",TRUE,2026-11-01 10:00:00+01:00\n'
    told = import_bytes(change(text), "a.csv", log, RULES)
    assert (told.added, told.rejected) == (1, [])
    assert values(log) == {"perspective": "größer, „fern“ 🙂", "distance": CANT_TELL}
    remark = next(one for one in log.newest() if one.variable == REMARK)
    assert (remark.note, remark.flagged) == ('a "b", c', True)
    assert remark.at == 1793523600


# --- what cannot be used -------------------------------------------------------------------------------------------


def test_every_row_that_cannot_be_used_is_named_and_the_rest_goes_in(log: Log) -> None:
    rules = Rules(BOOK, now=1.8e9, coders=("ana", "ben"), frames={"v1": [1, 2], "v2": [0, 1, 30]})
    text = HEAD + "".join([
        "ana,v1,1,observed,social,,,2026-01-01T00:00:00Z\n",
        "ana,v1,x,observed,social,,,\n",
        "ana,v1,-1,observed,social,,,\n",
        "ana,v9,1,observed,social,,,\n",
        "anna,v1,2,observed,social,,,\n",
        ",v1,2,observed,social,,,\n",
        "ana,,2,observed,social,,,\n",
        "ana,v1,2,observd,socia,,,\n",
        "ana,v1,2,observed\n",
        "ana,v1,2,observed,social,,perhaps,\n",
        "ana,v1,2,observed,social,,,yesterday\n",
        "ana,v1,2,observed,social,,,2036-01-01T00:00:00Z\n",
        "ana,v1,2,observed,social,,,1936-01-01T00:00:00Z\n",
        'ana,v1,2,"observed"x,social,,,\n',
        "ben,v2,1,observed,social,,,\n",
        "ana,v1,1,observed,social,,,2026-01-01T00:00:00Z\n",
        "ben,v2,1,observed,personal,,,\n",
        "ben,v2,99,observed,personal,,,\n",
    ])  # fmt: skip
    told = bring(log, text, rules)
    found = reasons(told)
    assert (told.added, sorted(found)) == (2, [*range(3, 18), 19])
    for line, words in {
        3: "frame_index is 'x', expected a whole number",
        4: "frame_index is '-1'",
        5: "no video 'v9' in frames.csv",
        6: "does not name 'anna'; did you mean 'ana'?",
        7: "annotator is empty",
        8: "video_id is empty",
        9: "perspective is 'observd', which is no label; did you mean 'observed'?; distance is 'socia'",
        10: "4 cells, but the header names 8 columns",
        11: "flagged is 'perhaps'",
        12: "annotated_at is 'yesterday'",
        13: "lies in the future",
        14: "lies before 1970",
        15: "not CSV",
        17: "the same as line 2",
        16: "line 18 says otherwise of the same coder and frame, and comes later",
        19: "no frame 99 of 'v2' in frames.csv; the nearest is 30",
    }.items():
        assert words in found[line]


def test_a_line_in_another_encoding_is_named_and_its_neighbours_go_in(log: Log) -> None:
    text = HEAD.encode() + b"ana,v1,1,observed,social,,,\n" + "ana,v1,2,observed,social,für,,\n".encode("latin-1")
    told = import_bytes(text, "a.csv", log, RULES)
    assert (told.added, reasons(told)) == (1, {3: "not in UTF-8"})


def test_a_quote_that_is_never_closed_is_named_with_all_that_it_swallows(log: Log) -> None:
    told = bring(
        log, HEAD + 'ana,v1,1,observed,social,,,\nana,v1,2,observed,social,"oh,,\nana,v1,3,observed,social,,,\n'
    )
    assert told.added == 1
    assert "never closed, so nothing can be read from here to line 4" in reasons(told)[3]


def test_lines_are_counted_as_an_editor_does_when_notes_have_several(log: Log) -> None:
    told = bring(log, HEAD + 'ana,v1,1,observed,social,"one\ntwo\nthree",,\nana,v1,x,observed,social,,,\n')
    assert list(reasons(told)) == [5]


def test_columns_that_nobody_knows_are_told_of(log: Log) -> None:
    told = bring(log, "annotator,video_id,frame_index,perspectiv,distance\nana,v1,1,observed,social\n")
    assert told.notes[0].startswith("column 'perspectiv' is no variable of workspace.yaml: left out; did you mean")
    assert values(log) == {"distance": "social"}


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "no column annotator"),
        (b"annotator,video_id,frame_index\nana,v1,1\n", "no column of a variable"),
        (b"coder,video_id,frame_index,distance\n", "no column annotator"),
        (b"annotator;video_id;frame_index;distance\n", "not separated by commas"),
        ("annotator".encode("utf-16"), "UTF-16"),
        (b"annotator,video_id,frame_index,distance,distance\n", "a column twice: distance"),
    ],
)
def test_what_is_no_table_of_labels_is_refused_as_a_whole(log: Log, data: bytes, fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        import_bytes(data, "a.csv", log, RULES)


def test_a_file_that_is_not_there_is_named(log: Log, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        import_csv(tmp_path / "none.csv", log, RULES)


# --- who wins ------------------------------------------------------------------------------------------------------


def test_the_newer_wins_whichever_comes_first(log: Log) -> None:
    bring(log, HEAD + "ana,v1,1,observed,social,,,2026-01-02T00:00:00Z\n")
    told = bring(log, HEAD + "ana,v1,1,addressed,personal,,,2026-01-01T00:00:00Z\n")
    assert (told.added, told.older) == (1, 1)
    assert values(log) == {"perspective": "observed", "distance": "social"}
    bring(log, HEAD + "ana,v1,1,addressed,personal,,,2026-01-03T00:00:00Z\n")
    assert values(log) == {"perspective": "addressed", "distance": "personal"}


def test_a_row_without_a_moment_never_wins_over_one_that_has_one(log: Log) -> None:
    log.add([Decision("ana", Unit("v1", 1), "distance", "social", time.time())])
    told = bring(log, HEAD + "ana,v1,1,observed,personal,,,\n")
    assert values(log) == {"perspective": "observed", "distance": "social"}
    assert (told.added, told.older) == (1, 0)


def test_of_two_tables_without_moments_the_later_one_wins_and_stays_in_when_brought_again(log: Log) -> None:
    first, second = (HEAD + f"ana,v1,1,{label},social,,,\n" for label in ("observed", "addressed"))
    for text in (first, second, second):
        bring(log, text)
    assert values(log)["perspective"] == "addressed"
    assert bring(log, second).known == 1


def test_a_row_that_was_edited_wins_over_what_it_corrects_and_not_over_what_came_later(
    log: Log, tmp_path: Path
) -> None:
    log.add([Decision("ana", Unit("v1", 1), "distance", "social", 1.7e9)])
    export_csv(tmp_path / "a.csv", log, NAMES)
    edited = (tmp_path / "a.csv").read_text().replace("social", "personal")
    bring(log, edited)
    assert values(log) == {"distance": "personal"}
    assert bring(log, edited).known == 1
    log.add([Decision("ana", Unit("v1", 1), "distance", "social", 1.7e9 + 60)])
    assert bring(log, edited).known == 1
    assert values(log) == {"distance": "social"}


def test_what_was_taken_back_does_not_return_with_an_old_export(log: Log, tmp_path: Path) -> None:
    log.add([Decision("ana", Unit("v1", 1), "distance", "social", 1.7e9)])
    export_csv(tmp_path / "a.csv", log, NAMES)
    log.undo("ana", 1.7e9 + 60)
    import_csv(tmp_path / "a.csv", log, RULES)
    assert log.newest() == []


def test_of_rows_that_contradict_each_other_the_newer_wins_wherever_it_stands(log: Log) -> None:
    day = "ana,v1,{},{},social,,,2026-01-0{}T00:00:00Z\n".format
    told = bring(log, HEAD + day(1, "observed", 2) + day(1, "addressed", 1) + day(2, "observed", 1)
                 + day(2, "addressed", 2) + "ana,v1,2,observed,personal,,,\n")  # fmt: skip
    assert (told.added, sorted(reasons(told))) == (2, [3, 4, 6])
    assert reasons(told)[3] == "line 2 says otherwise of the same coder and frame, and is newer"
    assert reasons(told)[4] == "line 5 says otherwise of the same coder and frame, and is newer"
    assert [one.value for one in log.newest() if one.variable == "perspective"] == ["observed", "addressed"]


cells = st.tuples(
    st.sampled_from(["ana", "ben"]),
    st.integers(0, 1),
    st.sampled_from(["addressed", "observed", "", "(unseen)"]),
    st.sampled_from(["personal", "social", CANT_TELL, "(unseen)"]),
    st.sampled_from(["", "dark", "far"]),
    st.sampled_from(["", "yes"]),
    st.sampled_from(["", "", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(cells, max_size=6), st.lists(cells, max_size=8))
def test_the_same_file_again_adds_nothing_whatever_stands_in_it(before: list[tuple], made: list[tuple]) -> None:  # type: ignore[type-arg]
    def text(rows: list[tuple]) -> str:  # type: ignore[type-arg]
        return HEAD + "".join(f"{coder},v1,{','.join(map(str, rest))}\n" for coder, *rest in rows)

    with tempfile.TemporaryDirectory() as name, Log.open(Path(name) / "log.sqlite") as log:
        bring(log, text(before))
        told = bring(log, text(made))
        version = log.version()
        again = bring(log, text(made))
        assert (again.added, again.older, again.known) == (0, 0, told.accepted)
        assert (log.version(), again.rejected) == (version, told.rejected)


def test_a_dry_run_writes_nothing(log: Log) -> None:
    told = import_bytes((HEAD + "ana,v1,1,observed,social,,,\n").encode(), "a.csv", log, RULES, dry_run=True)
    assert (told.added, log.version()) == (1, 0)
