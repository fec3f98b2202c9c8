"""The benchmarks measure in real terminals, name a result for each budget, and write figures into the document."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as bench
from bench import budgets, document, machine, numbers, peers, tmux, words
from bench.terminal import LEFT, Terminal
from bench.tmux import Tmux

ECHO = "\n".join(
    [
        "import sys, tty",
        "tty.setraw(0)",
        "sys.stdout.write('\\x1b[?1049h\\x1b[cready'); sys.stdout.flush()",
        "while (key := sys.stdin.read(1)) != 'q':",
        "    sys.stdout.write(f'<{key}>'); sys.stdout.flush()",
        "sys.stdout.write('\\x1b[?1049l')",
    ]
)
COMMAND = [sys.executable, "-c", ECHO]
ON = {"cores": 2, "processor": "x", "load_average": [1.5, 1, 0]}
RESULTS = {
    "startup": {
        "version": {"footplate_s": numbers.told([0.1, 0.2, 0.3])},
        "first_paint": {"footplate_s": numbers.told([0.5, 0.6])},
        "heavy_modules": 0,
        "run": {"at": "2026-02-03 10:15 UTC", "quick": True, "machine": ON},
    },
    "wire": {"failed": "it ended with 1", "run": {"at": "2026-02-03 10:16 UTC", "machine": {}}},
}


# --- terminals ---------------------------------------------------------------------------------------------------


def test_a_terminal_passes_keys_on_and_counts_what_is_written() -> None:
    with Terminal(COMMAND, answers=False) as terminal:
        terminal.sees(b"ready")
        at = terminal.press(b"x")
        assert terminal.sees(b"<x>", at) >= terminal.first_byte(at) >= at
        assert terminal.written(at) == b"<x>"
        at = terminal.press(b"q")
        assert terminal.sees(LEFT, at) >= at
        terminal.exited()
        assert terminal.process.returncode == 0


def test_a_terminal_answers_as_an_xterm_where_it_is_asked_to() -> None:
    with Terminal(COMMAND) as terminal:
        terminal.sees(b"<2><2><c>")  # the end of what an xterm says of itself
    with Terminal(COMMAND, answers=False) as terminal:
        terminal.sees(b"ready")
        terminal.settled()
        assert b"<c>" not in terminal.written()


def test_what_never_comes_is_told_with_what_came() -> None:
    with Terminal(COMMAND) as terminal, pytest.raises(TimeoutError, match="ready"):
        terminal.sees(b"ready")
        terminal.sees(b"nothing of the kind", patience_s=0.1)


@pytest.mark.skipif(not tmux.installed(), reason="needs tmux")
def test_tmux_shows_what_stands_on_the_screen() -> None:
    with Tmux(COMMAND, size=(50, 10)) as there:
        there.sees("ready")
        assert there.alternate
        there.type("a'b")
        there.keys("Enter")
        assert there.sees("<'><b>") > there.began
        with pytest.raises(TimeoutError, match="<'><b>"):
            there.sees("nothing of the kind", patience_s=0.1)
        there.keys("q")
        there.until(lambda _: there.ended, "the end")


# --- figures -----------------------------------------------------------------------------------------------------


def test_what_is_told_of_samples_is_median_and_spread() -> None:
    assert numbers.told([3.0, 1.0, 2.0]) == {"median": 2.0, "low": 1.0, "high": 3.0, "count": 3}
    assert numbers.percentile(range(1, 101), 95) == 95  # type: ignore[arg-type]
    order: list[str] = []
    numbers.repeated(2, lambda: order.append("a") or 1.0, lambda: order.append("b") or 2.0)  # type: ignore[func-returns-value]
    assert order == ["a", "b", "a", "b"]


def test_every_budget_is_of_a_benchmark_and_stands_once() -> None:
    keys = [budget.key for budget in budgets.BUDGETS]
    assert len({*keys}) == len(keys)
    assert {key.partition(".")[0] for key in keys} <= {*bench.NAMES}
    assert all((Path(bench.__file__).parent / f"{key.partition('.')[0]}.py").exists() for key in keys)


@pytest.mark.parametrize(("given", "least", "kept"), [(1.0, False, True), (1.1, False, False), (0.9, True, False)])
def test_a_budget_is_a_ceiling_or_a_floor(given: float, least: bool, kept: bool) -> None:
    assert budgets.Budget("x", "x.y", 1.0, "s", "here", least).kept(given) is kept


def test_the_document_is_renewed_between_its_marks_alone() -> None:
    text = f"by hand\n{document.BEGIN}\nold\n{document.END}\nby hand as well\n"
    made = document.renewed(text, RESULTS)
    assert made.startswith("by hand\n") and made.endswith("\nby hand as well\n") and "old" not in made
    assert "| `--version` | 0.2 (0.1–0.3) | ≤ 0.12 s | **missed** |" in made
    assert "| heavy modules loaded at first paint | 0 | ≤ 0 | kept |" in made
    assert re.search(r"\| table of 100,000 rows \| *\|.*not measured \|", made)
    assert "2026-02-03 10:15 UTC, quick; 2 cores of x; load before 1.5 1 0." in made
    assert "It failed: `it ended with 1`" in made
    assert document.renewed(made, RESULTS) == made


def test_a_document_without_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="lost its marks"):
        document.renewed("no marks", RESULTS)


def test_the_document_of_this_repository_can_be_renewed() -> None:
    assert document.renewed(document.DOCUMENT.read_text(encoding="utf-8"), RESULTS)


def test_a_benchmark_that_fails_is_told_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def found(name: str, quick: bool) -> dict[str, Any]:
        if name == "keys":
            raise subprocess.CalledProcessError(1, "keys")
        return {"seconds": 1.0}

    monkeypatch.setattr(bench, "_found", found)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(sys, "argv", ["bench", "keys", "runs"])
    assert bench.main() == 1
    kept = json.loads((tmp_path / "results.json").read_text())
    assert "failed" in kept["keys"] and kept["runs"]["seconds"] == 1.0
    assert "failed: keys" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["bench", "--quick", "runs"])
    assert bench.main() == 0
    assert "failed" in json.loads((tmp_path / "results.json").read_text())["keys"], "what others found is kept"


def test_a_whole_run_without_a_result_for_a_budget_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "_found", lambda name, quick: {"seconds": 1.0})
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(sys, "argv", ["bench"])
    assert bench.main() == 1
    assert "no result for startup.version.footplate_s" in capsys.readouterr().out


def test_a_peer_that_cannot_be_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(peers, "_missing", {})
    monkeypatch.setattr(peers, "_install", lambda peer, home: peers._missing.update({peer.name: "no way to it"}))
    assert peers.program("toolong") is None
    assert peers.why_missing("toolong") == "no way to it"


def test_the_machine_is_described() -> None:
    on = machine.described()
    assert on["cores"] >= 1 and len(on["load_average"]) == 3 and on["textual"]


def test_numbers_are_told_with_three_digits() -> None:
    assert [words.number(value) for value in (0.01824, 4.5, 98000.4, 0)] == ["0.0182", "4.5", "98,000", "0"]
