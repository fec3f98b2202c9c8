"""Videos out of a bucket that refuses, cuts off and answers wrong bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import DataError
from engine.scaling import listing
from engine.scaling.failures import Broken
from engine.scaling.fetching import FromBucket
from engine.scaling.listing import Listing
from tests.fakes.gcs import Gcs, serve
from vmops import bucket as buckets
from vmops.bucket import Bucket

ADDRESS = "gs://study/videos/01_filtered"


@pytest.fixture
def cloud() -> Iterator[Gcs]:
    with serve("study") as made:
        yield made


@pytest.fixture
def store(cloud: Gcs, videos: Path) -> Bucket:
    """A bucket with some of the clips, and what is none."""
    made = buckets.open(ADDRESS, endpoint=cloud.endpoint)
    for number in range(6):
        made.write(f"clip{number:04}.mp4", (videos / f"clip{number:04}.mp4").read_bytes())
    made.write("metadata.csv", b"x")
    return made


def source(store: Bucket, folder: Path, tries: int = 6) -> tuple[Listing, FromBucket]:
    return listing.prefix(store), FromBucket(store, folder / "fetched", 4, tries, first_wait_s=0.001)


def test_a_prefix_is_listed_with_the_hashes_of_its_objects(store: Bucket, tmp_path: Path) -> None:
    found, _ = source(store, tmp_path)
    assert [item.video_id for item in found.items] == [f"clip{number:04}" for number in range(6)]
    assert found.others == 1
    assert all(item.content.startswith("crc32c:") for item in found.items)


@pytest.mark.parametrize("fault", ["503", "cut", "corrupt", "hash"])
def test_bytes_come_whole_however_the_storage_fails(
    cloud: Gcs, store: Bucket, videos: Path, tmp_path: Path, fault: str
) -> None:
    found, bucket = source(store, tmp_path)
    faults = {
        "503": lambda: cloud.faults.fail(503, 3, "GET", "clip"),
        "cut": lambda: cloud.faults.cut("within", 3, "GET", "clip"),
        "corrupt": lambda: cloud.faults.corrupt(3, "clip"),
        "hash": lambda: cloud.faults.wrong_hash(3, "clip"),
    }
    faults[fault]()
    for item in found.items:
        assert bucket.get(item).read_bytes() == (videos / item.name).read_bytes()


def test_a_file_is_removed_when_it_is_let_go(store: Bucket, tmp_path: Path) -> None:
    found, bucket = source(store, tmp_path)
    path = bucket.get(found.items[0])
    bucket.let_go(found.items[0])
    assert not path.exists()


def test_a_new_attempt_sweeps_what_a_killed_one_has_left(store: Bucket, tmp_path: Path) -> None:
    found, bucket = source(store, tmp_path)
    path = bucket.get(found.items[0])
    source(store, tmp_path)
    assert not path.exists()


def test_what_is_damaged_for_good_is_a_failure_of_the_network(cloud: Gcs, store: Bucket, tmp_path: Path) -> None:
    found, bucket = source(store, tmp_path, tries=2)
    cloud.faults.corrupt(10_000, "clip0002")
    with pytest.raises(Broken) as broken:
        bucket.get(found.items[2])
    assert broken.value.reason == "network" and bucket.retried == 1


def test_an_object_that_was_replaced_since_is_gone(store: Bucket, tmp_path: Path) -> None:
    found, bucket = source(store, tmp_path)
    store.write("clip0001.mp4", b"others")
    with pytest.raises(Broken) as broken:
        bucket.get(found.items[1])
    assert broken.value.reason == "gone"


def test_who_may_not_read_is_told_once_and_not_for_each_video(cloud: Gcs, store: Bucket, tmp_path: Path) -> None:
    found, bucket = source(store, tmp_path)
    cloud.faults.fail(403, 10_000, "GET", "clip")
    with pytest.raises(DataError):
        bucket.get(found.items[0])


def test_two_files_of_one_id_are_refused(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.webm"):
        (tmp_path / name).touch()
    with pytest.raises(DataError, match=r"a\.mp4 and a\.webm"):
        listing.folder(tmp_path)


def test_folders_below_are_part_of_the_id(tmp_path: Path) -> None:
    for name in ("b/x.mp4", "a/x.mp4", "notes.txt", ".hidden.mp4", "a/.cache/y.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = listing.folder(tmp_path)
    assert [item.video_id for item in found.items] == ["a/x", "b/x"] and found.others == 3
