"""Where videos come from, as a spec names it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from engine.errors import SpecError
from engine.inferring import placing
from engine.record import Recorder
from tests.engine.scaling.means import Means


class Said:
    """As much of a recorder as is asked."""

    def __init__(self, root: Path, bucket: str | None) -> None:
        settings = SimpleNamespace(videos="videos/", bucket=bucket)
        self.workspace = SimpleNamespace(settings=settings, root=root)
        self.work = root / "work"
        self.notes: list[str] = []

    def note(self, text: str, level: str = "info") -> None:
        self.notes.append(text)

    def finding(self, name: str, text: str) -> None:
        self.notes.append(f"{name}: {text}")

    def resolve(self, reference: str) -> Path:
        return self.workspace.root / reference


def said(root: Path, bucket: str | None = None) -> Recorder:
    return cast(Recorder, Said(root, bucket))


def test_nothing_named_is_the_workspaces_folder(tmp_path: Path) -> None:
    assert placing.address(said(tmp_path), "") == "videos/"


def test_a_prefix_may_be_in_the_workspaces_bucket(tmp_path: Path) -> None:
    assert placing.address(said(tmp_path, "gs://study/"), "bucket:videos/01") == "gs://study/videos/01"
    assert placing.address(said(tmp_path, "shared"), "bucket:v") == f"file://{tmp_path}/shared/v"
    with pytest.raises(SpecError, match="names no bucket"):
        placing.address(said(tmp_path), "bucket:videos")


def test_a_folder_serves_as_a_bucket_and_how_many_there_are_is_said(tmp_path: Path) -> None:
    (tmp_path / "b" / "01").mkdir(parents=True)
    for name in ("one.mp4", "two.mov", "notes.csv"):
        (tmp_path / "b" / "01" / name).write_bytes(b"bytes")
    out = said(tmp_path, "b")
    found, source = placing.videos(out, "bucket:01", 3)
    assert cast(Said, out).notes == [f"what is read: file://{tmp_path}/b/01: 2 videos, 1 other files"]
    path = source.get(found.items[0])
    assert path.read_bytes() == b"bytes" and path.is_relative_to(tmp_path / "work") and source.threads == 3


def test_each_version_view_and_number_of_frames_has_its_journal(tmp_path: Path) -> None:
    asked = [(Means(), 4), (Means(stamp="2"), 4), (Means(), 5)]
    for consumer, frames in asked:
        [journal] = placing.journals(tmp_path, [consumer], frames, 500)
        journal.close()
    assert len(list(tmp_path.iterdir())) == 3
    [journal] = placing.journals(tmp_path, [Means(batch=99)], 4, 500)
    journal.close()
    assert len(list(tmp_path.iterdir())) == 3, "the batch changes no answer"
