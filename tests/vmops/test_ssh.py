"""Commands on a machine, over a real sshd: what they answer, how they share a connection, what stays behind."""

from __future__ import annotations

import itertools
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests import outside, sshd
from tests.lab import ROOT, until
from tests.sshd import Sshd
from vmops import ssh, sshmaster
from vmops.errors import Cut, DiskFull, Failed, Missing, OutsideError, Refused

NUMBERS = itertools.count(os.getpid() * 100)
pytestmark = outside.needs("ssh", "sshd", "ssh-keygen")

NASTY = [
    "$(touch executed)",
    "`touch executed`",
    "a b",
    "it's",
    'say "x"',
    "line\nbreak",
    "-n",
    "; touch executed",
    "*",
    "~",
    "é",
    "\\",
    "",
]


@pytest.fixture
def nap() -> str:
    """Seconds for which nobody else sleeps."""
    return str(next(NUMBERS))


@pytest.fixture
def machine() -> Iterator[Sshd]:
    with sshd.running() as made:
        yield made


def test_words_arrive_as_they_are_and_nothing_is_executed(machine: Sshd) -> None:
    host = machine.trusted()
    done = ssh.run(host, ["printf", "%s\\0", *NASTY])
    assert done.out.decode().split("\0")[:-1] == NASTY
    assert not list(machine.home.iterdir())


def test_data_goes_by_standard_input_byte_for_byte(machine: Sshd) -> None:
    data = bytes(range(256)) * 4096
    assert ssh.run(machine.trusted(), ["cat"], data=data).out == data


def test_a_command_that_fails_says_so_in_its_own_words(machine: Sshd) -> None:
    host = machine.trusted()
    with pytest.raises(Failed, match="with 3: that was wrong") as failed:
        ssh.run(host, ["sh", "-c", "echo that was wrong >&2; exit 3"])
    assert failed.value.code == 3
    assert ssh.run(host, ["sh", "-c", "exit 255"], check=False).code == 254, "255 is ssh's own"
    with pytest.raises(Missing, match="nothing-of-the-kind is not installed there"):
        ssh.run(host, ["nothing-of-the-kind"])
    with pytest.raises(DiskFull, match="its disk is full"):
        ssh.run(host, ["sh", "-c", "cat > /dev/full"], data=b"x" * 100_000)


# --- one connection for all --------------------------------------------------------------------------------------


