"""Log files as they come: indexed, with bars collapsed, searched in processes, whatever happens to the file."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import tqdm
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.stamps import Stamper, Stamps
from tests.lab import until
from tui import search, sieve
from tui.bars import CLIP
from tui.services import saving, sift
from tui.services.filtered import FilteredLog
from tui.services.logfile import LogFile
from tui.services.logindex import BLOCK, CHUNK, Index
from tui.services.sifting import Sifter

PIECES = st.sampled_from(
    [b"\n", b"\r", b"\r\n", b"\x1b[A", b"\x1b[2A", b"\x1b[2K", b"a 3%|", b"a 9%|", b"b 100%|", b"text", b"\xff"]
)


def _file(path: Path, data: bytes) -> LogFile:
    path.write_bytes(data)
    log = LogFile(path)
    log.update()
    return log


def _in_pieces(path: Path, data: bytes, piece: int) -> LogFile:
    log = _file(path, b"")
    for at in range(0, len(data), piece):
        with path.open("ab") as file:
            file.write(data[at : at + piece])
        log.update()
    return log


def _all(log: LogFile) -> list[str]:
    return log.lines(0, log.count)


# --- lines ----------------------------------------------------------------------------------------------------------


def test_a_line_is_shown_as_a_terminal_would_leave_it(tmp_path: Path) -> None:
    data = b"one\r\n 10%|#   \r 50%|##  \r100%|####\n\n\xff\x00 bad\nlast without end"
    assert _all(_file(tmp_path / "log", data)) == ["one", "100%|####", "", "\ufffd\x00 bad", "last without end"]


def test_a_line_of_megabytes_is_shown_in_part_and_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + b"y" * (1 << 20) + b"\nend\n")
    log = LogFile(path)
    while log.update(16 << 20)[0]:
        pass
    first, second, third = _all(log)
    assert first.startswith("x" * CLIP) and "104,857,601 bytes in this line" in first and len(first) < 2 * CLIP
    assert "1,048,577 bytes" in second and third == "end"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3 * BLOCK), max_size=12), st.integers(1, 2 * CHUNK), st.booleans())
def test_the_index_knows_where_each_line_begins(lengths: list[int], limit: int, ends: bool) -> None:
    data = b"\n".join(b"x" * length for length in lengths) + b"\n" * ends
    index = Index(os.memfd_create("log"))
    os.write(index.file, data)
    while index.grow(limit):
        pass
    starts = [0, *(match.end() for match in re.finditer(b"\n", data))]
    assert [index.start(number) for number in range(len(starts))] == starts
    assert index.count == len(starts) - (starts[-1] == len(data))
    parts = list(index.parts(0, index.extent.whole, 1000))
    assert b"".join(data[part.begin : part.end] for part in parts) == data[: index.extent.whole]
    for part in parts:
        assert (part.first, part.stop) == (data[: part.begin].count(b"\n"), data[: part.end].count(b"\n"))


# --- what happens to files --------------------------------------------------------------------------------------------


def _cut(path: Path) -> None:
    path.write_bytes(b"z\n")


def _cut_and_grown(path: Path) -> None:
    path.write_bytes(b"z\n" * 100)


def _replaced(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(b"z\nb\nc\n")
    os.replace(other, path)


def _rotated(path: Path) -> None:
    path.rename(path.with_suffix(".1"))
    path.write_bytes(b"z\n")


@pytest.mark.parametrize("happens", [_cut, _cut_and_grown, _replaced, _rotated])
def test_a_file_that_is_another_one_now_is_read_afresh(tmp_path: Path, happens: Callable[[Path], None]) -> None:
    path = tmp_path / "log"
    log = _file(path, b"a\nb\nc\n")
    happens(path)
    assert log.update() == (True, True) and _all(log)[0] == "z"
    assert log.update() == (False, False)


def test_what_was_read_of_a_deleted_file_stays_and_its_successor_is_found(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = _file(path, b"a\nb\n")
    path.unlink()
    assert log.update() == (True, False) and log.gone and _all(log) == ["a", "b"]
    assert log.update() == (False, False)
    path.write_bytes(b"c\n")
    assert log.update() == (True, True) and not log.gone and _all(log) == ["c"]


def test_lines_can_be_asked_for_after_the_file_was_cut(tmp_path: Path) -> None:
    log = _file(tmp_path / "log", b"line\n" * 10_000)
    (tmp_path / "log").write_bytes(b"")
    assert len(_all(log)) == 10_000 and log.span(5_000)[0] >= 0


# --- bars -----------------------------------------------------------------------------------------------------------


def _tqdm(draw: Callable[..., None]) -> bytes:
    out = StringIO("before\n")
    out.seek(0, os.SEEK_END)
    draw(lambda over, **given: tqdm.tqdm(over, file=out, mininterval=0, miniters=1, ncols=60, **given))
    out.write("after\nafter that\n")
    return out.getvalue().encode()


def test_nested_bars_become_one_line_each(tmp_path: Path) -> None:
    def draw(bar: Callable[..., range]) -> None:
        for _ in bar(range(3), desc="epoch"):
            for _ in bar(range(4), desc="batch", leave=False):
                pass

    log = _file(tmp_path / "log", _tqdm(draw))
    before, epoch, *after = _all(log)
    assert before == "before" and epoch.startswith("epoch: 100%") and after == ["after", "after that"]
    assert log.line_count == 22 and log.line(2) == 20


def test_a_bar_that_runs_is_one_line_and_others_below_it_too(tmp_path: Path) -> None:
    log = _file(
        tmp_path / "log", b"go\n\repoch:  0%|   | 0/3\n\rbatch:  0%|   | 0/4\x1b[A\n\rbatch: 25%|#  | 1/4\x1b[A"
    )
    assert _all(log) == ["go", "epoch:  0%|   | 0/3", "batch: 25%|#  | 1/4"]


def test_a_bar_with_a_line_for_each_step_becomes_one_line(tmp_path: Path) -> None:
    steps = b"".join(b"%s: %d%%|##| %d/10\n" % (name, n * 10, n) for name in (b"train", b"val") for n in range(11))
    log = _file(tmp_path / "log", b"start\n" + steps + b"end\n")
    assert _all(log) == ["start", "train: 100%|##| 10/10", "val: 100%|##| 10/10", "end"]
    assert [log.line(row) for row in range(4)] == [0, 11, 22, 23] and log.row_of(5) == 1


def test_two_bars_that_each_came_to_an_end_stay_two(tmp_path: Path) -> None:
    lines = b"\rtrain: 0%|  |\rtrain: 100%|##| 10/10\n" * 2 + b"train: 100%|##| 9/9\n" * 2
    assert len(_all(_file(tmp_path / "log", lines))) == 4


def test_bars_of_rich_are_left_as_they_ended(tmp_path: Path) -> None:
    from rich.console import Console
    from rich.progress import Progress

    out = StringIO()
    with Progress(console=Console(file=out, force_terminal=True, width=60), auto_refresh=False) as progress:
        tasks = [progress.add_task(name, total=3) for name in ("one", "two")]
        for _ in range(3):
            for task in tasks:
                progress.update(task, advance=1)
            progress.refresh()
    lines = [sift.seen(line.encode()).whole for line in _all(_file(tmp_path / "log", out.getvalue().encode()))]
    assert [line[:3] for line in lines] == ["one", "two", ""] and all("100%" in line for line in lines[:2])


@given(st.lists(PIECES, max_size=60), st.integers(1, 20))
def test_a_log_that_grows_is_shown_as_if_it_had_been_there_at_once(
    tmp_path_factory, pieces: list[bytes], piece
) -> None:
    folder, data = tmp_path_factory.mktemp("log"), b"".join(pieces)
    log, whole = _in_pieces(folder / "grown", data, piece), _file(folder / "whole", data)
    assert _all(log) == _all(whole) and len(_all(log)) == log.count
    assert [log.line(row) for row in range(log.count)] == [whole.line(row) for row in range(whole.count)]
    assert all(log.row_of(log.line(row)) <= row for row in range(log.count))


# --- looking for lines ----------------------------------------------------------------------------------------------


def _sifted(log: LogFile, wanted: sieve.Sieve) -> list[int]:
    assert log.index is not None
    sifter = Sifter(log.index, wanted, lambda: None)
    sifter.go_on()
    until(lambda: sifter.done, "all is looked at")
    assert not sifter.fault
    sifter.close()
    return list(sifter.lines)


def test_lines_are_found_in_their_order_by_two_processes(tmp_path: Path) -> None:
    lines = [b"needle" if n % 1000 == 7 else b"hay " * 60 for n in range(30_000)]
    log = _file(tmp_path / "log", b"\n".join(lines) + b"\n")
    assert log.index is not None and log.index.extent.size > 4 << 20
    assert _sifted(log, sieve.of_filter(sieve.filter_of("needle"))) == [n for n in range(30_000) if n % 1000 == 7]
    assert _sifted(log, sieve.of_filter(sieve.filter_of("!needle !straw"))) == [
        n for n in range(30_000) if n % 1000 != 7
    ]


TEXTS = st.lists(st.text(st.sampled_from("aAbB -_|0\u00fc\u00dc\u0130\ufb01.\t"), max_size=12), max_size=40)
ASKED = [
    "a",
    "A",
    "ab|b-",
    "!a",
    "!a b",
    "/a+b/",
    r"/\bab\b/",
    r"/^a.*b$/",
    "/[a-b]-/ !/[^a]b/",
    "ü",
    "/ü+|i/",
    r"/\w\s/",
    '"a b"',
]


@given(TEXTS, st.sampled_from(ASKED))
def test_a_sieve_lets_through_what_its_filter_does(lines: list[str], asked: str) -> None:
    wanted = sieve.filter_of(asked)
    slow = [n for n, line in enumerate(lines) if wanted.fits({"line": line})]
    text = sift.seen("".join(f"{line}\n" for line in lines).encode()) if lines else sift.Text("")
    quick = sift.Sieve(sieve.of_filter(wanted).plain()).lines(text)
    assert not wanted.fault and quick == (slow if lines else quick)


@given(
    TEXTS, st.sampled_from(["a", "A", "ab", "a.b", "[ab]-", r"\bab", r"\S+b", "^a", "b$", "(a|b)-", "ü", "a{2}", "x?a"])
)
def test_a_search_finds_what_its_pattern_does(lines: list[str], asked: str) -> None:
    wanted = search.compiled(asked)
    assert wanted is not None
    text = sift.seen("".join(f"{line}\n" for line in lines).encode()) if lines else sift.Text("")
    found = sift.Sieve(sieve.of_search(wanted).plain()).lines(text)
    assert found == [n for n, line in enumerate(text.lines) if wanted.text.search(line)]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("abc", "abc"), ("a.cd", "cd"), ("ab?c+d", "a"), (r"x\.y", "x.y"), ("[ab]cd", "cd"), ("a|b", ""), ("(ab)", ""),
     (r"loss=0\.\d+ acc", "loss=0."), ("a{2,3}bc", "bc"), (r"\d\d", "")],
)  # fmt: skip
def test_the_longest_text_of_a_pattern_is_in_whatever_it_finds(pattern: str, text: str) -> None:
    assert sieve.longest_text(pattern) == text


@pytest.mark.parametrize(
    ("asked", "fits", "fits_not"),
    [
        ("level:error", "2026 ERROR x|ValueError: no|Traceback (most recent call last):|\"level\": \"error\"|error: x",
         "errors=0|no ERRORS|x.error: 3"),
        ("level:warn", "WARNING x|[WARN] y|a.py:3: UserWarning: z|warning: w|level=warning", "warned|WARNINGS"),
        ("loss>0.5", "loss=0.6|\"loss\": 2e3,|val loss: 1", "loss=0.5|valloss=1|loss: high"),
        ("has:loss", "loss=1|\"loss\": 1", "no loss here"),
        ("error: no", "an error: no such", "error no"),
    ],
)  # fmt: skip
def test_levels_and_numbers_are_found_where_a_line_says_them(asked: str, fits: str, fits_not: str) -> None:
    wanted = sift.Sieve(sieve.of_filter(sieve.filter_of(asked)).plain())
    lines = [*fits.split("|"), *fits_not.split("|")]
    assert wanted.lines(sift.Text("\n".join(lines))) == list(range(len(fits.split("|"))))


def test_what_is_searched_is_what_is_seen(tmp_path: Path) -> None:
    log = _file(tmp_path / "log", b"\x1b[31mER\x1b[0mROR\n50% of\r100% of\n\x1b]0;title\x07name\n")
    for asked, lines in (("ERROR", [0]), ("50%", []), ("100%", [1]), ("title", []), ("name", [2])):
        assert _sifted(log, sieve.of_filter(sieve.filter_of(asked))) == lines


# --- what is shown --------------------------------------------------------------------------------------------------


def _settled(shown: FilteredLog) -> FilteredLog:
    done = threading.Event()
    while shown.looked_at < 1 or shown._next is not None:
        assert not done.wait(0.005)
    shown._catch_up()
    shown.notice()
    return shown


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from([b"a\n", b"b\n", b"ab\n", b"x 5%|\n", b"x 9%|a\n", b"\rb\x1b[A\n"]), max_size=40),
    st.integers(0, 3), st.integers(1, 9),
)  # fmt: skip
def test_a_filter_with_context_is_that_of_grep(tmp_path_factory, lines: list[bytes], context: int, piece: int) -> None:
    path, data = tmp_path_factory.mktemp("log") / "log", b"".join(lines)
    log = _file(path, data[: len(data) // 2])
    shown = FilteredLog(log, lambda: None)
    shown.filter(sieve.of_filter(sieve.filter_of("a")), context)
    with path.open("ab") as file:
        file.write(data[len(data) // 2 :])
    _, afresh = log.update()
    shown.grew(afresh=afresh)
    rows = _all(log)
    hits = [n for n, row in enumerate(rows) if "a" in row]
    wanted = [row for n, row in enumerate(rows) if any(abs(n - hit) <= context for hit in hits)]
    assert _settled(shown).lines(0, shown.count) == wanted
    shown.close()


def test_matches_inside_a_filter_are_those_that_are_shown(tmp_path: Path) -> None:
    log = _file(tmp_path / "log", b"".join(b"%d %s\n" % (n, b"even" if n % 2 == 0 else b"odd") for n in range(100)))
    shown = FilteredLog(log, lambda: None)
    shown.search(sieve.of_filter(sieve.filter_of("7")))
    shown.filter(sieve.of_filter(sieve.filter_of("even")))
    assert list(_settled(shown).found) == [n for n in range(100) if n % 2 == 0 and "7" in str(n)]
    shown.filter(None)
    assert list(_settled(shown).found) == [n for n in range(100) if "7" in str(n)]
    shown.close()


@given(st.sets(st.integers(0, 59)), st.booleans())
def test_saved_lines_are_the_bytes_of_the_file(numbers: set[int], ends: bool) -> None:
    lines = [b"%d\xff\r" % n + b"x" * (n * 997) for n in range(60)]
    index = Index(os.memfd_create("log"))
    os.write(index.file, b"\n".join(lines) + b"\n" * ends)
    while index.grow():
        pass
    wanted = b"".join(lines[n] + b"\n" * (ends or n < 59) for n in sorted(numbers))
    assert b"".join(saving.chosen(index, sorted(numbers))) == wanted


# --- times ----------------------------------------------------------------------------------------------------------


def test_a_supervisor_notes_when_the_log_grew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.stamps.EVERY_S", 0.0)
    log, times = tmp_path / "log.txt", tmp_path / "log.times"
    stamper, stamps = Stamper(log, times), Stamps()
    stamper.tick()
    assert not stamps.read(times)
    for size, now in ((0, 100.0), (10, 101.0), (10, 102.0), (30, 103.0)):
        log.write_bytes(b"x" * size)
        monkeypatch.setattr("engine.stamps.time.time", lambda now=now: now)
        stamper.tick()
    assert times.read_text() == "100.0 0\n101.0 10\n103.0 30\n"
    assert stamps.read(times) and [stamps.at(offset) for offset in (0, 9, 10, 29, 30)] == [101, 101, 103, 103, None]
    with times.open("a") as file:
        file.write("104.0 4")
    assert stamps.read(times) and stamps.at(30) is None
