"""The watchdog as a process: notices, idleness, limits, and whatever goes wrong around it."""

from __future__ import annotations

import ast
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.metadata import TOKEN, Metadata, metadata
from tests.lab import until
from vmops import watchdog

PROGRAM = Path(watchdog.__file__)
SOON = 0.02  # minutes
Dog = Callable[..., "Watched"]


class Watched:
    """A watchdog that runs on a machine which is a folder."""

    def __init__(self, folder: Path, path: str, settings: dict[str, Any]) -> None:
        self.folder, self.path = folder, path
        self.settings = folder / "watchdog.json"
        self.settings.write_text(json.dumps({**self.defaults(), **settings}))
        self.process = self.start()

    def defaults(self) -> dict[str, Any]:
        stop = [sys.executable, "-c", f"open({str(self.folder / 'stopped')!r}, 'a').write('x')"]
        return {
            "folder": str(self.folder / "dog"), "stop_glob": str(self.folder / "work" / "*"), "metadata": "",
            "idle_minutes": None, "every_s": 0.05, "ssh_port": 1, "stop": stop, "boot_id": "boot-1", "warn_minutes": 0,
        }  # fmt: skip

    def start(self) -> subprocess.Popen[bytes]:
        environment = {"PATH": self.path}
        return subprocess.Popen([sys.executable, str(PROGRAM), "run", str(self.settings)], env=environment)

    def again(self) -> None:
        """Killed, and started once more."""
        self.process.kill()
        self.process.wait()
        self.process = self.start()
        until(lambda: self.state().get("pid") == self.process.pid, "the new one watches")

    def change(self, **settings: Any) -> None:
        self.settings.write_text(json.dumps({**json.loads(self.settings.read_text()), **settings}))

    def state(self) -> dict[str, Any]:
        return watchdog.read(self.folder / "dog" / "state.json")

    def log(self) -> str:
        path = self.folder / "dog" / "log.txt"
        return path.read_text() if path.exists() else ""

    @property
    def stopped(self) -> bool:
        return (self.folder / "stopped").exists()

    def watched_for(self, seconds: float) -> bool:
        """Whether it has looked around for so long."""
        state = self.state()
        return bool(state) and state["at"] - state["first_seen"] > seconds


