"""Who counts as logged in: people, and our own commands at work; not our connection that rests or follows a run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import outside, sshd
from tests.lab import until
from tests.sshd import Sshd
from vmops import mirrorlink, ssh, watchdog
from vmops.sshhost import interactive

needs_sshd = outside.needs("ssh", "sshd", "ssh-keygen")


@pytest.fixture
def machine() -> Iterator[Sshd]:
    with sshd.running() as made:
        made.trusted()
        ours(made).mkdir(parents=True)
        yield made


def ours(machine: Sshd) -> Path:
    return machine.home / "footplate" / "watchdog" / "ours"


def logins(machine: Sshd, ours: Path | None) -> watchdog.Logins:
    return watchdog.Logins(machine.port, "127.0.0.1", 0, ours)


@contextmanager
def process(words: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Something that goes on until the block ends."""
    one = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    try:
        yield one
    finally:
        one.kill()
        one.wait()


@needs_sshd
def test_our_connection_that_rests_or_follows_is_no_login(machine: Sshd) -> None:
    told = logins(machine, ours(machine))
    ssh.run(machine.host, ["true"])
    assert len(list(ours(machine).iterdir())) == 1
    until(lambda: told.count() == 0, "what rests is no login")
    assert logins(machine, None).count() == 1, "and would be one, were it not ours"
    following = mirrorlink.connection(machine.host, "~/footplate", {}, ["status.json"])
    next(following)
    assert told.count() == 0
    following.close()


@needs_sshd
def test_a_follower_that_has_to_connect_anew_tells_whose_it_is(machine: Sshd) -> None:
    following = mirrorlink.connection(machine.host, "~/footplate", {}, ["status.json"])
    next(following)
    assert len(list(ours(machine).iterdir())) == 1
    assert logins(machine, ours(machine)).count() == 0
    following.close()
    ssh.disconnect(machine.host)
    told = logins(machine, ours(machine))
    until(lambda: told.count() == 0 and not list(ours(machine).iterdir()), "who has gone is forgotten")


@needs_sshd
def test_our_command_at_work_counts_and_so_does_a_person(machine: Sshd) -> None:
    told = logins(machine, ours(machine))
    ssh.run(machine.host, ["true"])
    with process(ssh.command(machine.host, ["cat"])):  # which ends with its input
        until(lambda: told.count() == 1, "what works there is a use of the machine")
    until(lambda: told.count() == 0, "and is none when it is over")
    with process([*interactive(machine.host), "-N", "--", machine.host.address]):
        until(lambda: told.count() == 1, "somebody's tunnel is a login, though nothing works there")


def sockets(*names: str) -> dict[str, str]:
    return {name: f"10.0.0.1 {number}" for number, name in enumerate(names)}


@pytest.mark.parametrize(
    ("served", "count"),
    [
        ([(None, True)], 0),  # ours rests
        ([(None, False)], 1),  # ours works
        ([(None, True), (None, True)], 1),  # another one rests beside it: somebody's tunnel
        ([(None, True), (None, False)], 1),
        ([({"7"}, True)], 0),
        ([({"7"}, False)], 1),
        ([({"8"}, True)], 1),  # not ours
    ],
)
def test_where_only_root_may_look_processes_are_counted(
    served: list[tuple[set[str] | None, bool]], count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sockets("7", "8")
    (tmp_path / found["7"]).touch()
    (tmp_path / "10.9.9.9 1").touch()
    monkeypatch.setattr(watchdog, "connections", lambda *_: found)
    monkeypatch.setattr(watchdog, "sessions", lambda: served)
    assert watchdog.Logins(22, "", 1e9, tmp_path).count() == count
    assert [mark.name for mark in tmp_path.iterdir()] == [found["7"]], "of a connection that has gone nothing stays"


@pytest.mark.parametrize(
    ("kernel", "sshd"),
    [
        ("0100007F:D431", "127.0.0.1 54321"),
        ("0000000000000000FFFF00000100007F:0016", "127.0.0.1 22"),
        ("B80D0120000000000000000001000000:0016", "2001:db8::1 22"),
    ],
)
@pytest.mark.skipif(sys.byteorder == "big", reason="these are lines of a little-endian kernel")
def test_an_address_of_the_kernel_is_one_of_sshds(kernel: str, sshd: str) -> None:
    assert watchdog.peer(kernel) == sshd
