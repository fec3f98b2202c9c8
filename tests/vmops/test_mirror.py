"""A folder is mirrored while it grows, and however often the connection is cut, bytes are equal."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests import outside, sshd
from tests.lab import PATIENCE_S
from tests.sshd import Sshd
from vmops import mirror, ssh
from vmops.mirror import Link

pytestmark = outside.needs("ssh", "sshd", "ssh-keygen")


@pytest.fixture
def machine() -> Iterator[Sshd]:
    with sshd.running() as made:
        yield made


def seen(said: Iterator[mirror.Said], enough: object) -> list[mirror.Said]:
    """What was said until it is enough."""
    all_of_it, end = [], time.monotonic() + PATIENCE_S
    for one in said:
        all_of_it.append(one)
        if enough(all_of_it):  # type: ignore[operator]
            break
        assert time.monotonic() < end, all_of_it[-5:]
    said.close()  # type: ignore[attr-defined]
    return all_of_it


CUTS = 6


def test_bytes_are_equal_after_any_number_of_cut_connections(machine: Sshd, tmp_path: Path) -> None:
    host, folder, dice = machine.trusted(), machine.home / "run", random.Random(5)
    folder.mkdir()
    names, links, written, over = ["events.jsonl", "log.txt"], [], threading.Event(), threading.Event()

    def write() -> None:
        while len(links) < CUTS and not over.wait(0.002):
            for name in names:
                with (folder / name).open("ab") as file:
                    file.write(dice.randbytes(dice.randrange(20_000)))
        written.set()

    def cut() -> None:
        while not over.wait(dice.uniform(0.05, 0.6)):
            dice.choice([machine.cut, lambda: kill_clients(machine), lambda: ssh.disconnect(host)])()

    threads = [threading.Thread(target=act) for act in (write, cut)]
    for thread in threads:
        thread.start()
    try:
        end = time.monotonic() + PATIENCE_S
        for said in mirror.into(host, "run", tmp_path, names, wait=lambda _: over.wait(0.02)):
            links += [said] if isinstance(said, Link) and said.up else []
            if written.is_set() and all(size(tmp_path / name) == size(folder / name) for name in names):
                break
            assert time.monotonic() < end, "it does not come to the end"
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert all((tmp_path / name).read_bytes() == (folder / name).read_bytes() for name in names)
    assert len(links) >= CUTS
    assert not list(tmp_path.glob("*.replaced*"))


def size(path: Path) -> int:
    """How large a file is; -1 where there is none."""
    return path.stat().st_size if path.exists() else -1


def kill_clients(machine: Sshd) -> None:
    """Kill one of the ssh processes on this side that lead to the machine."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "ssh" and str(machine.folder) in " ".join(process.info["cmdline"] or ()):
            with suppress(psutil.Error):
                process.kill()
