"""A command on a machine outlives its connection, and is started at most once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests import outside, sshd
from tests.lab import until
from tests.sshd import Sshd
from vmops import remote, ssh
from vmops.errors import Conflict, Failed, OutsideError, Refused

pytestmark = outside.needs("ssh", "sshd", "ssh-keygen")

SLEEP = ["sh", "-c", "echo begun $A; sleep 1000; echo never"]


@pytest.fixture
def machine() -> Iterator[Sshd]:
    with sshd.running() as made:
        made.trusted()
        yield made
        for record in made.home.rglob(".started"):
            remote.stop(made.host, str(record.parent), now=True)


def test_it_outlives_the_connection_and_all_of_ssh(machine: Sshd) -> None:
    host = machine.host
    started = remote.start(host, "a folder/$(x)", SLEEP, {"A": "it's $(here)"})
    machine.cut()
    ssh.disconnect(host)
    assert remote.state(host, "a folder/$(x)") == remote.State(True, started.pid, "1")
    output = machine.home / "a folder" / "$(x)" / "output.txt"
    until(lambda: output.read_text() == "begun it's $(here)\n", "it writes into its file")
    assert psutil.Process(started.pid).terminal() is None
    remote.stop(host, "a folder/$(x)")
    until(lambda: not remote.alive(host, "a folder/$(x)"), "it ends when it is asked to")


def test_whoever_asks_twice_gets_one(machine: Sshd) -> None:
    host, count = machine.host, 6
    ssh.run(host, ["true"])
    answers: list[remote.Started] = []
    ask = [threading.Thread(target=lambda: answers.append(remote.start(host, "run", SLEEP))) for _ in range(count)]
    for thread in ask:
        thread.start()
    for thread in ask:
        thread.join()
    assert len(answers) == count and len({answer.pid for answer in answers}) == 1
    assert sorted(answer.again for answer in answers) == [False] + [True] * (count - 1)
    until(lambda: (machine.home / "run" / "output.txt").read_text() == "begun\n", "it writes, and nobody else does")


def test_what_has_ended_is_not_started_again_by_the_same_token(machine: Sshd) -> None:
    host = machine.host
    first = remote.start(host, "run", ["sh", "-c", "echo once"])
    until(lambda: not remote.alive(host, "run"), "it ends")
    assert remote.start(host, "run", ["sh", "-c", "echo once"]) == remote.Started(first.pid, True)
    assert remote.start(host, "run", ["sh", "-c", "echo more"], token="2").again is False
    until(lambda: (machine.home / "run" / "output.txt").read_text() == "once\nmore\n", "the second one writes")


def test_two_do_not_live_in_one_folder(machine: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vmops.programs.FOLDER", impatient(machine.folder))
    first = remote.start(machine.host, "run", SLEEP)
    with pytest.raises(Conflict, match=str(first.pid)):
        remote.start(machine.host, "run", SLEEP, token="2")


def impatient(folder: Path) -> Path:
    """The program that starts, waiting for nobody."""
    from vmops import programs

    made = folder / "programs"
    made.mkdir()
    for name in ("start", "standing"):
        (made / f"{name}.py").write_bytes(programs.text(name).replace(b"WAIT_S = 20.0", b"WAIT_S = 0.0"))
    return made


def test_a_program_that_is_not_there_is_told_and_may_be_started_later(machine: Sshd) -> None:
    with pytest.raises(Failed, match=r"nothing-here: .*No such file"):
        remote.start(machine.host, "run", ["nothing-here"])
    assert remote.start(machine.host, "run", ["true"]).again is False


def test_however_often_the_way_there_breaks_while_it_is_asked_for_it_runs_once(machine: Sshd) -> None:
    """Answers are lost at random moments; who asks until there is an answer has started one."""
    over = threading.Event()

    def cut() -> None:
        while not over.wait(0.03):
            machine.cut()

    breaking = threading.Thread(target=cut)
    breaking.start()
    for _ in range(25):
        with suppress(OutsideError):
            remote.start(machine.host, "run", SLEEP)
    over.set()
    breaking.join()
    started = remote.start(machine.host, "run", SLEEP)
    assert remote.state(machine.host, "run") == remote.State(True, started.pid, "1")
    until(lambda: (machine.home / "run" / "output.txt").read_text() == "begun\n", "it writes, and nobody else does")


def test_a_token_is_a_word(machine: Sshd) -> None:
    with pytest.raises(Refused):
        remote.start(machine.host, "run", ["true"], token="../x")
