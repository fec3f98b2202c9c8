"""The services: what they read, and what they say when reading fails."""

from __future__ import annotations

import shutil

import pytest
from textual.message import Message

from engine.errors import AskError, DataError
from engine.events import Progress
from engine.files import write_json
from engine.workspace import Workspace
from tests.tui.helpers import Moving, done, failed, made
from tui.messages import EventsArrived, LogGrew, RunGone, RunsChanged, ServiceFailed, ServiceRecovered, StatusChanged
from tui.services import acts, artifacts
from tui.services.about import about
from tui.services.catalog import Catalog
from tui.services.follow import Follower
from tui.services.gate import Gate
from tui.services.watch import Watch


class Heard(list[Message]):
    """The messages that a service has posted."""

    def take(self, kind: type[Message]) -> list[Message]:
        found = [message for message in self if isinstance(message, kind)]
        self.clear()
        return found


# --- the catalog ----------------------------------------------------------------------------------------------------


def test_the_catalog_tells_only_what_is_new(workspace: Workspace) -> None:
    heard = Heard()
    catalog = Catalog(workspace, heard.append)
    catalog.step()
    assert [len(message.entries) for message in heard.take(RunsChanged)] == [0]
    done(workspace)
    catalog.step()
    catalog.step()
    (message,) = heard.take(RunsChanged)
    assert message.entries[0].state == "done" and message.entries[0].name == "a good one"


def test_the_first_look_reads_a_screenful_and_the_second_the_rest(workspace: Workspace, monkeypatch) -> None:
    monkeypatch.setattr("tui.services.catalog.FIRST", 2)
    for n in range(5):
        made(workspace, f"run {n}", state="stopped")
    heard = Heard()
    catalog = Catalog(workspace, heard.append)
    assert catalog.step() == 0 and catalog.step() > 0
    assert [len(message.entries) for message in heard] == [2, 5]


def test_an_ended_run_is_read_again_when_its_file_changed(workspace: Workspace) -> None:
    run = failed(workspace)
    heard = Heard()
    catalog = Catalog(workspace, heard.append)
    catalog.step()
    acts.label(Gate(workspace), run.id, ["gold"], "good")
    for _ in range(6):
        catalog.step()
    assert heard[-1].entries[0].tags == ("gold",)


def test_damaged_folders_do_not_hide_the_others(workspace: Workspace) -> None:
    run = done(workspace)
    run.status_file.write_text('{"state": 3, "metrics": []}')
    write_json(run.folder / "labels.json", {"tags": 7, "note": None})
    failed(workspace)
    heard = Heard()
    Catalog(workspace, heard.append).step()
    assert len(heard[0].entries) == 2


def test_a_running_run_tells_its_load(workspace: Workspace) -> None:
    moving = Moving(workspace)
    from engine.events import Gpu, Host

    moving.say(Host(150.0, 1 << 28, 1 << 30, 1 << 33), Gpu(0, "T4", 88.0, 1, 2), Gpu(1, "T4", 12.0, 1, 2))
    heard = Heard()
    Catalog(workspace, heard.append).step()
    load = heard[0].entries[0].load
    assert load is not None and (load.cpu_percent, load.gpu_percent) == (150.0, 88.0)
    moving.end()


# --- following ------------------------------------------------------------------------------------------------------


def test_a_follower_tells_status_events_and_log_from_where_it_was(workspace: Workspace) -> None:
    moving, heard = Moving(workspace), Heard()
    follower = Follower(workspace, moving.run.id, heard.append)
    moving.step()
    while follower.step() == 0:
        pass
    assert {type(message) for message in heard} == {StatusChanged, EventsArrived, LogGrew}
    heard.clear()
    follower.step()
    assert heard == []
    moving.step()
    follower.step()
    (arrived,) = heard.take(EventsArrived)
    assert [event.done for event in arrived.events if isinstance(event, Progress)] == [2]
    moving.end()


def test_a_follower_of_a_deleted_run_says_so_and_ends(workspace: Workspace) -> None:
    run, heard = done(workspace), Heard()
    follower = Follower(workspace, run.id, heard.append)
    follower.step()
    heard.clear()
    shutil.rmtree(run.folder)
    assert follower.step() is None
    assert [type(message) for message in heard] == [RunGone]


def test_a_follower_of_no_run_says_so(workspace: Workspace) -> None:
    heard = Heard()
    assert Follower(workspace, "../../x", heard.append).step() is None
    assert isinstance(heard[0], RunGone) and "not a run's id" in heard[0].words


# --- failing --------------------------------------------------------------------------------------------------------


def test_a_failing_service_is_told_once_tried_again_and_its_recovery_told(monkeypatch) -> None:
    monkeypatch.setattr("tui.services.watch.AFTER_FAILURE_S", 0.0)
    outcomes = iter([OSError("disk away"), OSError("disk away"), AskError("odd", hint="so"), 0.0, None])
    heard = Heard()

    def step() -> float | None:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    watch = Watch("reading", step, heard.append, what_to_do="wait").start()
    watch._thread.join(10)
    assert [type(message) for message in heard] == [ServiceFailed, ServiceFailed, ServiceRecovered]
    first, second = heard[:2]
    assert (first.why, first.what_to_do) == ("OSError: disk away", "wait")
    assert (second.why, second.what_to_do) == ("odd", "so")


def test_a_closed_service_ends_at_once() -> None:
    watch = Watch("sleeping", lambda: 1000.0, print, what_to_do="").start()
    watch.close()
    watch._thread.join(10)
    assert not watch._thread.is_alive()


# --- files and facts ------------------------------------------------------------------------------------------------


def test_a_file_outside_of_the_run_is_refused(workspace: Workspace) -> None:
    run = done(workspace)
    with pytest.raises(DataError, match="outside"):
        artifacts.path_of(workspace, run.id, "../../../etc/passwd")


def test_about_tells_asked_code_and_environment(workspace: Workspace) -> None:
    run = done(workspace)
    write_json(
        run.folder / "environment.json", {"host": "box", "memory_bytes": 1 << 30, "gpus": [], "packages": {"a": "1"}}
    )
    found = about(workspace, run.id)
    assert "steps: 10" in found.spec
    assert "  memory: 1.0 GiB" in found.rest and "  gpus: none" in found.rest and "packages:\n  a: 1" in found.rest
