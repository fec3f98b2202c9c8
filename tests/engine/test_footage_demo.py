"""The demo's workspace: real footage, labels of two passes, gold on which both agree."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine import demo, footage, tables
from engine.annotations.decision import Unit
from engine.annotations.frames import units
from engine.annotations.log import Log
from engine.errors import DataError
from engine.vision.decode import count, uniform
from engine.workspace import Workspace
from tests.lab import shell

KEYS = ("video_id", "frame_index")
PASSES = ("first_pass", "second_pass")
VARIABLES = ("perspective", "distance")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The demo's workspace, as `footplate demo --prepare-only` makes it."""
    if not all(footage.wheel(package) for package in footage.packages()):
        pytest.skip("the footage has not been fetched (make setup)")
    return demo.prepare(tmp_path_factory.mktemp("demo") / "lab", lambda *_: None)


def rows(name: str) -> list[dict[str, str]]:
    return tables.read(demo.FILES / name)


def test_every_frame_lies_in_a_video_that_is_there(prepared: Workspace) -> None:
    videos = {path.stem: path for path in (prepared.root / "videos").iterdir()}
    assert {row["video_id"] for row in rows("frames.csv")} == set(videos)
    assert len(videos) >= 8
    assert all(path.stat().st_size > 1000 for path in videos.values())


