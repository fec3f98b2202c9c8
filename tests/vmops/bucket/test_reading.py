"""Thousands of objects are read side by side: each sound, none twice, and never more in memory than asked for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.fakes.gcs import Gcs
from tests.lab import until
from vmops.bucket import Bucket, Entry, Got
from vmops.errors import Conflict, Denied, NotFound, Unavailable
from vmops.parallel import in_order_of_arrival


def fill(cloud: Gcs, count: int, size: int = 1000) -> dict[str, bytes]:
    """Objects of which each has bytes of its own; put there by no client, which is quicker."""
    made = {f"{number:05}": (f"{number}-".encode() * size)[:size] for number in range(count)}
    for name, data in made.items():
        cloud.holdings.put("lab", name, data, {}, {})
    return made


def test_all_are_read_each_once_and_each_as_it_was_written(lab: Bucket, cloud: Gcs) -> None:
    made = fill(cloud, 500)
    cloud.faults.slow(0.01)
    found = list(lab.read_many(lab.entries()))
    assert {got.entry.name: got.data for got in found} == made and len(found) == 500
    assert 8 < cloud.most_at_once <= 64


def test_no_more_are_under_way_than_asked_for_and_none_is_asked_for_before_it_is_wanted(
    lab: Bucket, cloud: Gcs
) -> None:
    fill(cloud, 100)
    entries = list(lab.entries())
    asked = lambda: sum(path.startswith("/lab/") for _, path in cloud.calls)  # noqa: E731
    reading = lab.read_many(entries, in_flight=4)
    next(reading)
    until(lambda: asked() == 4, "the first four are asked for")
    for _ in range(10):
        next(reading)
    assert 11 <= asked() <= 14
    reading.close()  # type: ignore[attr-defined]
    assert asked() <= 14


def test_what_comes_first_is_given_first() -> None:
    gate = threading.Event()

    def do(number: int) -> int:
        if number == 0:
            gate.wait(20)
        return number

    arriving = in_order_of_arrival(do, range(5), 2)
    assert [next(arriving) for _ in range(4)] == [1, 2, 3, 4]
    gate.set()
    assert list(arriving) == [0]


def test_a_mistake_of_ours_is_raised_and_not_kept_back() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order_of_arrival(lambda number: 1 // number, [1, 0, 1], 2))


def test_faults_on_the_way_are_got_over(lab: Bucket, cloud: Gcs) -> None:
    made = fill(cloud, 200)
    entries = list(lab.entries())
    cloud.faults.often(0.1, "status", "cut before", "cut within", "corrupt")
    found = list(lab.read_many(entries))
    assert {got.entry.name: got.data for got in found} == made


def test_each_failure_is_told_of_its_object_and_the_others_come(lab: Bucket, cloud: Gcs) -> None:
    made = fill(cloud, 20)
    entries = [*lab.entries(), Entry("absent", 3, 0)]
    lab.write("00003", b"newer")
    lab.delete("00004")
    cloud.faults.fail(403, 99, path="/lab/00005")
    cloud.faults.corrupt(99, path="/lab/00006")
    found = {got.entry.name: got for got in lab.read_many(entries)}
    kinds = {name: type(got.error) for name, got in found.items() if got.error}
    assert kinds == {"00003": Conflict, "00004": Conflict, "00005": Denied, "00006": Unavailable, "absent": NotFound}
    assert all(found[name].data == made[name] for name in found if not found[name].error)
    assert all(got.error.message.startswith(f"gs://lab/{name}: ") for name, got in found.items() if got.error)


def test_names_that_are_no_paths_are_read_as_they_are(lab: Bucket, cloud: Gcs) -> None:
    names = ["a//b", "/a", "a/", "./a", "a b/%2F?#&+ü", "a/../b"]
    for name in names:
        cloud.holdings.put("lab", name, name.encode(), {}, {})
    assert {got.entry.name: got.data for got in lab.read_many(lab.entries())} == {name: name.encode() for name in names}


def test_many_files_come_whole_with_the_failures_beside(lab: Bucket, cloud: Gcs, tmp_path: Path) -> None:
    made = fill(cloud, 100, 5000)
    cloud.faults.often(0.1, "status", "cut within", "corrupt")
    wanted = [(entry, tmp_path / "videos" / entry.name) for entry in lab.entries()]
    cloud.faults.corrupt(99, path="/lab/00007")
    found = list(lab.pull_many(wanted, in_flight=16))
    assert [got.entry.name for got in found if got.error] == ["00007"]
    there = {path.name: path.read_bytes() for path in (tmp_path / "videos").iterdir()}
    assert there == {name: data for name, data in made.items() if name != "00007"}


def test_fifteen_thousand_objects_are_listed_in_pages_and_as_they_come(lab: Bucket, cloud: Gcs) -> None:
    data = b"1"
    for number in range(15_000):
        cloud.holdings.put("lab", f"frames/{number:05}.png", data, {}, {})
    listing = lab.entries("frames/")
    assert next(listing).name == "frames/00000.png"
    assert sum("/o?" in path and "prefix" in path for _, path in cloud.calls) == 1  # one page is enough for the first
    assert sum(1 for _ in listing) == 14_999
    assert sum("/o?" in path and "prefix" in path for _, path in cloud.calls) == 15


def test_a_listing_that_is_interrupted_goes_on(lab: Bucket, cloud: Gcs) -> None:
    fill(cloud, 2500, 1)
    cloud.faults.happen("status", 1)
    cloud.faults.happen("cut after", 1)
    assert lab.list() == [f"{number:05}" for number in range(2500)]


def test_a_result_tells_what_it_is_of() -> None:
    assert "data" not in repr(Got(Entry("x", 3, 1), b"123"))  # a megabyte in a message helps nobody
