"""What keeps us from a machine is told in words that say what to do, and nothing waits for ever."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import outside, sshd
from tests.sshd import Sshd
from vmops import hostkeys, ssh, sshhost, sshmaster, sshwords
from vmops.errors import (
    Cut,
    DiskFull,
    HostKeyChanged,
    HostKeyUnknown,
    LoginRefused,
    Missing,
    OutsideError,
    Refused,
    Unreachable,
)

pytestmark = outside.needs("ssh", "sshd", "ssh-keygen")


@pytest.fixture
def machine() -> Iterator[Sshd]:
    with sshd.running() as made:
        yield made


# --- host keys ---------------------------------------------------------------------------------------------------


def test_a_host_key_is_taken_only_when_somebody_vouches_for_it(machine: Sshd) -> None:
    with pytest.raises(HostKeyUnknown, match="nobody has confirmed") as refused:
        ssh.run(machine.host, ["true"])
    assert "fingerprint" in refused.value.hint
    key = hostkeys.offered(machine.host)
    assert key == hostkeys.parse((machine.folder / "host_key.pub").read_text())
    assert key.fingerprint in fingerprint(machine)
    assert not hostkeys.known(machine.host), "looking is not trusting"
    hostkeys.trust(machine.host, key.line)
    assert ssh.run(machine.host, ["echo", "in"]).text == "in\n"
    assert hostkeys.known(machine.host) == [key]


def fingerprint(machine: Sshd) -> str:
    """What ssh-keygen, which we do not use for it, says of the key."""
    import subprocess

    words = ["ssh-keygen", "-l", "-f", machine.folder / "host_key.pub"]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


def test_another_machine_behind_the_same_name_is_refused(machine: Sshd) -> None:
    host = machine.trusted()
    ssh.run(host, ["true"])
    machine.stop()
    machine.new_key()
    machine.start()
    with pytest.raises(HostKeyChanged, match="another host key than it had"):
        ssh.run(host, ["true"])
    hostkeys.forget(host)
    with pytest.raises(HostKeyUnknown):
        ssh.run(host, ["true"])
    assert ssh.run(machine.trusted(), ["echo", "in"]).text == "in\n"


def test_a_key_belongs_to_a_name_and_not_to_an_address(machine: Sshd) -> None:
    host = machine.trusted()
    with pytest.raises(HostKeyUnknown):
        ssh.run(replace(host, name="gpu-2"), ["true"])
    assert ssh.run(replace(host, address="localhost"), ["echo", "in"]).text == "in\n"


def test_trust_in_one_machine_leaves_that_in_others(machine: Sshd) -> None:
    other = replace(machine.host, name="gpu-2")
    line = (machine.folder / "host_key.pub").read_text()
    hostkeys.trust(other, line)
    hostkeys.trust(machine.host, line)
    hostkeys.trust(machine.host, line)
    hostkeys.forget(machine.host)
    assert [key.line for key in hostkeys.known(other)] == [" ".join(line.split()[:2])]
    assert not hostkeys.known(machine.host)


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-ed25519 $(touch x)", "gpu-9 ssh-nothing AAAA", "ssh-ed25519 AAAA"]
)
def test_what_is_no_host_key_is_refused(machine: Sshd, line: str) -> None:
    with pytest.raises(Refused, match="not a host key"):
        hostkeys.trust(machine.host, line)
    assert not (machine.folder / "known_hosts").exists()


# --- no way there ------------------------------------------------------------------------------------------------


def test_a_login_that_is_refused_is_told(machine: Sshd) -> None:
    (machine.folder / "authorized_keys").write_text("")
    with pytest.raises(LoginRefused, match=r"does not let us in \(.*Permission denied"):
        ssh.run(machine.trusted(), ["true"])


def test_a_machine_that_is_down_is_told(machine: Sshd) -> None:
    host = machine.trusted()
    machine.stop()
    with pytest.raises(Unreachable, match="it refuses connections"):
        ssh.run(host, ["true"])


def test_a_name_that_nobody_knows_is_told(machine: Sshd) -> None:
    with pytest.raises(Unreachable, match="nobody knows its name"):
        ssh.run(replace(machine.trusted(), address="gpu-1.invalid"), ["true"])


def test_a_machine_that_takes_connections_and_says_nothing_is_given_up(
    machine: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sshhost, "CONNECT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as dumb, pytest.raises(Unreachable, match="it does not answer"):
        ssh.run(replace(machine.trusted(), port=dumb.getsockname()[1]), ["true"])


def test_a_login_that_does_not_come_to_an_end_is_given_up(machine: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that neither connects nor ends, as one that waits for somebody to press a button."""
    monkeypatch.setattr(sshmaster, "PATIENCE_S", 1)
    monkeypatch.setattr(sshhost, "CONNECT_S", 1000)
    proxied = replace(machine.trusted(), options=("-F", "none", "-o", "ProxyCommand=sleep 1000"))
    with pytest.raises(Unreachable, match="does not come to an end"):
        ssh.run(proxied, ["true"])