def test_about_forty_five_frames_are_labelled_in_two_passes(prepared: Workspace) -> None:
    passes = Counter(row["annotator"] for row in rows("annotations.csv"))
    assert passes == dict.fromkeys(PASSES, passes.total() // 2)
    assert prepared.settings.coders == ()  # whoever comes may label
    assert passes.total() // 2 >= 45
    frames = {tuple(row[key] for key in KEYS) for row in rows("frames.csv")}
    for coder in PASSES:
        assert {
            tuple(row[key] for key in KEYS) for row in rows("annotations.csv") if row["annotator"] == coder
        } == frames


def test_every_label_is_one_of_the_codebook(prepared: Workspace) -> None:
    for name, variable in prepared.settings.variables.items():
        assert {row[name] for row in rows("annotations.csv")} <= {*variable.labels, ""}


def test_gold_is_what_both_passes_agree_on(prepared: Workspace) -> None:
    given = {(row["annotator"], row["video_id"], row["frame_index"]): row for row in rows("annotations.csv")}
    gold = tables.read(prepared.gold, [*KEYS, "scene", *prepared.settings.variables])
    assert len(gold) * 2 == len(given)
    for row in gold:
        first, second = (given[coder, row["video_id"], row["frame_index"]] for coder in PASSES)
        for variable in prepared.settings.variables:
            assert row[variable] == (first[variable] if first[variable] == second[variable] else "")


def unit(row: dict[str, str]) -> Unit:
    return Unit(row["video_id"], int(row["frame_index"]))


def test_gold_stands_in_the_order_of_the_frames(prepared: Workspace) -> None:
    labelled = {unit(row) for row in rows("frames.csv")}
    assert [unit(row) for row in tables.read(prepared.gold)] == [
        one for one in units(prepared) if one in labelled
    ] == sorted(labelled)  # fmt: skip


def test_both_passes_are_in_the_log_and_nobody_else(prepared: Workspace) -> None:
    with Log.open(prepared.labels, readonly=True) as log:
        said = {(one.coder, one.unit, one.variable): one.value for one in log.newest() if one.variable in VARIABLES}
    assert said == {
        (row["annotator"], unit(row), variable): row[variable]
        for row in rows("annotations.csv") for variable in VARIABLES
    }  # fmt: skip


def test_labels_are_taken_into_the_log_once(prepared: Workspace) -> None:
    with Log.open(prepared.labels, readonly=True) as log:
        before = log.version()
        demo.prepare(prepared.root, lambda *_: None)
        assert log.version() == before


def test_the_pool_lies_between_what_was_labelled_and_has_no_labels(prepared: Workspace) -> None:
    pool, labelled = {unit(row) for row in rows("pool.csv")}, {unit(row) for row in rows("frames.csv")}
    assert pool.isdisjoint(labelled) and set(units(prepared)) == pool | labelled
    for name, path in ((path.stem, path) for path in (prepared.root / "videos").iterdir()):
        wanted = 3 * sum(one.video_id == name for one in labelled)
        sample = uniform(count(path), wanted)
        assert sample == sorted(one.frame_index for one in pool | labelled if one.video_id == name), name


def test_a_third_of_each_video_s_labels_is_held_back_from_round_0(prepared: Workspace) -> None:
    back, all_ = Counter(row["video_id"] for row in demo.held_back()), Counter(row["video_id"] for row in demo.given())
    assert back == {name: number // 3 for name, number in all_.items()}


def test_a_label_that_the_codebook_lost_is_a_clear_error(prepared: Workspace, tmp_path: Path) -> None:
    workspace = demo.prepare(tmp_path / "again", lambda *_: None, labels=False)
    workspace.file.write_text(workspace.file.read_text().replace("addressed, observed, scene", "addressed, scene"))
    with pytest.raises(DataError, match="perspective is 'observed', which is no label"):
        demo.take(Workspace(workspace.root), demo.given())


def test_two_rounds_do_not_begin_where_all_labels_are_known(prepared: Workspace) -> None:
    answer = shell("demo", "--rounds", "--keep", str(prepared.root))
    assert answer.code == 1 and "has all labels already" in answer.err and "another folder" in answer.err


def test_two_rounds_begin_with_the_labels_that_are_not_held_back(prepared: Workspace, tmp_path: Path) -> None:
    answer = shell("demo", "--rounds", "--keep", str(tmp_path / "lab"), "--prepare-only")
    assert answer.code == 0 and "labels of 36 frames" in answer.err and "of 18 frames are held back" in answer.err
    with Log.open(tmp_path / "lab" / "annotations.sqlite", readonly=True) as log:
        assert len({one.unit for one in log.newest()}) == 36
    assert shell("-w", str(tmp_path / "lab"), "check", "round", "round").code == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_its_classifiers_and_all_extractors_see_every_video(prepared: Workspace, tmp_path: Path) -> None:
    answer = shell("demo", "--keep", str(tmp_path / "lab"), "--json", patience_s=900.0)
    assert answer.code == 0, answer.err
    tuned, inferred, extracted = json.loads(answer.out)["runs"]
    assert inferred["metrics"]["videos"] == extracted["metrics"]["videos"] == 8
    artifacts = tmp_path / "lab" / "runs" / inferred["id"] / "artifacts"
    labels = tables.read(artifacts / "model_predictions_video.csv", [f"{name}_label" for name in VARIABLES])
    assert len(labels) == 8 and tuned["state"] == "done"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_rounds_are_run_and_the_second_learns_from_the_labels_held_back(
    prepared: Workspace, tmp_path: Path
) -> None:
    answer = shell("demo", "--rounds", "--keep", str(tmp_path / "lab"), "--json", patience_s=600.0)
    assert answer.code == 0, answer.err
    first, second = json.loads(answer.out)["rounds"]
    assert second["labels"]["units"] == 54 and first["labels"]["units"] == 36
    assert second["test_set"] == first["test_set"] and second["sizes"]["added"] > 0
    assert second["duplicates"]["left"] == 0
    verdicts = {one["verdict"] for name in VARIABLES for one in second["variables"][name]["guidance"]}
    assert "cannot tell" in verdicts


def test_a_demo_that_was_begun_is_completed_and_nothing_of_it_overwritten(prepared: Workspace, tmp_path: Path) -> None:
    workspace = demo.prepare(tmp_path / "again", lambda *_: None)
    video = next((workspace.root / "videos").iterdir())
    video.unlink()
    workspace.file.write_text(workspace.file.read_text() + "# mine\n")
    heard: list[tuple[str, int, int]] = []
    demo.prepare(workspace.root, lambda *said: heard.append(said))
    assert video.stat().st_size
    assert workspace.file.read_text().endswith("# mine\n")
    assert [done for _, done, _ in heard] == list(range(len(heard)))
    assert heard[-1][1] == heard[-1][2]


def test_the_command_prepares_it_and_its_job_is_ready_to_run(prepared: Workspace, tmp_path: Path) -> None:
    answer = shell("demo", "--keep", str(tmp_path / "lab"), "--prepare-only")
    assert answer.code == 0
    assert "footplate run finetune" in answer.out
    assert "footage [████████████████████████] 8/8" in answer.err
    for job in ("finetune", "infer", "extract"):
        assert shell("-w", str(tmp_path / "lab"), "check", job, job).code == 0, job


def test_footage_that_was_not_fetched_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTPLATE_FOOTAGE", str(tmp_path))
    package = footage.packages()[0]
    assert footage.wheel(package) is None
    with pytest.raises(DataError, match=f"{package} has not been fetched") as raised:
        footage.extract(package, "x", tmp_path / "x")
    assert raised.value.hint == "make setup fetches it"
    assert not list(tmp_path.iterdir())


def test_a_download_that_was_cut_off_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTPLATE_FOOTAGE", str(tmp_path))
    package = footage.packages()[0]
    (tmp_path / f"{package.replace('-', '_')}-1.0-py3-none-any.whl").write_bytes(b"PK\x03\x04 half")
    with pytest.raises(DataError, match="is damaged") as raised:
        footage.extract(package, "x", tmp_path / "x")
    assert raised.value.hint == "delete it; make setup fetches it again"
    assert not (tmp_path / "x").exists()


def test_a_registry_that_cannot_be_reached_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTPLATE_FOOTAGE", str(tmp_path / "footage"))
    for name, value in {
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        pytest.skip("this environment has no pip")
    with pytest.raises(DataError, match="the demo's footage could not be fetched"):
        footage.fetch()


def test_the_store_may_be_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOOTPLATE_FOOTAGE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert footage.store() == tmp_path / "footplate" / "footage"
    monkeypatch.setenv("FOOTPLATE_FOOTAGE", str(tmp_path / "here"))
    assert footage.store() == tmp_path / "here"
