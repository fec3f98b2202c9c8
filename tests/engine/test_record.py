"""The writer's side of a run."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator

import pytest

from engine import events
from engine.board import Board
from engine.errors import DataError, Stopped
from engine.events import Artifact, Failure, Metric, Note, Progress
from engine.files import sha256, write_atomic
from engine.record import Recorder, failure
from engine.run import Run, create, request_stop
from engine.workspace import Workspace


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """A run that nobody supervises."""
    return create(workspace, "toy", "", record={})


@pytest.fixture
def out(workspace: Workspace, run: Run) -> Iterator[Recorder]:
    """What its job is handed."""
    recorder = Recorder(workspace, run, attempt=1, device="cpu")
    yield recorder
    recorder.close()


def said(run: Run) -> list[events.Event]:
    return events.read(run.events)[0]


def folded(run: Run) -> Board:
    board = Board(run)
    board.tick()
    return board


def test_an_artifact_is_announced_with_its_size_and_hash(out: Recorder, run: Run) -> None:
    path = out.artifact("tables/path.csv", "one row a step")
    path.write_text("step\n")
    out.conclude()
    (event,) = said(run)
    assert isinstance(event, Artifact)
    assert (event.name, event.size_bytes, event.sha256) == ("tables/path.csv", 5, sha256(path))


def test_an_artifact_that_is_written_again_is_hashed_again(out: Recorder, run: Run) -> None:
    out.write_json("result.json", {"loss": 1}, "first")
    write_atomic(out.artifact("result.json", "second"), "{}")
    out.conclude()
    (entry,) = folded(run).status.artifacts
    assert (entry["about"], entry["sha256"]) == ("second", sha256(run.artifacts / "result.json"))


@pytest.mark.parametrize("name", ["../status.json", "/etc/passwd", "a/../../x"])
def test_an_artifact_cannot_lie_outside_its_run(out: Recorder, name: str) -> None:
    with pytest.raises(ValueError, match="outside its run"):
        out.artifact(name, "")


def test_a_job_must_make_what_it_promised(out: Recorder) -> None:
    out.write_json("a.json", {}, "")
    out.artifact("b.csv", "")
    with pytest.raises(DataError, match=r"ended without making: b\.csv"):
        out.conclude()


def test_a_job_that_made_nothing_has_failed(out: Recorder) -> None:
    with pytest.raises(DataError, match="without making anything"):
        out.conclude()


def test_a_half_line_of_a_dead_writer_is_cut_off(workspace: Workspace, run: Run) -> None:
    whole = events.to_line(Note("whole"))
    run.events.write_bytes(whole + b'{"kind": "No')
    recorder = Recorder(workspace, run, attempt=2, device="cpu")
    recorder.say(Note("next"))
    recorder.close()
    assert [event.text for event in said(run) if isinstance(event, Note)] == ["whole", "next"]


def test_half_a_line_on_a_full_disk_does_not_take_the_next_one_with_it(
    out: Recorder, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, room = os.write, iter([5, 0])

    def full(file: int, data: bytes) -> int:
        left = next(room, None)
        if left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[:left])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        out.note("lost")
    assert out.fail(OSError(errno.ENOSPC, "No space left on device", "path.csv")) == 1
    (event,) = said(run)
    assert isinstance(event, Failure)
    assert event.message == "no space left on the disk of path.csv"


def test_a_killed_writers_leftovers_are_swept_away(out: Recorder, run: Run) -> None:
    for folder in (run.artifacts, out.work):
        (folder / ".path.csv.71.part").touch()
    out.open()
    assert list(run.folder.rglob("*.part")) == []


def test_progress_is_said_seldom_and_its_end_always(out: Recorder, run: Run) -> None:
    for step in range(1, 101):
        out.progress(step, 100, "steps")
    steps = [event.done for event in said(run) if isinstance(event, Progress)]
    assert steps[-1] == 100
    assert len(steps) < 100


def test_other_kinds_of_whole_numbers_are_numbers_too(out: Recorder, run: Run) -> None:
    class Whole(int):
        """As numpy has them."""

    out.progress(Whole(1), Whole(1))
    out.metric("loss", Whole(2), Whole(3))
    assert [type(event) for event in said(run)] == [Progress, Metric]


def test_everything_that_is_said_stands_in_the_status(out: Recorder, run: Run) -> None:
    out.phase("train")
    out.metric("loss", 0.5, 1)
    out.metric("loss", 0.25, 2)
    out.metric("accuracy", 0.9)
    out.flag("overfit", "very")
    out.flag("overfit", "very")
    out.finding("pace", "slow")
    out.finding("labels", "3 far")
    out.finding("pace", "fast")
    out.progress(2, 2, "epochs", "fold 3")
    status = folded(run).status
    assert (status.phase, status.done, status.total, status.unit, status.detail) == ("train", 2, 2, "epochs", "fold 3")
    assert (status.latest, status.metrics, status.flags) == ({"loss": 0.25}, {"accuracy": 0.9}, ("overfit: very",))
    assert status.findings == {"pace": "fast", "labels": "3 far"}, "the newest of each name"


def test_damaged_lines_do_not_hide_what_follows_them(out: Recorder, run: Run) -> None:
    with run.events.open("ab") as file:
        file.write((b"x" * 999 + b"\n") * 5_000)  # more than one part
    out.metric("accuracy", 0.9)
    assert folded(run).status.metrics == {"accuracy": 0.9}


def test_a_checkpoint_ends_a_job_that_was_asked_to_stop(out: Recorder, run: Run) -> None:
    out.checkpoint()
    request_stop(run)
    assert out.stopping
    with pytest.raises(Stopped) as raised:
        out.checkpoint()
    assert raised.value.hint == f"footplate resume {run.id} goes on from here"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_for_the_same(out: Recorder, number: signal.Signals) -> None:
    handlers = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        out.open()
        assert not out.stopping
        signal.raise_signal(number)
        assert out.stopping
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)


def test_a_closed_recorder_writes_no_more(out: Recorder, run: Run, workspace: Workspace) -> None:
    recorder = Recorder(workspace, create(workspace, "toy", "", record={}), attempt=1, device="cpu")
    recorder.close()
    recorder.note("too late")  # what a thread says that had not heard of the end
    assert said(run) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space", "a.csv"), ("DiskFull", "no space left on the disk of a.csv")),
        (OSError(errno.EDQUOT, "Quota"), ("DiskFull", "no space left on the disk of the run's folder")),
        (MemoryError(), ("MemoryError", "out of memory")),
        (DataError("no rows", hint="add some"), ("DataError", "no rows")),
        (ZeroDivisionError("by zero"), ("ZeroDivisionError", "by zero")),
        (KeyboardInterrupt(), ("KeyboardInterrupt", "KeyboardInterrupt")),
        (Stopped("as asked"), ("Stopped", "as asked")),
    ],
)
def test_why_it_ended_in_words(error: BaseException, said: tuple[str, str]) -> None:
    words = failure(error)
    assert (words.error, words.message) == said
    assert words.stopped == isinstance(error, Stopped)
