"""A run's checkpoints in a bucket: whole or not there, sent once, and taken back on another machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine import checkpoints, launch
from engine.errors import DataError
from engine.run import Run, request_stop
from engine.saver import Saved, Saver
from engine.workspace import Workspace
from tests import lab
from tests.fakes.gcs import Gcs, serve
from vmops import bucket
from vmops.bucket import Bucket
from vmops.errors import Conflict, Unavailable

RUN = "20260203-101522-toy-3f9c"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gcs]:
    with serve("lab") as made:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", made.endpoint)
        yield made


@pytest.fixture(params=["gs://lab/checkpoints", "shared"])
def url(request: pytest.FixtureRequest, cloud: Gcs, tmp_path: Path) -> str:
    (tmp_path / "shared").mkdir()
    return str(request.param) if request.param != "shared" else str(tmp_path / "shared")


@pytest.fixture
def there(url: str) -> Bucket:
    return bucket.open(url)


def folder(at: Path, **work: str) -> Path:
    """A run's folder as it stands while the job works."""
    run = at / RUN
    for name, text in {"spec.yaml": "steps: 3\n", "events.jsonl": '{"a": 1}\n{"ha', "log.txt": "one\ntw"}.items():
        run.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(text)
    for name, text in work.items():
        (run / "work" / "deep").mkdir(parents=True, exist_ok=True)
        (run / "work" / "deep" / name).write_text(text)
    (run / "artifacts").mkdir(exist_ok=True)
    return run


def work(run: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((run / "work").rglob("*")) if path.is_file()}


def test_what_was_saved_is_taken_back_elsewhere(url: str, there: Bucket, tmp_path: Path) -> None:
    Saver(folder(tmp_path / "one", a="weights", b="optimizer"), there).save()
    other = folder(tmp_path / "two", old="of another attempt")
    found = checkpoints.restore(url, RUN, other, say=lambda words: None)
    assert found and found.files == 5
    assert work(other) == {"a": "weights", "b": "optimizer"}
    assert (other / "events.jsonl").read_text() == '{"a": 1}\n' and (other / "log.txt").read_text() == "one\n"
    assert not [path for path in other.iterdir() if path.name.startswith(".")]


def test_only_what_has_changed_is_sent_and_what_nobody_needs_any_more_goes(there: Bucket, tmp_path: Path) -> None:
    run = folder(tmp_path, a="weights", b="optimizer")
    saver = Saver(run, there)
    assert saver.save() == Saved(5, 5, 7 + 9 + 9 + 9 + 4)
    assert saver.save() is None
    (run / "log.txt").write_text("one\ntwo\nthree\n")  # a longer log alone is no reason
    assert saver.save() is None
    (run / "work" / "deep" / "b").write_text("optimizer of epoch 2")
    assert saver.save() == Saved(5, 2, 20 + 14)
    assert len(there.list(f"{RUN}/files/")) == 5


def test_a_second_saver_goes_on_where_the_first_was_killed(there: Bucket, tmp_path: Path) -> None:
    run = folder(tmp_path, a="weights")
    Saver(run, there).save()
    (run / ".checkpoint-left").mkdir()
    (run / "work" / "deep" / "a").write_text("WEIGHTS")
    saved = Saver(run, there).save()
    assert saved and saved.sent == 1 and not (run / ".checkpoint-left").exists()