@pytest.fixture
def dog(tmp_path: Path) -> Iterator[Dog]:
    """Starts a watchdog; none outlives the test. No nvidia-smi is on its path unless the test puts one there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    with ExitStack() as started:

        def start(**settings: Any) -> Watched:
            one = Watched(tmp_path, str(programs), settings)
            started.callback(lambda: (one.process.kill(), one.process.wait()))
            return one

        yield start


@pytest.fixture
def notices() -> Iterator[Metadata]:
    with metadata() as server:
        yield server


def active(folder: Path, name: str) -> int:
    """Somebody works in a folder, until what is returned is closed."""
    (folder / "work" / name).mkdir(parents=True)
    file = os.open(folder / "work" / name / "lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def program(folder: Path, name: str, words: str) -> None:
    """A program of the machine that says what the test wants."""
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)


def smi(folder: Path, words: str) -> None:
    program(folder, "nvidia-smi", words)


# --- preemption ------------------------------------------------------------------------------------------------------


def test_a_notice_reaches_only_those_who_work(dog: Dog, notices: Metadata, tmp_path: Path) -> None:
    lock = active(tmp_path, "busy")
    os.close(active(tmp_path, "idle"))
    one = dog(metadata=notices.url)
    until(lambda: one.state().get("busy") == ["run busy"], "it sees who works")
    notices.preempt()
    stop = tmp_path / "work" / "busy" / "stop"
    asked = until(lambda: watchdog.read(stop), "it is asked")
    assert (asked["reason"], asked["now"]) == ("preempted", False)
    assert not (tmp_path / "work" / "idle" / "stop").exists()
    until(lambda: one.state()["preempted_at"], "the state says so")
    os.close(lock)


def test_who_begins_after_the_notice_is_asked_as_well(dog: Dog, notices: Metadata, tmp_path: Path) -> None:
    notices.preempt()
    one = dog(metadata=notices.url)
    until(lambda: one.state().get("preempted_at"), "the notice is seen though it came before")
    lock = active(tmp_path, "late")
    until((tmp_path / "work" / "late" / "stop").exists, "the late one is asked")
    os.close(lock)


def test_a_request_that_is_there_already_stays(dog: Dog, notices: Metadata, tmp_path: Path) -> None:
    lock = active(tmp_path, "busy")
    stop = tmp_path / "work" / "busy" / "stop"
    stop.write_text('{"reason": "asked"}')
    one = dog(metadata=notices.url)
    notices.preempt()
    until(lambda: one.state().get("preempted_at"), "the notice is seen")
    assert stop.read_text() == '{"reason": "asked"}'
    os.close(lock)


def test_a_metadata_server_that_fails_is_asked_again(dog: Dog, notices: Metadata, tmp_path: Path) -> None:
    lock = active(tmp_path, "busy")
    notices.failing = 3
    one = dog(metadata=notices.url)
    until(lambda: "503" in one.log(), "it says that there is no word")
    notices.preempt()
    until((tmp_path / "work" / "busy" / "stop").exists, "it hears the notice all the same")
    until(lambda: one.state()["problems"] == [], "and takes its complaint back")
    os.close(lock)


def test_without_a_metadata_server_the_rest_goes_on(dog: Dog) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        port = nobody.getsockname()[1]
    one = dog(metadata=f"http://127.0.0.1:{port}", idle_minutes=SOON, grace_minutes=0)
    until(lambda: one.stopped, "it stops the idle machine")
    assert "metadata server" in str(until(lambda: one.state()["problems"], "it says what is wrong"))


@pytest.mark.parametrize(("notice", "reason"), [(True, "preempted"), (False, "shutdown")])
def test_the_shutdown_script_tells_preemption_from_a_stop(
    dog: Dog, notices: Metadata, tmp_path: Path, notice: bool, reason: str
) -> None:
    one = dog(metadata="")
    one.change(metadata=notices.url)
    if notice:
        notices.preempt()
    lock = active(tmp_path, "busy")
    script = subprocess.Popen([sys.executable, str(PROGRAM), "preempted", str(one.settings)])
    stop = tmp_path / "work" / "busy" / "stop"
    assert until(lambda: watchdog.read(stop), "it is asked")["reason"] == reason
    assert script.poll() is None, "the script waits for the checkpoint"
    os.close(lock)
    assert script.wait(30) == 0


# --- idleness --------------------------------------------------------------------------------------------------------


def test_an_idle_machine_is_stopped_and_warned_of_before(dog: Dog) -> None:
    one = dog(idle_minutes=SOON, grace_minutes=0, warn_minutes=1)
    until(lambda: one.stopped, "it is stopped")
    lines = [line.partition(" ")[2] for line in one.log().splitlines()]
    assert lines[1].startswith("stop in") and lines[2].startswith("stop: no run, no login and no GPU")


def test_a_run_keeps_the_machine(dog: Dog, tmp_path: Path) -> None:
    lock = active(tmp_path, "busy")
    one = dog(idle_minutes=SOON, grace_minutes=0)
    until(lambda: one.watched_for(2 * SOON * 60), "it has watched for longer than that")
    assert not one.stopped and one.state()["why"] == "in use: run busy"
    os.close(lock)
    until(lambda: one.stopped, "it is stopped when the run is over")


def test_a_login_keeps_the_machine(dog: Dog) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            one = dog(idle_minutes=SOON, grace_minutes=0, ssh_port=port, login_grace_s=0)
            until(lambda: one.watched_for(2 * SOON * 60), "it has watched for longer than that")
            assert not one.stopped and one.state()["busy"] == ["1 ssh login"]
        until(lambda: one.stopped, "it is stopped after the logout")


def test_a_login_to_another_machine_of_this_computer_does_not_count(dog: Dog) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            assert watchdog.Logins(port, "127.0.0.1", 0).count() == 1
            one = dog(idle_minutes=SOON, grace_minutes=0, ssh_port=port, ssh_address="127.0.0.7", login_grace_s=0)
            until(lambda: one.stopped, "it is stopped")


def test_who_only_knocks_and_does_not_log_in_keeps_no_machine(dog: Dog) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            one = dog(idle_minutes=SOON, grace_minutes=0, ssh_port=port, ssh_address="127.0.0.1")
            until(lambda: one.stopped, "it is stopped")


@pytest.mark.parametrize(
    ("title", "login"),
    [
        ("sshd: ana@pts/0", True), ("sshd: ana@notty", True), ("sshd-session: ana@pts/1", True), ("sshd: ana", True),
        ("sshd: ana [priv]", False), ("sshd: root [net]", False), ("sshd: [accepted]", False),
        ("sshd: unknown [priv]", False),
        ("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", False),
    ],
)  # fmt: skip
def test_sshd_tells_in_its_title_whether_somebody_is_logged_in(title: str, login: bool) -> None:
    assert bool(watchdog.LOGGED_IN.match(title)) == login


def test_a_gpu_at_work_keeps_the_machine(dog: Dog, tmp_path: Path) -> None:
    smi(tmp_path, "echo 2; echo 40")
    one = dog(idle_minutes=SOON, grace_minutes=0)
    until(lambda: one.watched_for(2 * SOON * 60), "it has watched for longer than that")
    assert not one.stopped and one.state()["busy"] == ["GPU 40 %"]
    smi(tmp_path, "echo 4")
    until(lambda: one.stopped, "it is stopped when the GPU rests")


def test_a_driver_that_does_not_answer_is_said_and_counts_as_no_work(dog: Dog, tmp_path: Path) -> None:
    smi(tmp_path, "echo 'NVIDIA-SMI has failed'; exit 9")
    one = dog(idle_minutes=SOON, grace_minutes=0)
    until(lambda: one.stopped, "it is stopped")
    assert "NVIDIA-SMI has failed" in one.state()["problems"][0]


def test_a_machine_is_not_stopped_soon_after_its_boot(dog: Dog) -> None:
    one = dog(idle_minutes=SOON, grace_minutes=60)
    until(lambda: one.watched_for(2 * SOON * 60), "it has watched for longer than that")
    assert not one.stopped and one.state()["why"].startswith("idle: stops itself in 3")


def test_a_stop_that_fails_is_said(dog: Dog) -> None:
    one = dog(idle_minutes=SOON, grace_minutes=0, stop=["/bin/sh", "-c", "echo no right; exit 1"])
    assert "no right" in until(lambda: one.state().get("problems"), "it says what is wrong")[0]


# --- limits ----------------------------------------------------------------------------------------------------------


def test_the_limit_of_a_life_asks_runs_first(dog: Dog, tmp_path: Path) -> None:
    lock = active(tmp_path, "busy")
    one = dog(max_hours=SOON / 60)
    stop = tmp_path / "work" / "busy" / "stop"
    assert until(lambda: watchdog.read(stop), "it is asked")["reason"] == "limit"
    assert not one.stopped
    os.close(lock)
    until(lambda: one.stopped, "it is stopped after the checkpoint")


def test_a_machine_that_may_not_delete_itself_says_so_and_stops(dog: Dog, notices: Metadata) -> None:
    notices.deletes = 403
    one = dog(metadata=notices.url, compute=notices.url, delete_after_hours=SOON / 60, grace_minutes=0)
    until(lambda: one.stopped, "it stops instead")
    assert "service account has no right" in until(lambda: one.state()["problems"], "it says why")[0]


def test_a_forgotten_machine_deletes_itself_with_its_own_rights(dog: Dog, notices: Metadata) -> None:
    one = dog(metadata=notices.url, compute=notices.url, delete_after_hours=SOON / 60, grace_minutes=0)
    until(lambda: notices.asked, "the cloud is asked")
    path = "/compute/v1/projects/77/zones/us-central1-a/instances/gpu-1"
    assert notices.asked[0] == ("DELETE", path, "Bearer secret") and not one.stopped


def test_without_a_service_account_it_is_stopped(dog: Dog, notices: Metadata) -> None:
    del notices.values[TOKEN]
    one = dog(metadata=notices.url, compute=notices.url, delete_after_hours=SOON / 60, grace_minutes=0)
    until(lambda: one.stopped, "it stops instead")


def test_a_stop_may_be_a_request_over_http(dog: Dog, notices: Metadata) -> None:
    dog(idle_minutes=SOON, grace_minutes=0, stop={"post": f"{notices.url}/machines/gpu-1/stop"})
    until(lambda: notices.asked == [("POST", "/machines/gpu-1/stop", "")], "it is asked to stop it")


# --- what goes wrong around it ---------------------------------------------------------------------------------------


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
