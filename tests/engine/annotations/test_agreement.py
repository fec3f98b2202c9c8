"""Agreement from a table of codes or from the log: the verb, its refusals, and the job that keeps it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine import launch
from engine.annotations import cardwords, codesfile, reliability
from engine.annotations.codes import codes
from engine.annotations.decision import BLANK, CANT_TELL, Decision, Unit
from engine.annotations.log import Log
from engine.errors import AskError, DataError
from engine.files import read_json
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.lab import ended

CODEBOOK = """name: study
variables:
  view: {level: ordinal, labels: [near, mid, far]}
  sky: {labels: [grey, blue]}
"""
COHEN = {("near", "near"): 8, ("near", "mid"): 2, ("mid", "mid"): 9, ("mid", "far"): 1, ("far", "far"): 7}


def pairs() -> list[tuple[str, str]]:
    return [pair for pair, count in COHEN.items() for _ in range(count)]


def table(path: Path, rows: list[list[str]], header: str = "unit,coder,view,video_id") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return path


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    """A table of 27 units that two coders labelled, one that both left blank, and one that only ana saw."""
    rows = [[f"u{n}", coder, code, f"v{n % 5}"]
            for n, pair in enumerate([*pairs(), ("", "")])
            for coder, code in zip(("ana", "ben"), pair, strict=True)]  # fmt: skip
    return table(tmp_path / "codes.csv", [*rows, ["u99", "ana", "far", "v0"]])


def said(workspace: Workspace, extra: list[Decision] | None = None) -> None:
    """The same codes in the log, a unit a second, with two hidden repeats."""
    workspace.file.write_text(CODEBOOK)
    decisions = [
        Decision(coder, Unit(f"v{n % 5}", n), "view", code, 1000.0 + n)
        for n, pair in enumerate([*pairs(), (BLANK, CANT_TELL)])
        for coder, code in zip(("ana", "ben"), pair, strict=True)
    ]  # fmt: skip
    again = [
        Decision("ana", Unit(f"v{n}", n), "view", code, 2000.0 + n, kind="repeat")
        for n, code in ((0, "near"), (1, "far"))
    ]
    with Log.open(workspace.labels) as log:
        log.add([*decisions, *again, *(extra or [])])


# --- a table --------------------------------------------------------------------------------------------------------


def test_a_tables_answer_for_programs_is_the_card_itself(cli: Cli, coded: Path) -> None:
    done = cli(
        "agreement", str(coded), "--labels", "near,mid,far", "--level", "ordinal", "--json", "--replicates", "200"
    )
    card = json.loads(done.out)
    assert (card["units_both_saw"], card["units_both_coded"], card["level"]) == (28, 27, "ordinal")
    assert card["percent"] == pytest.approx(24 / 27) and card["confusion"] == [[8, 2, 0], [0, 9, 1], [0, 0, 7]]
    assert set(card["intervals"]["kappa"]) == {"bca", "percentile", "analytic", "cluster"}
    assert card["blank_as_label"]["pairs_both_blank"] == 1 and card["coders"] == ["ana", "ben"]


def test_labels_have_the_order_of_the_codebook_where_nobody_names_another(
    cli: Cli, coded: Path, workspace: Workspace
) -> None:
    refused = cli("agreement", str(coded), "--json")
    assert refused.code == 2 and "the labels of 'view' are not known" in refused.err
    workspace.file.write_text(CODEBOOK)
    card = json.loads(cli("agreement", str(coded), "--json", "--replicates", "100").out)
    assert card["labels"] == ["near", "mid", "far"] and card["level"] == "ordinal"


@pytest.mark.parametrize(
    ("rows", "header", "fault"),
    [
        ([["u1", "ana", "near"]] * 2, "unit,coder,view", "line 3: ana has coded u1 already, on line 2"),
        ([["u1", "ana", "nere"]], "unit,coder,view", "line 2: view is 'nere', which is no label"),
        ([["u1", "", "near"]], "unit,coder,view", "line 2: coder is empty"),
        ([["u1", "ana", "near"]], "unit,who,view", "no column 'coder'"),
        ([["u1", "ana"]], "unit,coder,view", "line 2: 2 cells, but the header names 3 columns"),
        ([["u", "ana", "near", "v1"], ["u", "ben", "near", "v2"]], "unit,coder,view,video_id", "line 3: unit u is"),
        ([["u1", "ana", "near", ""]], "unit,coder,view,video_id", "line 2: video_id is empty"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_its_line(
    cli: Cli, tmp_path: Path, rows: list[list[str]], header: str, fault: str
) -> None:
    path = table(tmp_path / "bad.csv", rows, header)
    refused = cli("agreement", str(path), "--variable", "view", "--labels", "near,mid,far")
    assert refused.code in (1, 2) and fault in refused.err and str(path) in refused.err and not refused.out


def test_tables_from_other_programs_are_read(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes(
        '\ufeffunit,coder,Größe\r\n"u,1",änne,"groß, sehr"\r\n"u,1",bo,😀\r\nu2,bo,can\'t tell\r\n'.encode()
    )
    found = codesfile.read(path, None)
    labels = ["groß, sehr", "😀"]
    codesfile.check(path, found, labels)
    asked = found.question(labels, "nominal", {})
    assert asked["rows"] == [["groß, sehr", None], ["😀", "can't tell"]] and asked["cant_tell"] == {"änne": 0, "bo": 1}
    shown = json.loads(cli("agreement", str(path), "--labels", '"groß, sehr", 😀', "--json", "--replicates", "100").out)
    assert shown["labels"] == labels and shown["confusion"] == [[0, 1], [0, 0]]
    with pytest.raises(AskError, match="which column"):
        codesfile.read(table(tmp_path / "two.csv", [["u", "a", "x", "y"]], "unit,coder,one,two"), None)


def test_labels_that_nobody_named_are_listed_to_be_put_in_order(cli: Cli, tmp_path: Path) -> None:
    rows = [["u1", "ana", "near"], ["u1", "ben", "far, very"], ["u2", "ana", ""], ["u2", "ben", "can't tell"]]
    refused = cli("agreement", str(table(tmp_path / "codes.csv", rows, "unit,coder,gap")))
    assert refused.code == 2 and """--labels '"far, very",near' put in the codebook's order""" in refused.err