def test_a_save_that_dies_before_its_end_leaves_the_checkpoint_before(
    url: str, there: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = folder(tmp_path / "one", a="weights", b="optimizer")
    saver = Saver(run, there)
    saver.save()
    (run / "work" / "deep" / "a").write_text("WEIGHTS")

    writes = there.write

    def dies(name: str, data: bytes, *, if_generation: int | None = None) -> int:
        if name.endswith("manifest.json"):
            raise Unavailable("gone")
        return writes(name, data, if_generation=if_generation)

    with monkeypatch.context() as patched, pytest.raises(Unavailable):
        patched.setattr(there, "write", dies)
        saver.save()
    other = folder(tmp_path / "two")
    assert checkpoints.restore(url, RUN, other, say=lambda words: None)
    assert work(other) == {"a": "weights", "b": "optimizer"}
    assert saver.save() == Saved(5, 0, 0)  # its files are there already
    checkpoints.restore(url, RUN, other, say=lambda words: None)
    assert work(other) == {"a": "WEIGHTS", "b": "optimizer"}


SAVING = "import sys; from engine.checkpointing import main; sys.exit(main(sys.argv[1:]))"


def test_a_save_that_is_killed_is_not_seen_and_the_next_sends_only_the_rest(
    cloud: Gcs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = folder(tmp_path / "runs", **{f"f{number}": str(number) * 1000 for number in range(60)})
    objects = cloud.holdings.buckets["lab"]
    monkeypatch.setenv("FOOTPLATE_CHECKPOINT_S", "0")
    cloud.faults.slow(0.1)
    saving = subprocess.Popen([sys.executable, "-c", SAVING, str(run), "gs://lab"], cwd=lab.ROOT)
    lab.until(lambda: len(objects) > 10, "some are sent")
    saving.kill()
    saving.wait()
    cloud.faults.slow(0)
    there, sent = bucket.open("gs://lab"), len(objects)
    assert sent < 63 and not checkpoints.saved("gs://lab")
    saved = Saver(run, there).save()
    assert saved and saved.files == 63 and saved.sent <= 63 - sent
    other = folder(tmp_path / "other")
    checkpoints.restore("gs://lab", RUN, other, say=lambda words: None)
    assert work(other) == work(run)


def test_two_machines_that_go_on_with_one_run_are_found_out(there: Bucket, tmp_path: Path) -> None:
    one, two = folder(tmp_path / "one", a="1"), folder(tmp_path / "two", a="2")
    first, second = Saver(one, there), Saver(two, there)
    second.save()
    with pytest.raises(Conflict, match="another machine"):
        first.save()


def test_files_that_change_while_they_are_copied_are_never_mixed(
    url: str, there: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    run, times, real = folder(tmp_path / "one", a="1", b="1"), iter("2345"), shutil.copyfile

    def changing(source: Path, target: Path) -> Path:
        copied = real(source, target)
        if number := next(times, ""):
            for name in ("a", "b"):
                (run / "work" / "deep" / name).write_text(number * (2 if number == "3" else 1))
        return Path(copied)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", changing)
        Saver(run, there).save()
    found = {path.name: path.read_bytes() for path in (run / "work" / "deep").iterdir()}
    assert found["a"] == found["b"] == b"5"
    value = json.loads(there.read(f"{RUN}/manifest.json").data)["files"]
    assert value["work/deep/a"] == value["work/deep/b"]


def test_events_and_log_that_were_mirrored_further_can_be_left(url: str, there: Bucket, tmp_path: Path) -> None:
    assert not checkpoints.saved(url)
    Saver(folder(tmp_path / "one", a="weights"), there).save()
    other = folder(tmp_path / "two", b="old")
    (other / "log.txt").write_text("one\ntwo\nthree\n")
    (other / "artifacts" / "made").write_text("1")
    found = checkpoints.restore(url, RUN, other, say=lambda words: None, only_work=True)
    assert found and found.files == 1 and [found.at] == [one.at for one in checkpoints.saved(url)]
    assert work(other) == {"a": "weights"} and (other / "artifacts" / "made").exists()
    assert (other / "log.txt").read_text() == "one\ntwo\nthree\n"


def test_nothing_saved_is_nothing_taken_back(url: str, tmp_path: Path) -> None:
    run = folder(tmp_path, a="here")
    assert checkpoints.restore(url, RUN, run) is None and work(run) == {"a": "here"}


@pytest.mark.parametrize("name", ["../x", "/etc/x", "work/../../x", "lock", "work"])
def test_a_manifest_that_leads_out_of_the_run_is_refused(url: str, there: Bucket, tmp_path: Path, name: str) -> None:
    value = {"format": 1, "run": RUN, "at": 0, "files": {name: {"sha256": "0" * 64, "size": 1}}}
    there.write(f"{RUN}/manifest.json", json.dumps(value).encode())
    with pytest.raises(DataError, match="none of a run"):
        checkpoints.restore(url, RUN, folder(tmp_path / "here"))
    there.write(f"{RUN}/manifest.json", b"half a mani")
    with pytest.raises(DataError, match="no manifest"):
        checkpoints.restore(url, RUN, folder(tmp_path / "here"))


def test_what_is_forgotten_is_gone_and_another_runs_is_not(url: str, there: Bucket, tmp_path: Path) -> None:
    Saver(folder(tmp_path, a="1"), there).save()
    there.write("20260203-101522-toy-ffff/manifest.json", b"{}")
    assert checkpoints.forget(url, RUN) == 5
    assert there.list() == ["20260203-101522-toy-ffff/manifest.json"]


def started(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FOOTPLATE_CHECKPOINT_S", "0.1")
    return lab.toy(workspace, "steps=100000", "seconds_per_step=0.02", "compute.checkpoints=gs://lab/saved")


def keepers(run: Run) -> list[int]:
    """Processes that save checkpoints of a run."""
    found = psutil.process_iter(["cmdline"])
    return [one.pid for one in found if {"engine.checkpointing", str(run.folder)} <= {*(one.info["cmdline"] or ())}]


def test_a_run_that_asks_for_it_is_saved_while_it_goes_on_and_goes_on_elsewhere(
    workspace: Workspace, cloud: Gcs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = started(workspace, monkeypatch)
    objects = cloud.holdings.buckets["lab"]
    lab.until(lambda: f"saved/{run.id}/manifest.json" in objects, "a checkpoint")
    assert len(keepers(run)) == 1
    status = run.status()
    for number in (status.job_pid, status.pid):
        os.kill(number, signal.SIGKILL)
    lab.until(lambda: run.status().state == "lost", "it is lost")
    lab.until(lambda: not keepers(run), "its keeper ends with it")
    before = lab.says(run, "Progress")
    checkpoints.restore("gs://lab/saved", run.id, run.folder, say=lambda words: None)
    assert lab.says(run, "Progress") <= before and any((run.folder / "work").iterdir())
    launch.resume(workspace, run)
    lab.until(lambda: run.status().state == "running" and run.status().attempt == 2, "it goes on")
    lab.until(lambda: run.status().done > 1, "it does a step")
    assert run.status().done_before > 0


def test_a_bucket_that_cannot_be_reached_is_said_in_the_log_and_the_run_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    run = started(workspace, monkeypatch)
    lab.until(lambda: "checkpoint: not saved: gs://lab/saved: nobody is logged in" in run.log.read_text(), "why not")
    assert run.status().state == "running"


def test_a_shell_takes_a_checkpoint_back(url: str, there: Bucket, tmp_path: Path) -> None:
    Saver(folder(tmp_path / "one", a="weights"), there).save()
    other = folder(tmp_path / "runs" / "runs")
    words = [sys.executable, "-m", "engine.checkpointing", "--restore", str(other), url]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=lab.ROOT)
    assert done.returncode == 0 and "4 files taken back" in done.stdout, done.stderr
    assert work(other) == {"a": "weights"}


def test_a_run_that_is_stopped_is_saved_once_more(
    workspace: Workspace, cloud: Gcs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FOOTPLATE_CHECKPOINT_S", "3600")
    run = lab.toy(workspace, *lab.ENDLESS, "compute.checkpoints=gs://lab/saved")
    lab.until(lambda: run.status().done > 3, "some steps")
    assert not cloud.holdings.buckets["lab"]
    request_stop(run)
    assert lab.ended(run).state == "stopped"
    other = tmp_path / "other" / run.id
    found = checkpoints.restore("gs://lab/saved", run.id, other, say=lambda words: None)
    assert found and work(other) == {name: text for name, text in work(run.folder).items() if not name.startswith(".")}
