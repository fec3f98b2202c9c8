"""Reports: every number has an origin, and one that no longer matches is named, number by number."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine import tables
from engine.errors import DataError, SpecError
from engine.files import write_json
from engine.reports import claims, gather
from engine.reports.check import check
from engine.reports.number import told
from engine.run import Run, create
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.jobs import do

FACTS = {
    "rows": 213144, "accuracy": 0.6873, "macro_f1": 0.65961, "nll": None, "ece": 1.5e-05,
    "intervals": {"accuracy": [0.6831, 0.6914]}, "teachers": [{"name": "rn18", "weight": 0.4}], "done": True,
    "classes": ["0", "1"], "confusion": [[3, 1], [0, 4]],
    "bins": [{"low": 0.0, "high": 1.0, "frames": 8, "confidence": 0.9, "accuracy": 0.875}],
}  # fmt: skip


@pytest.fixture
def made(workspace: Workspace) -> Run:
    """A run that has made numbers."""
    run = create(workspace, "toy", "", record={"title": "3 teachers"})
    write_json(run.artifacts / "metrics.json", FACTS)
    with tables.writer(run.artifacts / "sweep.csv", ("weight", "nll")) as table:
        table.write(0.5, 1.25)
        table.write(1, "")
    return run


def report(workspace: Workspace, made: Run, *overrides: str) -> Path:
    return do(workspace, "report", f"runs=[run:{made.id}]", *overrides).artifacts / "report.md"


def change(made: Run, **facts: object) -> None:
    write_json(made.artifacts / "metrics.json", {**FACTS, **facts})


def test_a_fresh_report_matches_in_both_forms_and_has_its_pictures(workspace: Workspace, made: Run) -> None:
    path = report(workspace, made)
    for file in (path, path.with_suffix(".html")):
        found = check(workspace, file)
        assert found.numbers >= 9 and not found.faults
    assert {entry.name for entry in path.parent.glob("*.png")} == {"confusion_1.png", "reliability.png"}
    assert "data:image/png;base64," in path.with_suffix(".html").read_text()


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_each_number_whose_artifact_was_edited_is_named_and_no_other(
    workspace: Workspace, made: Run, suffix: str
) -> None:
    path = report(workspace, made).with_suffix(suffix)
    change(made, rows=209661, intervals={"accuracy": [0.6831, 0.7]})
    faults = check(workspace, path).faults
    assert [(one.text, one.words, one.origin.partition("#")[2]) for one in faults] == [
        ("213,144", "the artifact says 209,661", "/rows"),
        ("0.6914", "the artifact says 0.7000", "/intervals/accuracy/1"),
    ]


def test_a_change_too_small_to_be_shown_is_named_all_the_same(workspace: Workspace, made: Run) -> None:
    path = report(workspace, made)
    change(made, macro_f1=0.659612)
    assert [one.words for one in check(workspace, path).faults] == [
        "is 0.65961 in the report, and 0.659612 in the artifact"
    ]


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_a_number_that_was_typed_over_or_typed_in_is_named(workspace: Workspace, made: Run, suffix: str) -> None:
    path = report(workspace, made).with_suffix(suffix)
    end = "</body>" if suffix == ".html" else ""
    text = path.read_text().replace("213,144", "209,661").replace(end or "\0", "") + f"<p>\n\nof 48,928 images\n{end}"
    path.write_text(text)
    assert [(one.text, one.words) for one in check(workspace, path).faults] == [
        ("209,661", "the artifact says 213,144"),
        ("48,928", "comes from no artifact"),
    ]


def test_what_was_not_measured_stays_so_until_it_is(workspace: Workspace, made: Run) -> None:
    path = report(workspace, made)
    assert "[not measured](" in path.read_text()
    change(made, nll=1.5)
    assert [(one.text, one.words) for one in check(workspace, path).faults] == [
        ("not measured", "the artifact says 1.5000")
    ]


def test_a_key_a_row_or_a_run_that_is_gone_is_named(workspace: Workspace, made: Run) -> None:
    path = report(workspace, made, "numbers=[/rows,/teachers/0/weight]")
    change(made, teachers=[])
    (made.artifacts / "sweep.csv").unlink()
    words = [one.words for one in check(workspace, path).faults]
    assert len(words) == 2 and all(one.startswith("cannot be read any more") for one in words)


def test_words_of_a_person_take_numbers_from_artifacts_and_refuse_typed_ones(workspace: Workspace, made: Run) -> None:
    path = report(workspace, made, 'text="Of {a/metrics.json#/rows} rows; best at {a/sweep.csv#/0/nll}."')
    assert "Of [213,144](run:" in path.read_text() and "[1.2500](run:" in path.read_text()
    with pytest.raises(SpecError, match="text, line 1: 209,661 comes from no artifact"):
        report(workspace, made, 'text="Of 209,661 rows."')
    with pytest.raises(SpecError, match="has no 'rowz'"):
        report(workspace, made, 'text="{a/metrics.json#/rowz}"')


def test_runs_stand_side_by_side_under_the_keys_that_they_share(workspace: Workspace, made: Run) -> None:
    other = create(workspace, "toy", "", record={})
    write_json(other.artifacts / "metrics.json", {"accuracy": 0.5})
    path = do(workspace, "report", f"runs=[run:{made.id},run:{other.id}]").artifacts / "report.md"
    row = next(line for line in path.read_text().splitlines() if line.startswith("| `accuracy`"))
    assert row.index("[0.6873]") < row.index("[0.5000]")


def test_a_file_of_many_numbers_is_cut_and_the_report_says_so(workspace: Workspace, made: Run) -> None:
    assert "Not all numbers" not in report(workspace, made).read_text()
    write_json(made.artifacts / "many.json", {f"n{n}": n for n in range(gather.MOST + 1)})
    path = report(workspace, made)
    assert path.read_text().count("Not all numbers of this file") == 1 and f"`n{gather.MOST}`" not in path.read_text()
    assert f"`n{gather.MOST}`" in report(workspace, made, "numbers=[/n*]").read_text()


def test_a_run_without_numbers_makes_no_report(workspace: Workspace) -> None:
    with pytest.raises(DataError, match="made no number"):
        report(workspace, create(workspace, "toy", "", record={}))


def test_the_command_names_each_fault_and_fails(workspace: Workspace, made: Run, cli: Cli) -> None:
    path = report(workspace, made)
    assert cli("report", "check", str(path)).code == 0
    change(made, rows=1)
    found = cli("report", "check", str(path), "--json")
    assert found.code == 1 and json.loads(found.out)["faults"][0]["text"] == "213,144"
    assert "the artifact says 1 " in cli("report", "check", str(path)).out
    (made.artifacts / "none.md").write_text("# nothing\n")
    assert "no number with an origin" in cli("report", "check", str(made.artifacts / "none.md")).err


def test_numbers_in_names_and_headings_are_no_claims() -> None:
    assert claims.of_text("# 3 teachers\n\n`run-7` of resnet18, v2.1 ![5 bins](a.png)\n") == []
    assert [one.text for one in claims.of_text("so 7 of 12.5% (-3)\n")] == ["7", "12.5%", "-3"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(213144, "213,144"), (0.65961, "0.6596"), (None, "not measured"), (True, "true"), (1.5e-05, "1.5e-05"),
     (0.0, "0.0000"), (48.25, "48.25"), (float(np.float64(1e7)), "1e+07")],
)  # fmt: skip
def test_numbers_are_told_in_four_digits(value: float | None, text: str) -> None:
    assert told(value) == text
