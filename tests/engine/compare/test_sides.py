"""Runs side by side: which, their metrics, and in what their specs, code and environments differ."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from engine.archive import archive
from engine.compare import code, differ, side, whole, words
from engine.compare.whole import Comparison
from engine.errors import AskError, DataError, RunError
from engine.run import Run
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.engine.compare.studies import rows, studied

LABELS = list("aabbaabbab")


def compared(workspace: Workspace, *runs: Run) -> Comparison:
    return whole.of(workspace, side.chosen(workspace, [run.id for run in runs]))


def test_metrics_stand_side_by_side_with_their_differences(workspace: Workspace) -> None:
    one = studied(workspace, "one", metrics={"accuracy": 0.5, "loss": 2.0})
    two = studied(workspace, "two", metrics={"accuracy": 0.75, "f1": 0.7})
    found = {row.name: row for row in compared(workspace, one, two).metrics}
    assert found["accuracy"].values == (0.5, 0.75) and found["accuracy"].differences == (0.0, 0.25)
    assert found["loss"].values == (2.0, None) and found["loss"].differences == (0.0, None)
    assert found["f1"].differences == (None, None)


def test_only_keys_that_differ_are_told_and_nested_ones_are_flat(workspace: Workspace) -> None:
    found = compared(workspace, studied(workspace, "one"), studied(workspace, "two", lr="0.01"))
    assert [(row.key, row.values, row.differs) for row in found.spec] == [
        ("train.lr", ("0.001", "0.01"), (False, True))
    ]
    assert found.same_keys == 3  # model.name, train.epochs, loo.leave_out; the titles stand above


def test_values_of_every_kind_are_flat_texts() -> None:
    given = {"a": {"b": [1, "x"], "c": {}, "d": None, "e": True}, "f": [{"g": 1.5}], "h": ""}
    assert dict(side.flat(given)) == {
        "a.b": '[1, "x"]',
        "a.c": "{}",
        "a.d": "null",
        "a.e": "true",
        "f.0.g": "1.5",
        "h": "",
    }


def test_a_key_that_one_side_lacks_is_absent_there() -> None:
    (row,) = differ.rows([{"a": "1", "b": "2"}, {"a": "1"}])
    assert row.values == ("2", differ.ABSENT) and differ.same([{"a": "1", "b": "2"}, {"a": "1"}]) == 1


def test_files_of_the_code_that_differ_are_told_with_their_lines(workspace: Workspace) -> None:
    before = {"engine/a.py": "one = 1\ntwo = 2\n", "engine/gone.py": "x = 1\n", "engine/same.py": "y = 1\n"}
    after = {"engine/a.py": "one = 1\ntwo = 3\n+++\n", "engine/new.py": "z = 1\n", "engine/same.py": "y = 1\n"}
    one, two = studied(workspace, "one", code=before), studied(workspace, "two", code=after)
    found = compared(workspace, one, two)
    assert [vars(file) for file in found.files[1]] == [
        {"path": "engine/a.py", "how": "changed", "plus": 2, "minus": 1},
        {"path": "engine/gone.py", "how": "removed", "plus": 0, "minus": 1},
        {"path": "engine/new.py", "how": "added", "plus": 1, "minus": 0},
    ]
    assert [row.key for row in found.code] == ["sha256"]
    told = code.difference(workspace, one, two, "engine/a.py").splitlines()
    assert told[:2] == [f"--- {one.id}/engine/a.py", f"+++ {two.id}/engine/a.py"]
    assert {"-two = 2", "+two = 3"} <= set(told)
    with pytest.raises(DataError, match="no such file"):
        code.difference(workspace, one, two, "../../../workspace.yaml")


def test_code_that_was_removed_is_named(workspace: Workspace) -> None:
    one, two = studied(workspace, "one", code={"engine/lost.py": "1\n"}), studied(workspace, "two")
    shutil.rmtree(code.folder(workspace, one))
    found = compared(workspace, one, two)
    assert isinstance(found.files[1], str) and one.id in found.files[1] and ".code" in found.files[1]


def test_environments_differ_by_package_and_host(workspace: Workspace) -> None:
    one = studied(workspace, "one", environment={"host": "x", "threads": 1, "packages": {"torch": "2.1", "numpy": "2"}})
    two = studied(workspace, "two", environment={"host": "y", "threads": 1, "packages": {"torch": "2.2", "numpy": "2"}})
    found = compared(workspace, one, two)
    assert {row.key: row.values for row in found.environment} == {"host": ("x", "y"), "packages.torch": ("2.1", "2.2")}


def test_a_damaged_spec_is_named_with_its_file_and_line_and_the_rest_compared(workspace: Workspace) -> None:
    one, two = studied(workspace, "one", metrics={"accuracy": 0.5}), studied(workspace, "two")
    two.spec.write_text("train:\n  lr: [1\n")
    found = compared(workspace, one, two)
    (fault,) = found.sides[1].faults
    assert two.id in fault and "spec.yaml, line" in fault and found.metrics[0].values == (0.5, None)


def test_a_run_without_anything_is_compared_as_well(workspace: Workspace) -> None:
    one, two = studied(workspace, "one", rows(LABELS, LABELS)), studied(workspace, "two", metrics={}, criteria=())
    for name in ("run.json", "spec.yaml", "environment.json", "labels.json"):
        (two.folder / name).unlink(missing_ok=True)
    found = whole.with_paired(compared(workspace, one, two))
    assert found.metrics[0].values == (1.0, None) and found.comparisons == 0
    assert found.criteria[0][1][1] is None and "made no predictions.csv" in found.unpaired[0].why


@pytest.mark.parametrize("count", [0, 9])
def test_too_few_or_too_many_runs_are_refused(workspace: Workspace, count: int) -> None:
    with pytest.raises(AskError, match=f"{count} runs cannot be compared"):
        side.chosen(workspace, ["x"] * count)


def test_the_same_run_twice_is_refused_however_it_is_named(workspace: Workspace) -> None:
    run = studied(workspace, "one")
    with pytest.raises(AskError, match="the same run twice"):
        side.chosen(workspace, [run.id, "latest"])
    with pytest.raises(RunError, match="no run 'ffff-none'"):
        side.chosen(workspace, [run.id, "ffff-none"])


def test_archived_runs_are_found_by_their_whole_id(workspace: Workspace) -> None:
    one, two = (
        studied(workspace, "one", metrics={"accuracy": 0.25}),
        studied(workspace, "two", metrics={"accuracy": 0.5}),
    )
    archive(workspace, one)
    assert compared(workspace, one, two).metrics[0].values == (0.25, 0.5)


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_tells_all_of_it(workspace: Workspace, cli: Cli) -> None:
    one = studied(workspace, "one", rows(LABELS, list("abbbbabaab")))
    two = studied(workspace, "two", rows(LABELS, LABELS), lr="0.1", code={"engine/a.py": "other = 1\n"})
    said = cli("compare", one.id, two.id)
    assert said.code == 0 and said.err == ""
    for part in ("kind.accuracy", "train.lr", "engine/a.py", "Holm", "Same items: 10; groups: 5", "0.600 > 0.5 ✓"):
        assert part in said.out
    found = json.loads(cli("compare", "--json", one.id, two.id).out)
    assert found["reference"] == one.id and [run["sign"] for run in found["runs"]] == ["a", "b"]
    (metric,) = found["metrics"]
    paired = metric["paired"][1]
    assert paired["difference"] == pytest.approx(metric["differences"][1]) and paired["items"] == 10
    assert paired["low"] <= paired["difference"] <= paired["high"] and found["comparisons"] == 1
    assert found["differences"]["spec"] == {"train.lr": ["0.001", "0.1"]}


def test_eight_runs_go_into_a_csv_and_a_markdown_file(workspace: Workspace, cli: Cli, tmp_path: Path) -> None:
    runs = [studied(workspace, f"r{n} | x", rows(LABELS, LABELS[:n] + ["a"] * (10 - n))) for n in range(8)]
    ids = [run.id for run in runs]
    assert cli("compare", *ids, "--csv", "--out", str(tmp_path / "all.csv")).code == 0
    table = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text())))
    metric = [row for row in table if row["kind"] == "metric"]
    assert [row["run"] for row in metric] == ids and all(row["holm_p"] for row in metric[1:])
    assert tuple(table[0]) == words.CSV_COLUMNS
    assert cli("compare", *ids, "--markdown", "--out", str(tmp_path / "all.md")).code == 0
    text = (tmp_path / "all.md").read_text()
    assert "| kind.accuracy |" in text and "r3 \\| x" in text and "7 differences were tested" in text


def test_a_place_that_cannot_be_written_is_named(workspace: Workspace, cli: Cli, tmp_path: Path) -> None:
    one, two = studied(workspace, "one"), studied(workspace, "two")
    (tmp_path / "file").touch()
    said = cli("compare", one.id, two.id, "--markdown", "--out", str(tmp_path / "file" / "x.md"))
    assert said.code == 2 and "file/x.md" in said.err and "name a file" in said.err
