"""Commands on a machine, over a real sshd: what they answer, what goes wrong, what stays behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import outside, sshd
from tests.sshd import Sshd
from vmops import ssh
from vmops.errors import (
    DiskFull,
    Failed,
    Missing,
)

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
