"""Files go to a machine and come back whole, whatever they are called and however often the connection is cut."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outside, sshd
from tests.lab import until
from tests.sshd import Sshd
from vmops import rsync, ssh, sync
from vmops.errors import Conflict, DiskFull, Missing, NotFound, Refused, Unreachable

pytestmark = outside.needs("ssh", "sshd", "ssh-keygen", "rsync")

NASTY = ["$(touch executed)", "`touch executed`", "a b", "it's", 'say "x"', "line\nbreak", "-n", "--delete",
         ";touch executed", "*", "[a]", "?", "~", "é", "\\", "\\*", "a:b", "#x", "..x"]  # fmt: skip


@pytest.fixture
def machine() -> Iterator[Sshd]:
    with sshd.running() as made:
        yield made


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_goes_there_and_comes_back_whatever_its_files_are_called(machine: Sshd, tmp_path: Path) -> None:
    host, source = machine.trusted(), tmp_path / "-a $(b) 'c'"
    source.mkdir()
    for name in NASTY:
        (source / name).write_text(name)
        (source / f"in {name}").mkdir()
        (source / f"in {name}" / name).write_text("deep")
    sync.push(host, source, "far/-some $(where) [x] 'y'")
    assert content(machine.home / "far" / "-some $(where) [x] 'y'") == content(source)
    sync.pull(host, "far/-some $(where) [x] 'y'", tmp_path / "back")
    assert content(tmp_path / "back") == content(source)
    assert not list(tmp_path.rglob("executed")) + list(machine.home.rglob("executed"))


@pytest.mark.parametrize("name", NASTY)
def test_a_file_goes_there_and_comes_back_whatever_it_is_called(shared: Sshd, tmp_path: Path, name: str) -> None:
    host = shared.host
    (tmp_path / name).write_text(name)
    sync.push(host, tmp_path / name, name)
    assert (shared.home / name).read_text() == name
    if "\\" in name:
        with pytest.raises(Refused, match="backslash"):
            sync.pull(host, name, tmp_path / "back")
    else:
        sync.pull(host, name, tmp_path / "back")
        assert (tmp_path / "back").read_text() == name


@pytest.fixture(scope="module")
def shared() -> Iterator[Sshd]:
    with sshd.running() as made:
        made.trusted()
        yield made


# --- cut off, and gone on ----------------------------------------------------------------------------------------


def test_what_was_cut_off_goes_on_where_it_stood(
    machine: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rsync, "FIRST_PAUSE_S", 0.01)
    host, weights = machine.trusted(), tmp_path / "weights.pt"
    weights.write_bytes(random.Random(1).randbytes(40_000_000))
    partial = machine.home / ".rsync-partial" / "weights.pt"
    heard: list[str] = []
    kept: list[int] = []

    def cut(words: str) -> None:
        heard.append(words)
        if "%" in words and " 0 %" not in words and not kept:
            machine.cut()
        if "going on in a moment" in words:
            until(partial.exists, "what came over is kept")
            kept.append(partial.stat().st_size)

    slowly = [*rsync.options((), "follow", False), "--bwlimit=8M"]  # else all is over before it is cut
    monkeypatch.setattr(rsync, "options", lambda *_: slowly)
    monkeypatch.setattr(rsync, "SAY_EVERY_S", 0.0)
    sync.push(host, weights, "weights.pt", cut)
    assert (machine.home / "weights.pt").read_bytes() == weights.read_bytes()
    assert kept and kept[0] > 0, "it was cut, and went on from there"
    assert any("100 %" in words for words in heard)
    assert not partial.exists()


def test_whoever_gets_nowhere_gives_up(machine: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rsync, "FIRST_PAUSE_S", 0.001)
    host, heard = machine.trusted(), []
    (tmp_path / "file").write_text("x")
    ssh.run(host, ["true"])
    monkeypatch.setattr(sync, "_checked", lambda only: machine.stop() or only)
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unreachable, match="refuses connections"):
        sync.push(host, tmp_path / "folder", "far", heard.append)


def test_a_changed_file_of_the_same_size_is_sent(machine: Sshd, tmp_path: Path) -> None:
    """Which rsync would leave as it is, were it told to append."""
    host, file = machine.trusted(), tmp_path / "file"
    for text in ("one", "two"):
        file.write_text(text)
        os.utime(file, (1_700_000_000 + len(text) * ord(text[0]),) * 2)
        sync.push(host, file, "file")
        assert (machine.home / "file").read_text() == text


# --- what is left as it is, and what is not followed -------------------------------------------------------------


def test_a_checkpoint_that_was_replaced_within_the_same_second_is_sent_and_fetched(
    machine: Sshd, tmp_path: Path
) -> None:
    second, folder, back = 1_790_000_000 * 10**9, tmp_path / "work", tmp_path / "back"
    folder.mkdir()
    host = machine.trusted()
    for moment, words in ((1000, "step 100"), (2000, "step 101")):
        (folder / "path.json").write_text(words)
        os.utime(folder / "path.json", ns=(second, second + moment))
        sync.push(host, folder, "~/work")
        sync.pull(host, "~/work", back)
        assert (machine.home / "work" / "path.json").read_text() == words
        assert (back / "path.json").read_text() == words


def test_nothing_is_deleted_unless_it_is_asked_for(machine: Sshd, tmp_path: Path) -> None:
    host = machine.trusted()
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "ours").write_text("ours")
    (machine.home / "far").mkdir()
    (machine.home / "far" / "theirs").write_text("theirs")
    sync.push(host, tmp_path / "near", "far")
    assert set(content(machine.home / "far")) == {"ours", "theirs"}
    sync.pull(host, "far", tmp_path / "back", only=["theirs"])
    assert content(tmp_path / "back") == {"theirs": b"theirs"}
    sync.push(host, tmp_path / "near", "far", delete=True)
    assert set(content(machine.home / "far")) == {"ours"}


def test_links_lead_nowhere_out_of_the_source(machine: Sshd, tmp_path: Path) -> None:
    host, source, heard = machine.trusted(), tmp_path / "source", []
    source.mkdir()
    (tmp_path / "secret").write_text("secret")
    (source / "file").write_text("file")
    (source / "inside").symlink_to("file")
    (source / "outside").symlink_to(tmp_path / "secret")
    (source / "above").symlink_to("../secret")
    sync.push(host, source, "far", heard.append)
    assert sorted(path.name for path in (machine.home / "far").iterdir()) == ["file", "inside"]
    assert (machine.home / "far" / "inside").readlink() == Path("file")
    assert any("left out, since they lead out of it" in words for words in heard)
    assert {name for name in ("above", "inside", "outside") if any(name in words for words in heard)} == {
        "above",
        "outside",
    }
    sync.push(host, source, "followed", links="follow")
    assert (machine.home / "followed" / "outside").read_text() == "secret"
    assert not (machine.home / "followed" / "outside").is_symlink()


def test_links_of_a_machine_lead_nowhere_here(machine: Sshd, tmp_path: Path) -> None:
    host = machine.trusted()
    (machine.home / "far").mkdir()
    (machine.home / "far" / "link").symlink_to(tmp_path)
    sync.pull(host, "far", tmp_path / "back")
    assert not list((tmp_path / "back").iterdir())


# --- hashes ------------------------------------------------------------------------------------------------------


def test_what_is_not_as_its_hash_says_is_fetched_again(machine: Sshd, tmp_path: Path) -> None:
    """Same size, same time: only its hash tells that a file here is not the one there."""
    host = machine.trusted()
    (machine.home / "file").write_text("right")
    sync.pull(host, "file", tmp_path / "folder" / "file")
    (machine.home / "far").mkdir()
    (machine.home / "far" / "file").write_text("right")
    os.utime(machine.home / "far" / "file", (1_700_000_000,) * 2)
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "file").write_text("wrong")
    os.utime(tmp_path / "back" / "file", (1_700_000_000,) * 2)
    heard: list[str] = []
    sync.pull(host, "far", tmp_path / "back", heard.append, hashes={"file": sha256(b"right")})
    assert (tmp_path / "back" / "file").read_text() == "right"
    assert any("not what their hashes say" in words for words in heard)
    with pytest.raises(Conflict, match="file is not what its hash says"):
        sync.pull(host, "far", tmp_path / "back", hashes={"file": sha256(b"other")})
    with pytest.raises(Conflict, match="not what its hash says"):
        sync.pull(host, "far/file", tmp_path / "one", hashes={"": sha256(b"other")})


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- what is wrong -----------------------------------------------------------------------------------------------


def test_what_is_not_there_is_told(machine: Sshd, tmp_path: Path) -> None:
    host = machine.trusted()
    with pytest.raises(NotFound, match="no file or folder"):
        sync.pull(host, "nothing", tmp_path / "x")
    with pytest.raises(NotFound, match="no such file or folder"):
        sync.push(host, tmp_path / "nothing", "x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(NotFound, match="nothing"):
        sync.push(host, tmp_path / "folder", "x", only=["nothing"])
    for name in ("/etc/passwd", "../x", "a/../../x", ""):
        with pytest.raises(Refused, match="no path below the source"):
            sync.push(host, tmp_path / "folder", "x", only=[name])


def test_a_machine_without_rsync_is_told(machine: Sshd, tmp_path: Path) -> None:
    machine.without("rsync")
    (tmp_path / "file").write_text("x")
    with pytest.raises(Missing, match="gpu-1: rsync is not installed there"):
        sync.push(machine.trusted(), tmp_path / "file", "file")


def test_a_full_disk_there_is_told(machine: Sshd, tmp_path: Path) -> None:
    (machine.home / "small").mkdir()
    machine.stop()
    if not machine.start_with_small_disk(machine.home / "small"):
        pytest.skip("this machine lets nobody mount anything (unshare -m)")
    (tmp_path / "file").write_bytes(bytes(4_000_000))
    with pytest.raises(DiskFull, match="gpu-1: its disk is full"):
        sync.push(machine.trusted(), tmp_path / "file", "small/file")
