"""`footplate annotations`: labels in and out, to the bucket and back, and what is said about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.annotations.decision import BLANK, Decision, Unit
from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.conftest import Cli

HEAD = "annotator,video_id,frame_index,perspective,distance\n"
SETTINGS = """name: study
bucket: {bucket}
coders: [ana, ben]
overlap: 2
variables:
  perspective: {{labels: [addressed, observed]}}
  distance: {{level: ordinal, labels: [personal, social]}}
"""


@pytest.fixture
def study(workspace: Workspace) -> Workspace:
    workspace.file.write_text(SETTINGS.format(bucket="null"))
    workspace.frames.write_text("video_id,frame_index\n" + "".join(f"v{n},{n}\n" for n in range(6)))
    return Workspace(workspace.root)


def test_a_table_goes_in_and_what_is_left_out_is_named_by_its_line(cli: Cli, study: Workspace, tmp_path: Path) -> None:
    table = tmp_path / "old.csv"
    table.write_text(HEAD + "ana,v1,1,observed,social\nben,v1,1,observed,near\nana,v7,1,observed,social\n")
    answer = cli("annotations", "import", str(table))
    assert (answer.code, answer.out) == (1, "1 rows are new, 0 were known, 2 were left out\n")
    assert "line 3: left out: distance is 'near', which is no label" in answer.err
    assert "line 4: left out: no video 'v7' in frames.csv" in answer.err
    again = cli("annotations", "import", str(table), "--json")
    assert (json.loads(again.out)["added"], json.loads(again.out)["known"]) == (0, 1)
    assert json.loads(again.out)["rejected"][0]["line"] == 3


def test_a_dry_run_makes_no_log(cli: Cli, study: Workspace, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text(HEAD + "ana,v1,1,observed,social\n")
    answer = cli("annotations", "import", str(tmp_path / "old.csv"), "--dry-run")
    assert (answer.code, "1 rows are new" in answer.out) == (0, True)
    assert not study.labels.exists()


def test_an_export_does_not_write_over_labels_that_the_log_has_not(cli: Cli, study: Workspace) -> None:
    study.annotations.write_text(HEAD + "ana,v1,1,observed,social\n")
    refused = cli("annotations", "export")
    assert refused.code == 2
    assert "1 rows are not in the log" in refused.err
    assert "annotations import" in refused.err
    assert cli("annotations", "import", str(study.annotations)).code == 0
    assert cli("annotations", "export").code == 0
    assert study.annotations.read_text().splitlines()[1] == "ana,v1,1,observed,social,,,"
    assert cli("annotations", "export", "-").out == study.annotations.read_text()


def test_an_export_may_be_of_a_moment(cli: Cli, study: Workspace) -> None:
    with Log.open(study.labels) as log:
        log.add([Decision("ana", Unit("v1", 1), "distance", "social", 1.7e9)])
        log.add([Decision("ana", Unit("v1", 1), "distance", "personal", 1.8e9)])
    assert "social" in cli("annotations", "export", "-", "--as-of", "1750000000").out
    assert "personal" in cli("annotations", "export", "-").out


def test_progress_tells_how_far_each_coder_and_the_overlap_are(cli: Cli, study: Workspace) -> None:
    with Log.open(study.labels) as log:
        for coder in ("ana", "ben"):
            for n in range(6):
                values = {"perspective": "observed", "distance": BLANK if n == 0 else "social"}
                log.add([Decision(coder, Unit(f"v{n}", n), name, value, 1e9) for name, value in values.items()])
    answer = cli("annotations", "progress")
    assert "2 of 2 overlap frames double-coded" in answer.out
    told = json.loads(cli("annotations", "progress", "--json").out)
    assert (told["double_coded"], [one["coder"] for one in told["coders"]]) == (2, ["ana", "ben"])
    assert [one["done"] for one in told["coders"]] == [6, 6]
    assert "coder: ana" in cli("annotations", "progress", "--plain").out
    blanks = json.loads(cli("annotations", "blanks", "--coder", "ben", "--json").out)
    assert [(one["coder"], one["video_id"], one["variable"]) for one in blanks] == [("ben", "v0", "distance")]


def test_the_log_tells_what_was_taken_back_too(cli: Cli, study: Workspace) -> None:
    assert cli("annotations", "log").out == "no decisions yet\n"
    with Log.open(study.labels) as log:
        log.add([Decision("ana", Unit("v1", 1), "distance", "social", 1.7e9, 'grün, "echt"')])
        log.undo("ana", 1.8e9)
    words = cli("annotations", "log").out
    assert 'grün, "echt"' in words and "takes back" in words
    told = json.loads(cli("annotations", "log", "--json").out)
    assert [one["kind"] for one in told] == ["code", "undo"]
    assert len(json.loads(cli("annotations", "log", "--json", "--limit", "1").out)) == 1


@pytest.mark.parametrize("act", ["blanks", "log"])
def test_a_coder_whom_nobody_knows_is_refused_by_name(cli: Cli, study: Workspace, act: str) -> None:
    with Log.open(study.labels) as log:
        log.add([Decision("zoe", Unit("v1", 1), "distance", "social", 1.7e9)])
    refused = cli("annotations", act, "--coder", "carl")
    assert refused.code == 2 and "there is no coder 'carl'" in refused.err and "ana" in refused.err
    assert "zoe" in refused.err and cli("annotations", act, "--coder", "zoe").code == 0


def test_a_sync_without_a_bucket_says_so(cli: Cli, study: Workspace) -> None:
    answer = cli("annotations", "sync")
    assert answer.code == 1
    assert "names no bucket" in answer.out


def test_a_sync_gives_the_bucket_what_is_only_here(cli: Cli, study: Workspace) -> None:
    (study.root / "shared").mkdir()
    study.file.write_text(SETTINGS.format(bucket="shared"))
    with Log.open(study.labels) as log:
        log.add([Decision("ana", Unit("v1", 1), "distance", "social", 1.7e9)])
    assert json.loads(cli("annotations", "sync", "--json").out)["pushed"] == 1
    assert cli("annotations", "sync", "--pull").out == "from the bucket: 0 decisions pulled, 0 pushed\n"
    assert (study.root / "shared" / "annotations" / "annotations.csv").read_text().count("\n") == 2


def test_what_is_asked_wrongly_is_refused_in_words(cli: Cli, study: Workspace, tmp_path: Path) -> None:
    answer = cli("annotations", "import", str(tmp_path / "none.csv"))
    assert answer.code == 2 and "no such file" in answer.err
    assert "is no moment" in cli("annotations", "export", "-", "--as-of", "soon").err
    assert cli("annotations").code == 2
    study.labels.write_bytes(b"not a database" * 1000)
    damaged = cli("annotations", "progress")
    assert damaged.code == 1
    assert "damaged" in damaged.err
