"""Bucket and log come together: the bucket first, nothing lost whoever writes at once, and failures are said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.annotations import bucket
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.annotations.reading import Rules
from engine.annotations.sync import Sync, Synced, pull, sync
from engine.workspace import Workspace
from tests.fakes.stores import Faulty
from vmops.errors import Conflict, Denied, Unavailable
from vmops.storage import LocalStore, Store

ROOT = Path(__file__).resolve().parents[3]
BOOK = {"perspective": ("addressed", "observed"), "distance": ("personal", "social")}
RULES = Rules(BOOK, now=2e9)
HEAD = "annotator,video_id,frame_index,perspective,distance\n"
AWAY = Unavailable("the bucket does not answer", hint="see to the network")


@pytest.fixture
def there(tmp_path: Path) -> LocalStore:
    (tmp_path / "bucket").mkdir()
    return LocalStore(tmp_path / "bucket")


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[str], Log]:
    return lambda name: Log.open(tmp_path / f"{name}.sqlite")


def code(coder: str, index: int, value: str = "observed") -> Decision:
    return Decision(coder, Unit("v1", index), "perspective", value, 1.7e9 + index)


def meet(log: Log, there: Store, **how: bool) -> Synced:
    return Sync(log, there, RULES, pause_s=0.001).run(**how)


def test_two_who_push_in_turn_have_the_same(there: LocalStore, opened: Callable[[str], Log]) -> None:
    ana, ben = opened("ana"), opened("ben")
    ana.add([code("ana", 1)])
    ana.add([code("ana", 2)])
    ana.undo("ana", 1.8e9)
    ben.add([code("ben", 1)])
    assert meet(ana, there) == Synced("bucket", pushed=3)
    assert meet(ben, there) == Synced("bucket", pulled=3, pushed=1)
    assert meet(ana, there) == Synced("bucket", pulled=1)
    assert ana.newest() == ben.newest()
    assert len(ana.newest()) == 2
    assert there.read(bucket.TABLE).data.decode().splitlines()[1:] == [
        "ana,v1,1,observed,(unseen),,,2023-11-14T22:13:21Z",
        "ben,v1,1,observed,(unseen),,,2023-11-14T22:13:21Z",
    ]


def test_a_sync_with_nothing_new_writes_nothing(there: LocalStore, opened: Callable[[str], Log]) -> None:
    ana = opened("ana")
    ana.add([code("ana", 1)])
    meet(ana, there)
    before = [there.read(name).generation for name in there.list()]
    assert meet(ana, there) == Synced("bucket")
    assert [there.read(name).generation for name in there.list()] == before


def test_who_is_overtaken_takes_the_others_labels_and_loses_none(
    there: LocalStore, opened: Callable[[str], Log]
) -> None:
    ana, ben = opened("ana"), opened("ben")
    ana.add([code("ana", 1)])
    ben.add([code("ben", 1)])
    # it reads the table, the log, and the two places where a table may be; then ben is quicker than ana's write
    quicker = Faulty(there, *[None] * 4, lambda: meet(ben, there))
    assert meet(ana, quicker) == Synced("bucket", pulled=1, pushed=1)
    lines = there.read(bucket.LOG).data.splitlines()
    assert len(lines) == len(set(lines)) == 2
    assert there.read(bucket.TABLE).data.count(b"\n") == 3


def test_who_is_overtaken_before_the_table_writes_the_newer_table(
    there: LocalStore, opened: Callable[[str], Log]
) -> None:
    ana, ben = opened("ana"), opened("ben")
    ana.add([code("ana", 1)])
    ben.add([code("ben", 1)])
    quicker = Faulty(there, *[None] * 5, lambda: meet(ben, there))
    assert meet(ana, quicker).why == ""
    assert there.read(bucket.TABLE).data.count(b"\n") == 3


def test_a_bucket_that_answers_at_the_third_try_is_the_truth(there: LocalStore, opened: Callable[[str], Log]) -> None:
    ana = opened("ana")
    ana.add([code("ana", 1)])
    assert meet(ana, Faulty(there, AWAY, AWAY)) == Synced("bucket", pushed=1)


def test_a_bucket_that_does_not_answer_is_said_and_the_local_labels_are_taken(
    there: LocalStore, opened: Callable[[str], Log]
) -> None:
    ana = opened("ana")
    ana.add([code("ana", 1)])
    told = meet(ana, Faulty(there, *[AWAY] * 50))
    assert told.source == "local"
    assert "could not be read" in told.why and "does not answer (see to the network)" in told.why
    assert there.list() == []


class ReadOnly(Faulty):
    def __init__(self, store: Store, error: Exception) -> None:
        super().__init__(store)
        self.error = error

    def write(self, name: str, data: bytes, *, if_generation: int | None = None) -> int:
        raise self.error


@pytest.mark.parametrize("error", [AWAY, Denied("read only")])
def test_a_bucket_that_can_be_read_and_not_written_says_so(
    there: LocalStore, opened: Callable[[str], Log], error: Exception
) -> None:
    ana, ben = opened("ana"), opened("ben")
    ben.add([code("ben", 1)])
    meet(ben, there)
    ana.add([code("ana", 1)])
    told = meet(ana, ReadOnly(there, error))
    assert (told.source, told.pulled, told.pushed) == ("bucket", 1, 0)
    assert told.why.startswith("read, but not written")


def test_a_bucket_into_which_others_write_without_end_is_given_up_in_words(
    there: LocalStore, opened: Callable[[str], Log]
) -> None:
    class Busy(Faulty):
        def write(self, name: str, data: bytes, *, if_generation: int | None = None) -> int:
            self.calls += 1
            raise Conflict("quicker")

    ana, busy = opened("ana"), Busy(there)
    ana.add([code("ana", 1)])
    assert "others kept writing" in meet(ana, busy).why


def test_a_pull_writes_nothing(there: LocalStore, opened: Callable[[str], Log]) -> None:
    ana = opened("ana")
    ana.add([code("ana", 1)])
    assert meet(ana, there, push=False) == Synced("bucket")
    assert there.list() == []


@pytest.mark.parametrize("name", bucket.TABLES)
def test_a_bucket_that_has_only_a_table_is_taken_and_the_table_kept(
    there: LocalStore, opened: Callable[[str], Log], name: str
) -> None:
    table = (HEAD + "ana,v1,1,observed,social\nben,v1,1,observd,social\n").encode()
    there.write(name, table)
    ana = opened("ana")
    told = meet(ana, there)
    assert (told.source, told.pulled, told.pushed, len(told.rejected)) == ("bucket", 2, 2, 1)
    assert "'observd', which is no label" in told.rejected[0].reason and name in told.rejected[0].reason
    assert table in [there.read(each).data for each in there.list()]
    assert meet(opened("ben"), there).pulled == 2


def test_what_stands_in_a_bucket_and_is_no_table_of_labels_is_not_lost(
    there: LocalStore, opened: Callable[[str], Log]
) -> None:
    there.write(bucket.TABLE, b"my thesis")
    ana = opened("ana")
    ana.add([code("ana", 1)])
    told = meet(ana, there)
    assert any("no column annotator" in note for note in told.notes)
    assert b"my thesis" in [there.read(each).data for each in there.list()]


def test_lines_that_cannot_be_read_are_named_and_stay(there: LocalStore, opened: Callable[[str], Log]) -> None:
    ana = opened("ana")
    ana.add([code("ana", 1)])
    meet(ana, there)
    there.write(bucket.LOG, there.read(bucket.LOG).data + b'{"half": \nnot even\n{"key": "x"}')
    ana.add([code("ana", 2)])
    told = meet(ana, there)
    assert [one.line for one in told.rejected] == [2, 3, 4]
    assert told.pushed == 1
    assert b'{"half": \nnot even\n{"key": "x"}\n' in there.read(bucket.LOG).data
    assert meet(opened("ben"), there).pulled == 2


def workspace(tmp_path: Path, named: str) -> Workspace:
    (tmp_path / "workspace.yaml").write_text(
        f"name: x\nbucket: {named}\ncoders: [ana]\nvariables: {{perspective: {{labels: [addressed, observed]}}}}\n"
    )
    return Workspace(tmp_path)


@pytest.mark.parametrize("named", ["bucket", "file://{}/bucket"])
def test_the_bucket_of_the_settings_may_be_a_folder(tmp_path: Path, there: LocalStore, named: str) -> None:
    with Log.open(tmp_path / "annotations.sqlite") as log:
        log.add([code("ana", 1)])
        assert sync(workspace(tmp_path, named.format(tmp_path)), log).pushed == 1
    assert bucket.LOG in there.list()


@pytest.mark.parametrize(
    ("named", "words"),
    [("null", "names no bucket"), ("gs://study", "nobody is logged in"), ("share", "no such folder")],
)
def test_where_there_is_no_bucket_the_local_labels_are_taken_and_that_is_said(
    tmp_path: Path, named: str, words: str
) -> None:
    with Log.open(tmp_path / "annotations.sqlite") as log:
        for act in (pull, sync):
            told = act(workspace(tmp_path, named), log)
            assert told.source == "local"
            assert words in told.why


PUSHING = """
import sys, time
from pathlib import Path
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.annotations.reading import Rules
from engine.annotations.sync import Sync
from vmops.storage import LocalStore
folder, coder, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
rules = Rules({"perspective": ("addressed", "observed")}, now=2e9)
with Log.open(folder / f"{coder}.sqlite") as log:
    for index in range(times):
        log.add([Decision(coder, Unit("v1", index), "perspective", "observed", time.time())])
        told = Sync(log, LocalStore(folder / "bucket"), rules, pause_s=0.02).run()
        assert (told.source, told.why) == ("bucket", ""), told
"""


def test_coders_who_push_at_once_from_several_processes_lose_nothing(
    tmp_path: Path, there: LocalStore, opened: Callable[[str], Log]
) -> None:
    coders = ("ana", "ben", "cem")
    pushing = [
        subprocess.Popen([sys.executable, "-c", PUSHING, str(tmp_path), coder, "15"], cwd=ROOT) for coder in coders
    ]
    assert [one.wait(100) for one in pushing] == [0, 0, 0]
    with opened("all") as log:
        assert meet(log, there).pulled == 45
        assert len(log.newest()) == 45
    assert len(there.read(bucket.TABLE).data.splitlines()) == 46


def test_a_table_that_another_has_just_made_from_a_log_is_not_taken_for_new_labels(
    there: LocalStore, opened: Callable[[str], Log]
) -> None:
    """Into an empty bucket another writes the log and its table after we have seen that there is no log."""
    ana, ben = opened("ana"), opened("ben")
    ana.add([code("ana", 1)])
    ben.add([code("ben", 1)])
    # it reads the table and the log; then ben is quicker, and there is a table where the bucket is searched for one
    assert meet(ana, Faulty(there, None, None, lambda: meet(ben, there))).why == ""
    assert len(there.read(bucket.LOG).data.splitlines()) == 2
