"""A folder is mirrored while it grows, and however often the connection is cut, bytes are equal."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from tests import outside, sshd
from tests.lab import PATIENCE_S
from tests.sshd import Sshd
from vmops import mirror, mirrorlink, ssh
from vmops.errors import Broken, HostKeyUnknown
from vmops.mirror import Beat, Link, Piece, Replaced, Whole

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


def into(
    host: ssh.Host,
    there: str,
    here: Path,
    growing: Sequence[str],
    whole: Sequence[str] = (),
    *,
    wait: Callable[[float], object] = time.sleep,
) -> Generator[mirror.Said, None, None]:
    """What is followed, with its pieces appended to files of a folder here; goes on where these end."""
    marks = {path: mirror.mark(here / path) for path in growing}
    with closing(mirror.follow(host, there, marks, whole, wait=wait)) as followed:
        for said in followed:
            if isinstance(said, Piece):
                _append(here / said.path, said.data)
            elif isinstance(said, Replaced):
                _put_aside(here / said.path)
            yield said


def _append(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(data)


def _put_aside(path: Path) -> None:
    number = 1
    while (kept := path.with_name(f"{path.name}.replaced-{number}")).exists():
        number += 1
    with suppress(FileNotFoundError):
        path.rename(kept)


CUTS = 6


def test_bytes_are_equal_after_any_number_of_cut_connections(machine: Sshd, tmp_path: Path) -> None:
    host, folder, dice = machine.trusted(), machine.home / "run", random.Random(5)
    folder.mkdir()
    names, links, written, over = ["events.jsonl", "log.txt"], [], threading.Event(), threading.Event()

    def write() -> None:
        while len(links) < CUTS and not over.wait(0.01):
            for name in names:
                with (folder / name).open("ab") as file:
                    file.write(dice.randbytes(dice.randrange(3_000)))
        written.set()

    def cut() -> None:
        cuts = 0
        while not over.wait(dice.uniform(0.0, 0.3)):
            if len(links) > cuts:  # else a slow machine would never get through
                cuts = len(links)
                dice.choice([machine.cut, lambda: kill_clients(machine), lambda: ssh.disconnect(host)])()

    threads = [threading.Thread(target=act) for act in (write, cut)]
    for thread in threads:
        thread.start()
    try:
        end = time.monotonic() + PATIENCE_S
        for said in into(host, "run", tmp_path, names, wait=lambda _: over.wait(0.02)):
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


# --- what else happens to files ----------------------------------------------------------------------------------


def test_a_file_that_is_not_there_yet_comes_when_it_is(machine: Sshd, tmp_path: Path) -> None:
    for one in into(machine.trusted(), "run", tmp_path, ["log.txt"]):
        if isinstance(one, Beat) and not (machine.home / "run").exists():
            (machine.home / "run").mkdir()
            (machine.home / "run" / "log.txt").write_text("hello\n")
        if isinstance(one, Piece):
            break
    assert (tmp_path / "log.txt").read_text() == "hello\n"


def test_it_goes_on_where_the_file_here_ends(machine: Sshd, tmp_path: Path) -> None:
    log = machine.home / "log.txt"
    log.write_bytes(b"x" * 10_000 + b"the end")
    (tmp_path / "log.txt").write_bytes(b"x" * 9_000)
    heard = seen(into(machine.trusted(), "", tmp_path, ["log.txt"]), has(Piece))
    assert [(one.offset, len(one.data)) for one in heard if isinstance(one, Piece)] == [(9_000, 1_007)]
    assert (tmp_path / "log.txt").read_bytes() == log.read_bytes()


@pytest.mark.parametrize(("there", "words"), [(b"short", "shorter"), (b"another " * 4_000, "another thing")])
def test_another_file_of_the_same_name_is_noticed_and_fetched_anew(
    machine: Sshd, tmp_path: Path, there: bytes, words: str
) -> None:
    (machine.home / "log.txt").write_bytes(there)
    (tmp_path / "log.txt").write_bytes(b"x" * 9_000)
    heard = seen(into(machine.trusted(), "", tmp_path, ["log.txt"]), has(Piece))
    [replaced] = [one for one in heard if isinstance(one, Replaced)]
    assert words in replaced.words
    assert (tmp_path / "log.txt").read_bytes() == there
    assert (tmp_path / "log.txt.replaced-1").read_bytes() == b"x" * 9_000


def test_a_file_that_is_cut_short_while_it_is_followed_is_noticed(machine: Sshd, tmp_path: Path) -> None:
    log = machine.home / "log.txt"
    log.write_text("the first life\n")
    said = into(machine.trusted(), "", tmp_path, ["log.txt"])
    for one in said:
        if isinstance(one, Piece):
            if one.data == b"another\n":
                break
            log.write_text("another\n")
    assert (tmp_path / "log.txt").read_text() == "another\n"
    assert (tmp_path / "log.txt.replaced-1").read_text() == "the first life\n"


def test_a_small_file_comes_each_time_it_is_another_one(machine: Sshd) -> None:
    status, values = machine.home / "status.json", []

    def put(text: str) -> None:
        beside = machine.home / "beside"
        beside.write_text(text)
        beside.replace(status)

    put("1")
    for one in mirror.follow(machine.trusted(), "", {}, ["status.json"]):
        if isinstance(one, Whole):
            values.append(one.data)
            if one.data is None:
                break
            put("2") if one.data == b"1" else status.unlink()
    assert values == [b"1", b"2", None]


def test_whoever_is_out_of_touch_is_told_and_goes_on_afterwards(machine: Sshd, tmp_path: Path) -> None:
    host = machine.trusted()
    (machine.home / "log.txt").write_text("before\n")
    links: list[Link] = []
    for one in into(host, "", tmp_path, ["log.txt"], wait=lambda _: time.sleep(0.05)):
        if isinstance(one, Link):
            links.append(one)
            if not one.up and len(links) == 4:
                machine.start()
        if isinstance(one, Piece) and one.data == b"before\n":
            machine.stop()
            (machine.home / "log.txt").write_text("before\nafter\n")
        if isinstance(one, Piece) and one.data == b"after\n":
            break
    assert links[0].up and links[-1].up
    down = [link for link in links if not link.up]
    assert len(down) >= 3 and len({link.since for link in down}) == 1, "out of touch since one moment"
    assert any("refuses connections" in link.words and link.hint for link in down)
    assert (tmp_path / "log.txt").read_text() == "before\nafter\n"


def test_what_another_try_does_not_mend_is_raised(machine: Sshd) -> None:
    with pytest.raises(HostKeyUnknown):
        next(mirror.follow(machine.host, "", {}))


def test_a_login_script_that_chatters_is_told(machine: Sshd) -> None:
    host = machine.trusted()
    shell = machine.folder / "shell"
    shell.write_text(shell.read_text().replace("#!/bin/sh\n", "#!/bin/sh\necho Welcome!\n", 1))
    with pytest.raises(Broken, match=r"Welcome!.*"):
        seen(mirror.follow(host, "", {}), has(Beat))


FRAMES: list[dict[str, object]] = [
    {"path": "/etc/evil", "whole": True, "bytes": 4},
    {"path": "../evil", "whole": True, "bytes": 4},
    {"path": "log.txt", "whole": True, "bytes": 4},
    {"path": "/etc/evil", "replaced": "x"},
    {"path": "status.json", "replaced": "x"},
    {"path": "evil", "offset": 0, "size": 4, "bytes": 4},
    {"path": "log.txt", "offset": 0, "bytes": 4},
    {"offset": 0, "bytes": 4},
    {"beat": "never"},
    {"bytes": -4},
]


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_a_machine_that_sends_what_nobody_asked_for_is_not_believed(
    machine: Sshd, monkeypatch: pytest.MonkeyPatch, frame: dict[str, object]
) -> None:
    lying = (
        f"import sys; sys.stdout.write({json.dumps(frame)!r} + chr(10) + 'evil'); sys.stdout.flush(); sys.stdin.read()"
    )
    monkeypatch.setattr(mirrorlink.programs, "argv", lambda _: ["python3", "-c", lying])
    said = mirror.follow(machine.trusted(), "", {"log.txt": mirror.Mark()}, ["status.json"])
    with pytest.raises(Broken):
        seen(said, lambda all_of_it: any(not isinstance(one, Link) for one in all_of_it))


def has(kind: type) -> object:
    """Whether something of a kind was said."""
    return lambda all_of_it: any(isinstance(one, kind) for one in all_of_it)
