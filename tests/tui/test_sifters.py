"""The processes that look for lines: kept from one search to the next, and ended where a search never ends."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui import search, sieve
from tui.services.sifters import GIVE_UP_S, KEPT, Process, Sifters, path_of


@pytest.fixture
def sifters() -> Iterator[Sifters]:
    made = Sifters()
    yield made
    made.close()


def _asked(process: Process, file: int, asked: str) -> None:
    wanted = search.compiled(asked)
    assert wanted is not None
    process.begin(json.dumps({"sieve": sieve.of_search(wanted).plain(), "file": path_of(file)}))
    process.ask(f"0 {os.fstat(file).st_size} 0")


def test_a_process_is_kept_and_looks_into_another_file_even_a_deleted_one(sifters: Sifters, tmp_path: Path) -> None:
    found, used = [], set()
    for text in ("a\nb\n", "c\nc b\n"):
        path = tmp_path / "log"
        path.write_text(text)
        file = os.open(path, os.O_RDONLY)
        path.unlink()
        process = sifters.lend()
        used.add(process)
        _asked(process, file, "b")
        found.append(list(process.answer()))
        sifters.give_back(process)
        os.close(file)
    assert found == [[1], [1]] and len(used) == 1


def test_what_was_not_waited_for_is_not_the_answer_to_the_next_search(
    sifters: Sifters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.sifters.GIVE_UP_S", 60.0)  # on a busy machine even a short search takes a while
    (tmp_path / "log").write_text("a\nb\n")
    with (tmp_path / "log").open() as log:
        process = sifters.lend()
        _asked(process, log.fileno(), "a")
        sifters.give_back(process)
        assert sifters.lend() is process
        _asked(process, log.fileno(), "b")
        assert list(process.answer()) == [1]
        sifters.give_back(process)


def test_a_search_that_never_ends_is_ended_and_others_go_on(sifters: Sifters, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a" * 64 + "b\n")
    with (tmp_path / "log").open() as log:
        stuck = sifters.lend()
        _asked(stuck, log.fileno(), "(a+)+$")
        giving = threading.Thread(target=sifters.give_back, args=(stuck,))
        giving.start()
        giving.join(100 * GIVE_UP_S)
        assert not giving.is_alive() and not stuck.alive
        process = sifters.lend()
        assert process is not stuck
        _asked(process, log.fileno(), "b")
        assert list(process.answer()) == [0]
        sifters.give_back(process)


def test_no_more_are_kept_than_two_and_none_that_has_died(sifters: Sifters) -> None:
    lent = [sifters.lend() for _ in range(KEPT + 1)]
    for process in lent:
        sifters.give_back(process)
    assert [process.alive for process in lent].count(True) == KEPT
    for process in lent:
        process.bury()
    assert sifters.lend().alive