# --- the log --------------------------------------------------------------------------------------------------------


def test_the_log_has_a_card_for_each_variable_by_pair_over_time_and_with_oneself(
    cli: Cli, workspace: Workspace
) -> None:
    said(workspace)
    found = json.loads(cli("agreement", "--json", "--replicates", "200").out)
    assert list(found) == ["view", "sky"]
    view = found["view"]
    assert view["all"]["units_both_coded"] == 27 and view["pairs"] == {"ana, ben": view["all"]}
    assert view["cant_tell"] == {"ana": 0, "ben": 1} and view["all"]["blank"]["by_coder"] == {"ana": 1, "ben": 0}
    assert [window["units"] for window in view["windows"]] == [14, 13]
    assert view["repeats"]["ana"]["percent"] == 0.5
    assert found["sky"]["all"]["reasons"]["kappa"].startswith("no doubly coded units")


def test_a_moment_before_the_second_coder_has_nothing_to_compare(cli: Cli, workspace: Workspace) -> None:
    said(workspace)
    then = json.loads(cli("agreement", "--variable", "view", "--as-of", "1009.5", "--json", "--replicates", "100").out)
    assert list(then) == ["view"] and then["view"]["all"]["units_both_coded"] == 10
    assert then["view"]["all"]["percent"] == 0.8


def test_rounds_have_a_card_each(workspace: Workspace) -> None:
    said(workspace)
    folder = workspace.rounds / "round_00"
    folder.mkdir(parents=True)
    table(folder / "queue.csv", [[f"v{n % 5}", str(n)] for n in (0, 1, 8, 9, 77)], "video_id,frame_index")
    found = reliability.of_workspace(workspace, variables=["view"], how={"replicates": 100})["view"]
    assert found["rounds"]["round_00"]["units_both_coded"] == 4 and found["rounds"]["round_00"]["percent"] == 0.5


def test_a_label_that_the_codebook_no_longer_has_is_named(cli: Cli, workspace: Workspace) -> None:
    said(workspace, [Decision("ana", Unit("v9", 1), "view", "close", 1100.0)])
    refused = cli("agreement")
    assert refused.code == 1 and "view of v9, frame 1, by ana: 'close'" in refused.err


def test_nobody_knows_when_imported_codes_were_made_so_there_are_no_windows() -> None:
    decisions = [Decision(coder, Unit("v", n), "view", "near", 0.0, kind="import") for n in range(30) for coder in "ab"]
    assert reliability.comparable(decisions, codes(decisions, "view", ["near", "far"])) is None


