"""The watchdog as a process: notices, idleness, limits."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.metadata import TOKEN, Metadata
from tests.lab import until
from tests.vmops.watched import SOON, Dog, active, dog, notices, smi
from vmops import watchdog

PROGRAM = Path(watchdog.__file__)

__all__ = ["dog", "notices"]


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