def test_a_proxy_of_the_operator_is_used(machine: Sshd, tmp_path: Path) -> None:
    relay = tmp_path / "relay it's.py"
    relay.write_text(RELAY)
    proxy = f'{sys.executable} "{relay}" %h %p {tmp_path}/used'
    host = replace(machine.trusted(), options=("-F", "none", "-o", f"ProxyCommand={proxy}"))
    assert ssh.run(host, ["echo", "in"]).text == "in\n"
    assert hostkeys.offered(host) == hostkeys.known(host)[0]
    assert (tmp_path / "used").exists()
    ssh.disconnect(host)


RELAY = """
import pathlib, select, socket, sys, os
pathlib.Path(sys.argv[3]).touch()
there = socket.create_connection((sys.argv[1], int(sys.argv[2])))
while True:
    for one in select.select([0, there], [], [])[0]:
        data = os.read(0, 65536) if one == 0 else there.recv(65536)
        if not data:
            sys.exit()
        there.sendall(data) if one == 0 else os.write(1, data)
"""


def test_a_machine_without_python_is_told(machine: Sshd) -> None:
    from vmops import programs

    machine.without("python3")
    with pytest.raises(Missing, match="gpu-1: python3 is not installed there"):
        programs.ask(machine.trusted(), "look", {})


# --- words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["-oProxyCommand=x", "a b", "a\nb", "\x1b[2J", ""])
def test_an_address_that_cannot_be_one_is_refused(word: str) -> None:
    with pytest.raises(Refused):
        ssh.Host("gpu-1", word)
    if word:
        with pytest.raises(Refused):
            ssh.Host("gpu-1", "gpu-1.example", user=word)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("ssh: connect to host x port 22: No route to host", Unreachable),
        ("ssh: connect to host x port 22: Network is unreachable", Unreachable),
        ("ssh: connect to host x port 22: Connection timed out", Unreachable),
        ("kex_exchange_identification: Connection closed by remote host", Unreachable),
        ("Received disconnect from x port 22:2: Too many authentication failures", LoginRefused),
        ("Something of which nobody has heard", Unreachable),
    ],
)
def test_what_ssh_says_before_it_is_connected_has_a_meaning(said: str, error: type[OutsideError]) -> None:
    found = sshwords.trouble("gpu-1", said)
    assert type(found) is error and found.hint and found.message.startswith("gpu-1: ")


AFTER = [
    "",
    "client_loop: send disconnect: Broken pipe",
    "Timeout, server x not responding.",
    "mux_client_request_session: read from master failed: Broken pipe",
]


@pytest.mark.parametrize("said", AFTER)
def test_what_ssh_says_after_it_was_connected_is_a_cut(said: str) -> None:
    assert type(sshwords.trouble("gpu-1", said, connected=True)) is Cut


@pytest.mark.parametrize(
    "said", ["tar: x: Cannot write: No space left on device", "cat: write error: Disk quota exceeded"]
)
def test_a_full_disk_has_a_meaning(said: str) -> None:
    assert type(sshwords.failure("gpu-1", ["tar"], 2, said)) is DiskFull
