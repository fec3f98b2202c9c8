"""Labels in a bucket at Google: whoever writes at once, whatever answers are lost, no row is lost and none doubled."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.annotations import bucket
from engine.annotations.decision import Decision, Unit, to_line
from engine.annotations.log import Log
from engine.annotations.reading import Rules
from engine.annotations.sync import Sync, Synced, sync
from engine.workspace import Workspace
from tests.fakes.gcs import Gcs, serve
from tests.lab import ROOT
from vmops import bucket as buckets
from vmops.bucket import Bucket

RULES = Rules({"perspective": ("addressed", "observed")}, now=2e9)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gcs]:
    with serve("study") as made:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", made.endpoint)
        yield made


@pytest.fixture
def there(cloud: Gcs) -> Bucket:
    return buckets.open("gs://study")


def code(coder: str, index: int) -> Decision:
    return Decision(coder, Unit("v1", index), "perspective", "observed", 1.7e9 + index)


def meet(log: Log, there: Bucket) -> Synced:
    return Sync(log, there, RULES, pause_s=0.01).run()


def lines(there: Bucket) -> list[bytes]:
    return there.read(bucket.LOG).data.splitlines()


def test_the_settings_may_name_a_bucket_at_google(cloud: Gcs, tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text(
        "name: x\nbucket: gs://study\ncoders: [ana]\nvariables: {perspective: {labels: [addressed, observed]}}\n"
    )
    with Log.open(tmp_path / "annotations.sqlite") as log:
        log.add([code("ana", 1)])
        assert sync(Workspace(tmp_path), log) == Synced("bucket", pushed=1)
    assert {*cloud.holdings.buckets["study"]} == {bucket.LOG, bucket.TABLE}


@pytest.mark.parametrize("kind", ["status", "cut before", "cut after", "cut within", "corrupt"])
def test_a_fault_at_any_moment_of_a_sync_loses_and_doubles_nothing(
    cloud: Gcs, there: Bucket, tmp_path: Path, kind: str
) -> None:
    with Log.open(tmp_path / "ana.sqlite") as ana, Log.open(tmp_path / "ben.sqlite") as ben:
        for number in range(9):  # a sync asks seven times
            cloud.faults.happen(kind, number)  # type: ignore[arg-type]
            for name, log in (("ana", ana), ("ben", ben)):
                log.add([code(name, number)])
                assert meet(log, there).why == ""
            found = lines(there)
            assert len(found) == len({*found}) == 2 * (number + 1)
        table = there.read(bucket.TABLE).data.splitlines()[1:]
        assert len(table) == len({*table}) == 18


def test_who_loses_the_answer_while_another_writes_finds_the_own_rows_there(
    cloud: Gcs, there: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write has happened, its answer is lost, and before the second try another has replaced the object."""
    with Log.open(tmp_path / "ana.sqlite") as ana, Log.open(tmp_path / "ben.sqlite") as ben:
        ana.add([code("ana", 1)])
        ben.add([code("ben", 1)])
        meet(ben, there)
        ben.add([code("ben", 2)])
        put, did = cloud.holdings.put, list[str]()

        def overtaken(bucket_: str, name: str, data: bytes, about: object, conditions: object) -> object:
            made = put(bucket_, name, data, about, conditions)  # type: ignore[arg-type]
            if name == bucket.LOG and not did:
                did.append(name)
                theirs = data + b"".join(line + b"\n" for line in ben_lines)
                made = put(bucket_, name, theirs, {"metadata": {"footplate-writer": "ben"}}, {})
            return made

        ben_lines = [to_line(one).encode() for one in ben.history()][-1:]
        monkeypatch.setattr(cloud.holdings, "put", overtaken)
        cloud.faults.cut("after", 1, "POST", "upload")
        assert meet(ana, there).why == ""
        found = lines(there)
        assert did and len(found) == len({*found})
        assert sum(b'"ana"' in line for line in found) == 1


def test_many_writers_of_one_object_that_takes_few_writes_wait_for_their_turn_and_all_are_written(
    cloud: Gcs, there: Bucket, tmp_path: Path
) -> None:
    cloud.holdings.every_s = 0.1  # a tenth of Google's second

    def write(number: int) -> str:
        with Log.open(tmp_path / f"{number}.sqlite") as log:
            log.add([code(f"coder{number}", index) for index in range(2)])
            return Sync(log, buckets.open("gs://study"), RULES, pause_s=0.05).run().why

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(write, range(8))] == [""] * 8
    found = lines(there)
    assert len(found) == len({*found}) == 16


WRITING = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.annotations.reading import Rules
from engine.annotations.sync import Sync
from vmops import bucket

folder, writer = Path(sys.argv[1]), sys.argv[2]
rules = Rules({"perspective": ("addressed", "observed")}, now=2e9)
there = bucket.open("gs://study")

def write(way):
    name = f"{writer}{way}"
    with Log.open(folder / f"{name}.sqlite") as log:
        log.add([Decision(name, Unit("v1", index), "perspective", "observed", 1.7e9 + index) for index in range(3)])
        for _ in range(20):  # one that is always overtaken says so, and syncs again
            told = Sync(log, there, rules, pause_s=0.2).run()
            if not told.why:
                return
            assert "others kept writing" in told.why, told
    raise AssertionError("never pushed")

with ThreadPoolExecutor(16) as pool:
    list(pool.map(write, range(16)))
"""


def test_two_writers_thirty_two_ways_at_once_through_faults_lose_no_row_and_double_none(
    cloud: Gcs, there: Bucket, tmp_path: Path
) -> None:
    cloud.faults.often(0.05, "status", "cut before", "cut after", "cut within")
    writing = [
        subprocess.Popen([sys.executable, "-c", WRITING, str(tmp_path), writer], cwd=ROOT) for writer in ("ana", "ben")
    ]
    assert [one.wait(110) for one in writing] == [0, 0]
    cloud.faults.often(0)
    found = lines(there)
    assert len(found) == len({*found}) == 96
    table = there.read(bucket.TABLE).data.splitlines()[1:]
    assert len(table) == len({*table}) == 96
    with Log.open(tmp_path / "all.sqlite") as log:
        assert meet(log, there) == Synced("bucket", pulled=96)