def test_all_commands_share_one_connection(machine: Sshd) -> None:
    host = machine.trusted()
    for _ in range(3):
        ssh.run(host, ["true"])
    threads = [threading.Thread(target=ssh.run, args=(host, ["true"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert machine.logins() == 1


def test_many_that_connect_at_once_make_one_connection(machine: Sshd) -> None:
    host = machine.trusted()
    threads = [threading.Thread(target=ssh.run, args=(host, ["true"])) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert machine.logins() == 1
    assert len(masters(host)) == 1


def test_a_killed_connection_is_noticed_and_made_anew(machine: Sshd) -> None:
    host = machine.trusted()
    ssh.run(host, ["true"])
    [master] = masters(host)
    master.kill()
    until(lambda: not masters(host), "it is gone")
    assert sshmaster.socket_path(host).exists(), "its socket stays behind"
    assert ssh.run(host, ["echo", "again"]).text == "again\n"
    assert len(masters(host)) == 1


def test_more_commands_at_once_than_a_connection_takes_still_run(machine: Sshd) -> None:
    machine.stop()
    machine.write(MaxSessions="2")
    machine.start()
    host, answers = machine.trusted(), []
    both = ["sh", "-c", "sleep 0.5; echo ran"]
    threads = [threading.Thread(target=lambda: answers.append(ssh.run(host, both).text)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["ran\n"] * 5


def test_sockets_lie_in_a_private_folder_under_short_names(machine: Sshd) -> None:
    host = machine.trusted()
    path = sshmaster.connected(host)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(os.fsencode(path)) <= 100
    path.parent.chmod(0o755)
    ssh.run(host, ["true"])
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    default = sshmaster.socket_path(replace(host, control=None))
    assert len(os.fsencode(default)) <= 100 and stat.S_IMODE(default.parent.stat().st_mode) == 0o700
    with pytest.raises(Refused, match="too long for a socket"):
        ssh.run(replace(host, control=machine.folder / ("x" * 80)), ["true"])


def test_a_folder_of_sockets_that_is_a_link_is_not_trusted(machine: Sshd) -> None:
    (machine.folder / "link").symlink_to(machine.home)
    with pytest.raises(Refused, match="not a folder of this user"):
        ssh.run(replace(machine.trusted(), control=machine.folder / "link"), ["true"])


# --- what is cut, and what stays behind --------------------------------------------------------------------------


def test_a_connection_that_is_cut_in_the_middle_is_told(machine: Sshd, nap: str) -> None:
    host = machine.trusted()
    with during(nap, machine.cut), pytest.raises(Cut, match="the connection ended in the middle"):
        ssh.run(host, ["sleep", nap], timeout_s=60)


def test_a_machine_that_freezes_is_noticed(machine: Sshd, nap: str) -> None:
    """Its kernel still takes what we send, as one does whose disk hangs; nothing answers."""
    host = machine.trusted()

    def freeze() -> None:
        for process in machine.connections():
            process.send_signal(signal.SIGSTOP)

    with during(nap, freeze), pytest.raises(Cut):
        ssh.run(host, ["sleep", nap], timeout_s=60)


def test_a_command_that_does_not_end_is_given_up_here_and_there(machine: Sshd, nap: str) -> None:
    with pytest.raises(OutsideError, match="no answer within 1 s"):
        ssh.run(machine.trusted(), ["sleep", nap], timeout_s=1)
    until(lambda: not running(nap), "it ends there as well")


def test_whoever_is_killed_leaves_nothing_behind(machine: Sshd, tmp_path: Path) -> None:
    """The ssh of a mirror and the program on the machine end when the process that wanted them is killed."""
    host = machine.trusted()
    code = (
        "import sys; from pathlib import Path; from vmops import mirror, ssh\n"
        f"host = ssh.Host('gpu-1', '127.0.0.1', port={host.port}, key={host.key!r}, options={host.options!r},"
        f" known_hosts=Path({str(host.known_hosts)!r}), control=Path({str(host.control)!r}))\n"
        "for said in mirror.follow(host, 'run', {'log.txt': mirror.Mark()}): print(said, flush=True)\n"
    )
    follower = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert follower.stdout is not None
    until(lambda: "Beat" in follower.stdout.readline(), "it follows")
    assert clients(host)
    follower.kill()
    follower.wait()
    until(lambda: not clients(host), "its ssh is gone")
    until(lambda: not running_there(machine), "the program there is gone")


def masters(host: ssh.Host) -> list[psutil.Process]:
    """The processes that hold a shared connection to a machine."""
    return [one for one in sshes(host) if "ControlMaster=yes" in one.info["cmdline"]]


def clients(host: ssh.Host) -> list[psutil.Process]:
    """The processes of ssh that speak through a shared connection."""
    return [one for one in sshes(host) if "ControlMaster=no" in one.info["cmdline"]]


def sshes(host: ssh.Host) -> list[psutil.Process]:
    """Every ssh that knows the socket of a machine's connection."""
    path = str(sshmaster.socket_path(host))
    return [one for one in all_processes() if one.info["name"] == "ssh" and path in one.info["cmdline"]]


def running(word: str) -> list[psutil.Process]:
    """Processes with a word on their command line, but for ssh's."""
    return [one for one in all_processes() if one.info["name"] != "ssh" and word in one.info["cmdline"]]


def running_there(machine: Sshd) -> list[psutil.Process]:
    """The processes that mirror a folder of this machine."""
    mirrors = running("<mirror>")
    return [one for one in mirrors if one.environ().get("HOME") == str(machine.home)]


def all_processes() -> list[psutil.Process]:
    """Every process, with its name and its words."""
    found = psutil.process_iter(["name", "cmdline", "status"])
    return [one for one in found if one.info["cmdline"] and one.info["status"] != psutil.STATUS_ZOMBIE]


@contextmanager
def during(nap: str, act: Callable[[], object]) -> Iterator[None]:
    """Do something as soon as a command sleeps on a machine."""

    def wait() -> None:
        until(lambda: running(nap), "the command runs")
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    yield
    thread.join()
