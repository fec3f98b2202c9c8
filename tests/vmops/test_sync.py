"""Files go to a machine and come back whole, whatever they are called and however often the connection is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outside, sshd
from tests.sshd import Sshd
from vmops import sync
from vmops.errors import Refused

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
