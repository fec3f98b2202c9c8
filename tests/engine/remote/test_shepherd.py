"""What a shepherd makes of a machine that is gone, of a run that ended without it, and of faults that stay."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from engine import registry
from engine.errors import DataError
from engine.locks import hold
from engine.remote import ending, fetching, following, going, memory, patience, shepherd
from engine.remote.copying import Copy
from engine.remote.errand import Errand
from engine.remote.errors import Lost, Taken
from engine.remote.place import Rented
from engine.remote.shepherd import Shepherd
from engine.remote.there import There
from engine.remote.watching import Watch
from engine.run import UNFOLLOWED, Run, create
from engine.status import Status, to_json
from engine.workspace import Workspace
from vmops.errors import Broken, Conflict, Failed, NoCredentials, NotFound, OutsideError, StockOut, Unreachable
from vmops.journal import Journal
from vmops.mirror import Piece, Whole
from vmops.provider import Machine
from vmops.ssh import Host

MACHINES = """
provider: gce
zones: [us-central1-a]
kinds:
  spot: {machine_type: n1-standard-4, spot: true, at_limit: delete, image: {project: debian-cloud, family: debian-12}}
"""
FAR = There(Host("gpu-1", "127.0.0.1"), "footplate/workspaces/study", "20260203-101522-toy-0000")
DONE = Status(state="done", attempt=1, exit_code=0)


class Desk:
    """A cloud with one machine, or none; `problem` is what it says instead."""

    def __init__(self, **facts: Any) -> None:
        self.facts, self.problem, self.ended = facts, [], []

    def machine(self, name: str) -> Machine:
        if not self.facts:
            raise NotFound(f"no machine {name}")
        return Machine(**{"name": name, "kind": "spot", "zone": "us-central1-a", **self.facts})

    def stop(self, name: str, say: object) -> None:
        self._end("stop")

    def delete(self, name: str, say: object) -> None:
        self._end("delete")

    def _end(self, act: str) -> None:
        if self.problem:
            raise self.problem.pop(0)
        self.ended.append(act)

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_S", 0.0)
    for name in ("artifacts", "work"):
        monkeypatch.setattr(fetching, name, lambda *_, **__: None)


@pytest.fixture
def run(workspace: Workspace) -> Run:
    (workspace.configs / "machines.yaml").write_text(MACHINES)
    wish = {"name": "gpu-1", "keep_alive": True, "then": "delete"}
    return create(workspace, "toy", "steps: 3\n", record={"machine": wish})


@pytest.fixture
def errand(workspace: Workspace, run: Run) -> Iterator[Errand]:
    """Of a run whose first attempt has begun."""
    made = Errand(workspace, run, print)
    made.keep(begun=1)
    made.standing.take(to_json(replace(DONE, state="running")))
    yield made
    made.place.close()


def rented(errand: Errand, **facts: Any) -> Desk:
    assert isinstance(errand.place, Rented)
    errand.place._desk = desk = Desk(**facts)  # type: ignore[assignment]
    return desk


def watched(patch: pytest.MonkeyPatch, end: Any) -> None:
    """A watch over the run ends like this."""
    patch.setattr(shepherd.there, "of_run", lambda *_: FAR)
    patch.setattr(Rented, "host", lambda _: FAR.host)

    def to_the_end(watch: Watch) -> Status:
        if isinstance(end, Exception):
            raise end
        watch.standing.take(to_json(end))
        return end

    patch.setattr(Watch, "to_the_end", to_the_end)


# --- a machine that is gone ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "preempted"),
    [({"preempted": True}, True), ({}, False), ({"wanted": "stopped"}, False), ({"wanted": "running"}, False)],
)
def test_only_what_the_cloud_took_back_counts_as_preempted(errand: Errand, facts: Any, preempted: bool) -> None:
    rented(errand, state="stopped", **facts)
    with pytest.raises(Taken) as taken:
        errand.place.check()
    assert taken.value.preempted == preempted


@pytest.mark.parametrize(("act", "preempted"), [("create", True), ("delete", False)])
def test_a_machine_that_was_deleted_here_is_not_made_again(errand: Errand, act: str, preempted: bool) -> None:
    rented(errand)
    Journal(errand.workspace.machines / "operations").begin("gpu-1", act, kind="spot")
    with pytest.raises(Taken) as taken:
        errand.place.check()
    assert (taken.value.for_good, taken.value.preempted) == (True, preempted)


@pytest.mark.parametrize("facts", [{"state": "stopped"}, {}])
def test_a_run_kept_alive_whose_machine_somebody_stopped_or_deleted_is_stopped(errand: Errand, facts: Any) -> None:
    rented(errand, **facts)
    errand.keep(wish=replace(errand.memory.wish, then="keep"))
    Shepherd(errand).attend()
    status = errand.run.status()
    assert (status.state, status.attempt, status.link) == ("stopped", 1, "")
    assert f"footplate resume {errand.run.id}" in status.hint
    if facts:
        assert status.error == "gpu-1 is stopped; how the run ended there is not known"
        assert status.hint.endswith("starts it and fetches")


def test_a_machine_of_another_kind_than_was_asked_for_is_left_as_it_is(errand: Errand) -> None:
    errand.keep(wish=replace(errand.memory.wish, kind="t4"), make="t4", begun=0)
    desk = rented(errand, state="running")
    Shepherd(errand).attend()
    status = errand.run.status()
    assert status.state == "failed" and status.error == "gpu-1 is there already, of the kind 'spot' and not 't4'"
    assert "--kind spot" in status.hint and not desk.ended, "whoever uses it goes on"


def test_a_machine_that_was_made_for_a_run_is_looked_for_elsewhere_once_its_zone_has_none_left(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    errand.keep(wish=replace(errand.memory.wish, kind="spot"), make="spot", begun=0)
    rented(errand, state="running")
    monkeypatch.setattr(Rented, "ready", lambda *_: FAR.host)
    monkeypatch.setattr(Rented, "names", lambda _: {"gpu-1"})
    monkeypatch.setattr(There, "look", lambda _: {"boot": "b", "status": {"attempt": 1, "state": "running"}})
    going.begin(errand)

    def out(*_: object) -> None:
        raise StockOut("us-central1-a has none left")

    monkeypatch.setattr(Rented, "ready", out)
    with pytest.raises(StockOut):
        going.begin(errand)
    assert (errand.place.name, errand.memory.wish.name, errand.memory.make) == ("gpu-2", "gpu-2", "spot")


def test_what_is_done_there_already_is_only_fetched(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.ask_again(errand.run, errand.memory.wish, 2)
    errand.memory = replace(memory.recall(errand.run), ended=1)
    rented(errand, state="running", address="127.0.0.1")
    seen = {"boot": "b", "status": {"state": "done", "attempt": 1}, "sizes": {}, "work_at": 0.0}
    monkeypatch.setattr(There, "look", lambda _: seen)
    monkeypatch.setattr(going.inputs, "of_run", lambda *_: [])
    monkeypatch.setattr(going, "_reached", lambda _: FAR.host)
    monkeypatch.setattr(going, "_send", lambda *_: pytest.fail("it is sent once more"))
    going.begin(errand)
    assert (errand.memory.attempt, errand.memory.begun, errand.memory.ended) == (1, 1, 0)
    watch = Watch(errand, FAR)
    watch._take(Whole("status.json", b'{"state": "done", "attempt": 1}'))
    assert errand.standing.verdict is not None


# --- faults that stay ------------------------------------------------------------------------------------------------


def test_a_fault_that_stays_ends_the_shepherd_in_words_and_frees_the_machine(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    disconnected: list[str] = []
    monkeypatch.setattr(shepherd.ssh, "disconnect", lambda host: disconnected.append(host.name))
    watched(monkeypatch, DONE)

    def denied(*_: object, **__: object) -> None:
        raise Failed("gpu-1: fetching artifacts failed with 23: Permission denied", hint="the words are rsync's")

    monkeypatch.setattr(fetching, "artifacts", denied)
    lock = hold(errand.run.lock)
    assert lock is not None
    Shepherd(errand).attend()
    os.close(lock)
    assert len(disconnected) == shepherd.TRIES + 1
    status = errand.run.status()
    assert (status.state, status.link) == ("running", UNFOLLOWED)
    assert "Permission denied" in status.link_hint
    assert f"footplate follow {errand.run.id} tries again" in status.link_hint
    assert following.unfollowed(errand.workspace) == [errand.run]


def test_of_a_run_that_ended_without_a_word_what_is_left_is_fetched(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []
    errand.keep(wish=replace(errand.memory.wish, then="keep"))
    monkeypatch.setattr(fetching, "artifacts", lambda *_, strict: fetched.append(f"artifacts {strict}"))
    monkeypatch.setattr(fetching, "work", lambda *_: fetched.append("work"))
    watched(monkeypatch, Lost("its process is gone"))
    Shepherd(errand).attend()
    assert fetched == ["artifacts False", "work"]
    assert errand.run.status().state == "failed"


@pytest.mark.parametrize("error", [DataError("another round"), NotFound("no round there")])
def test_what_is_not_published_here_is_not_deleted_there(
    errand: Errand, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def publish(*_: object) -> None:
        raise error

    desk = rented(errand, state="running")
    watched(monkeypatch, DONE)
    monkeypatch.setattr(registry, "job", lambda name: SimpleNamespace(publish="somewhere"))
    monkeypatch.setattr(registry, "load", lambda entry: publish)
    monkeypatch.setattr(There, "look", lambda _: {"others": []})
    monkeypatch.setattr(ending.ssh, "disconnect", lambda host: None)
    Shepherd(errand).attend()
    assert errand.run.status().state == "done"
    assert desk.ended == ["stop"]


# --- the end of a machine --------------------------------------------------------------------------------------------


def done_with(errand: Errand, patch: pytest.MonkeyPatch, look: Any) -> Desk:
    patch.setattr(Rented, "host", lambda _: FAR.host)
    patch.setattr(There, "look", look)
    patch.setattr(ending.ssh, "disconnect", lambda host: None)
    errand.standing.take(to_json(DONE))
    errand.standing.conclude()
    return rented(errand, state="running")


def test_while_a_machine_does_not_answer_nobody_says_that_it_is_free(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = [Unreachable("no answer"), Unreachable("no answer"), {"others": ["somebody"]}]

    def look(_: There) -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, OutsideError):
            raise answer
        return answer

    desk = done_with(errand, monkeypatch, look)
    ending.end(errand)
    assert (desk.ended, answers, errand.run.status().link) == ([], [], "")


def test_a_machine_that_never_answers_is_stopped_in_the_end_and_not_deleted(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_: There) -> dict[str, Any]:
        raise Unreachable("no answer")

    desk = done_with(errand, monkeypatch, look)
    monkeypatch.setattr(ending, "PATIENCE_S", 0.0)
    ending.end(errand)
    assert desk.ended == ["stop"]


@pytest.mark.parametrize("error", [NoCredentials("nobody is logged in"), Conflict("in use")])
def test_what_passes_does_not_keep_a_machine_for_ever(
    errand: Errand, monkeypatch: pytest.MonkeyPatch, error: OutsideError
) -> None:
    desk = done_with(errand, monkeypatch, lambda _: {"others": []})
    desk.problem = [error, error]
    ending.end(errand)
    assert desk.ended == ["delete"]
    assert errand.run.status().flags == ()


# --- what a machine says ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["../../../evil", "/tmp/evil", "run.json"])
def test_a_machine_writes_no_file_that_nobody_asked_for(errand: Errand, path: str) -> None:
    watch = Watch(errand, FAR)
    for said in (Whole(path, b"evil"), Piece(path, 0, b"evil", 4)):
        with pytest.raises(Broken, match="which nobody asked for"):
            watch._take(said)
    with pytest.raises(ValueError, match="none of the files"):
        Copy(errand.run).write(Piece(path, 0, b"evil", 4))
    assert "evil" not in (errand.run.folder / "run.json").read_text()
