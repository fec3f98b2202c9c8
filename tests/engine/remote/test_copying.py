"""The copy of what a run says elsewhere: no byte lost or doubled, only whole lines of events, nothing overwritten."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.remote.copying import EVENTS, Copy
from engine.run import Run
from vmops.mirror import Piece


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def piece(name: str, offset: int, data: bytes) -> Piece:
    return Piece(name, offset, data, offset + len(data))


def test_pieces_of_any_size_make_the_same_file_however_often_the_copy_begins_anew(run: Run) -> None:
    there = b"".join(b'{"n":%d}\n' % n for n in range(500))
    draw = random.Random(1)
    copy, offset = Copy(run), 0
    while offset < len(there):
        step = draw.randrange(1, 40)
        copy.write(piece(EVENTS, offset, there[offset : offset + step]))
        offset += step
        if draw.random() < 0.2:  # its shepherd is killed, and what it held of a half line with it
            copy = Copy(run)
            offset = copy.marks()[EVENTS].offset
    assert run.events.read_bytes() == there


def test_of_events_a_half_line_is_left_for_later_since_it_may_be_cut_off_there(run: Run) -> None:
    copy = Copy(run)
    copy.write(piece(EVENTS, 0, b'{"a":1}\n{"b'))
    assert run.events.read_bytes() == b'{"a":1}\n'
    copy.begin_again(EVENTS)  # the next attempt has cut it off, so the file there begins anew
    assert copy.write(piece(EVENTS, 0, b'{"a":1}\n{"c":3}\n')) == ""
    assert run.events.read_bytes() == b'{"a":1}\n{"c":3}\n'
    assert [path.name for path in run.folder.iterdir()] == [EVENTS]


def test_of_a_log_every_byte_is_taken_at_once(run: Run) -> None:
    copy = Copy(run)
    copy.write(piece("log.txt", 0, b"step 1\nst"))
    assert run.log.read_bytes() == b"step 1\nst"
    copy.write(piece("log.txt", 4, b" 1\nstep 2"))  # what is here already is not doubled
    assert run.log.read_bytes() == b"step 1\nstep 2"


def test_another_file_there_does_not_overwrite_what_was_here(run: Run) -> None:
    copy = Copy(run)
    copy.write(piece("log.txt", 0, b"one two three"))
    words = copy.write(piece("log.txt", 0, b"one 2 three four"))
    assert "another one from byte 4 on" in words
    assert run.log.read_bytes() == b"one 2 three four"
    assert (run.folder / "log.txt.replaced-1").read_bytes() == b"one two three"


def test_a_gap_is_never_written_over(run: Run) -> None:
    with pytest.raises(ValueError, match="byte 5 came, and 0 are here"):
        Copy(run).write(piece("log.txt", 5, b"x"))
