"""Buckets for these tests: at the pretended cloud, and in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.gcs import Gcs, serve
from vmops import bucket
from vmops.bucket import Bucket


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gcs]:
    """A pretended cloud with the bucket `lab`, which every client of this test finds."""
    with serve("lab") as made:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", made.endpoint)
        yield made


@pytest.fixture
def lab(cloud: Gcs) -> Bucket:
    """The bucket `lab`, opened."""
    return bucket.open("gs://lab")


@pytest.fixture(params=["cloud", "folder"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Bucket:
    """A bucket at the cloud, and one in a folder: they behave alike."""
    if request.param == "cloud":
        found: Bucket = request.getfixturevalue("lab")
        return found
    (tmp_path / "shared").mkdir()
    return bucket.open(str(tmp_path / "shared"))
