"""What goes wrong around a watchdog: kills, damage, full disks, bad settings."""

from __future__ import annotations

import ast
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.metadata import Metadata
from tests.lab import until
from tests.vmops.watched import SOON, Dog, active, dog, notices, program
from vmops import watchdog

PROGRAM = Path(watchdog.__file__)

__all__ = ["dog", "notices"]


def test_of_two_that_start_at_once_one_lives(dog: Dog) -> None:
    one = dog()
    others = [one.start() for _ in range(3)]
    everybody = [one.process, *others]
    until(lambda: sum(process.poll() is None for process in everybody) == 1, "one is left")
    assert all(process.poll() in (None, 0) for process in everybody)
    [left] = [process for process in everybody if process.poll() is None]
    until(lambda: one.state().get("pid") == left.pid, "and it watches")
    left.kill()
    left.wait()


def test_killed_at_any_moment_it_goes_on_counting(dog: Dog) -> None:
    one = dog(idle_minutes=60)
    for _ in range(5):
        before = until(lambda: watchdog.read(one.folder / "dog" / "life.json"), "it counts")
        one.again()
        after = watchdog.read(one.folder / "dog" / "life.json")
        assert after["stretch_s"] >= before["stretch_s"] and after["idle_s"] >= before["idle_s"]
        assert after["first_seen"] == before["first_seen"]


def test_damaged_files_of_its_own_do_not_keep_it_from_watching(dog: Dog, tmp_path: Path) -> None:
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "life.json").write_text('{"at": "yesterday", "boot_id": "boot-1", "mono": NaN, "idle_s": {}}')
    one = dog(idle_minutes=SOON, grace_minutes=0)
    until(lambda: one.stopped, "it stops the idle machine")


def test_a_folder_that_takes_nothing_does_not_keep_it_from_stopping_the_machine(dog: Dog, tmp_path: Path) -> None:
    one = dog(idle_minutes=None)
    until(one.state, "it watches")
    one.process.kill()
    one.process.wait()
    for name in ("state.json", "life.json"):
        (tmp_path / "dog" / name).unlink()
        (tmp_path / "dog" / name).mkdir()
    one.change(idle_minutes=SOON, grace_minutes=0)
    one.process = one.start()
    until(lambda: one.stopped, "it stops the idle machine")
    assert "cannot write its state" in one.log() and not list((tmp_path / "dog").glob(".*.part"))


def test_on_a_full_disk_word_is_left_without_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    lock = active(tmp_path, "busy")
    monkeypatch.setattr(os, "fsync", full)
    stop = tmp_path / "work" / "busy" / "stop"
    assert watchdog.request_stops(str(tmp_path / "work" / "*"), "preempted") == [str(stop.parent)]
    assert stop.read_bytes() == b"" and [path.name for path in sorted(stop.parent.iterdir())] == ["lock", "stop"]
    os.close(lock)


def test_the_cloud_is_told_again_what_it_did_not_take_and_never_so_often_that_it_misses_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    failing = [OSError("503"), OSError("503")]

    def tell(host: str, state: dict[str, Any]) -> None:
        told.append(state)
        if failing:
            raise failing.pop()

    monkeypatch.setattr(watchdog, "tell", tell)
    one = watchdog.Watch({**watchdog.DEFAULTS, "folder": tmp_path, "boot_id": "boot-1"})
    for _ in range(4):
        one.publish(one.state(["run a"], []))
    assert len(told) == 3, "refused twice, taken, and then nothing was new"
    assert (tmp_path / "log.txt").read_text().count("could not tell the cloud") == 1
    for percent in range(20):
        one.publish(one.state([f"GPU {percent} %"], []))
    assert len(told) == watchdog.MOST_TELLS
    one.preempted_at = 1.0
    one.publish(one.state(["GPU 20 %"], []))
    assert told[-1]["preempted_at"] == 1.0


@pytest.mark.parametrize(
    ("text", "said"),
    [("[]", "expected an object"), ("{", "watchdog"), ('{"idle_minutes": "soon"}', "idle_minutes: expected a number")],
)
def test_bad_settings_are_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    done = subprocess.run([sys.executable, str(PROGRAM), "run", str(path)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and said in done.stderr and str(path) in done.stderr


@pytest.mark.parametrize(("systemd", "asks"), [("running", False), ("stopping", True)])
def test_when_it_is_ended_it_asks_for_checkpoints_only_if_the_machine_goes_down(
    dog: Dog, tmp_path: Path, systemd: str, asks: bool
) -> None:
    program(tmp_path, "systemctl", f"echo {systemd}")
    lock = active(tmp_path, "busy")
    one = dog()
    until(one.state, "it watches")
    one.process.send_signal(signal.SIGTERM)
    if asks:
        until((tmp_path / "work" / "busy" / "stop").exists, "it asks")
        assert one.process.poll() is None, "and waits"
    os.close(lock)
    assert one.process.wait(30) == 0
    assert (tmp_path / "work" / "busy" / "stop").exists() is asks


def test_ended_together_with_the_notice_it_still_asks(dog: Dog, notices: Metadata, tmp_path: Path) -> None:
    lock = active(tmp_path, "busy")
    one = dog(metadata=notices.url)
    until(one.state, "it watches")
    with notices.changed:  # nobody wakes who waits for a change: the power button is quicker than the notice
        notices.values["instance/preempted"] = "TRUE"
        one.process.send_signal(signal.SIGTERM)
    stop = tmp_path / "work" / "busy" / "stop"
    assert until(lambda: watchdog.read(stop), "it is asked")["reason"] == "preempted"
    os.close(lock)
    assert one.process.wait(30) == 0


def test_it_needs_nothing_but_python_3_8() -> None:
    tree = ast.parse(PROGRAM.read_text(), feature_version=(3, 8))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert {name.partition(".")[0] for name in names} <= set(sys.stdlib_module_names)