# --- words ----------------------------------------------------------------------------------------------------------


def test_words_fit_eighty_columns_and_name_what_is_undefined(cli: Cli, workspace: Workspace, coded: Path) -> None:
    said(workspace, [Decision("ana", Unit("v0", 0), "sky", "grey", 1000.0)])
    for words in (["agreement"], ["agreement", str(coded)]):
        shown = cli(*words, "--replicates", "200")
        assert shown.code == 0 and max(map(len, shown.out.splitlines())) <= 80
        assert "coded by both: 27" in shown.out and "units coded twice" in shown.out
    assert "blank: ana 1; can't tell: ben 1" in cli("agreement", "--variable", "view", "--replicates", "200").out
    assert "undefined (no doubly coded units: fewer than two coders" in cli("agreement", "--replicates", "200").out
    plain = cli("agreement", str(coded), "--plain", "--replicates", "200").out
    assert "coefficient: kappa\nvalue: ." in plain


def test_a_confusion_too_wide_for_the_terminal_has_numbers_over_its_columns() -> None:
    labels = [f"a rather long label {n}" for n in range(5)]
    card = {"coders": ["ana", "ben"], "labels": labels, "confusion": [[12345] * 5] * 5}
    header, rows = cardwords.confusion(card)
    assert header == ("ana \\ ben", "1", "2", "3", "4", "5") and rows[4][:2] == ("5 a rather long label 4", "12345")
    assert cardwords.confusion({**card, "labels": list("abcde")})[0][1:] == ("a", "b", "c", "d", "e")


def test_numbers_are_said_without_a_leading_zero_and_never_above_one() -> None:
    given = (0.9157, -0.25, 1.0, 0.99999, None)
    assert [cardwords.number(value) for value in given] == [
        ".916",
        "-.250",
        "1.000",
        "1.000",
        "undefined",
    ]
    assert cardwords.interval([0.5, 1.2]) == ".500 to 1.000"


def test_an_answer_goes_into_a_file(cli: Cli, coded: Path, tmp_path: Path) -> None:
    done = cli(
        "agreement",
        str(coded),
        "--labels",
        "near,mid,far",
        "--json",
        "--replicates",
        "100",
        "--out",
        str(tmp_path / "a.json"),
    )
    assert not done.out and json.loads((tmp_path / "a.json").read_text())["units_both_coded"] == 27


def test_what_the_other_process_cannot_answer_is_an_error_of_this_one() -> None:
    question = {"variable": "view", "rows": [["x"]], "labels": ["near"], "level": "nominal", "coders": ["ana"]}
    with pytest.raises(DataError, match="view: coder 1, unit 1: 'x' is no label"):
        reliability.answers([question])


def test_the_verb_itself_loads_nothing_heavy(coded: Path) -> None:
    code = ("import sys; from engine.__main__ import main; main(sys.argv[1:]); "
            "print(sorted({'numpy', 'scipy'} & {name.partition('.')[0] for name in sys.modules}))")  # fmt: skip
    words = ["agreement", str(coded), "--labels", "near,mid,far", "--replicates", "100"]
    shown = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


# --- the job --------------------------------------------------------------------------------------------------------


def test_the_job_keeps_cards_tables_metrics_and_red_flags(workspace: Workspace) -> None:
    said(workspace)
    run = launch.submit(workspace, "agreement", "", "a test", ("replicates=200", "variables=[view]"))
    status = ended(run)
    assert status.state == "done", (run.folder / "log.txt").read_text()
    kept: dict[str, Any] = read_json(run.artifacts / "agreement.json")
    assert kept["view"]["all"]["units_both_coded"] == 27 and status.metrics["view.percent"] == pytest.approx(24 / 27)
    assert status.metrics["view.alpha"] == pytest.approx(kept["view"]["all"]["alpha_ordinal"])
    rows = list(csv.DictReader((run.artifacts / "confusion_view.csv").open()))
    assert sum(int(row["units"]) for row in rows) == 27 and rows[1]["other_label"] == "mid" and rows[1]["units"] == "2"
    differing = list(csv.DictReader((run.artifacts / "disagreements.csv").open()))
    assert sum(row["kind"] == "genuine" for row in differing) == 3
    assert {"few_units", "few_videos", "blanks"} <= {flag.partition(":")[0] for flag in status.flags}
