"""A machine is made ready, once, and told apart from one that cannot be made ready."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outside, sshd
from tests.lab import ROOT
from tests.sshd import Sshd
from vmops import setup
from vmops.setup import Code

pytestmark = outside.needs("ssh", "sshd", "ssh-keygen", "rsync")


@pytest.fixture
def machine() -> Iterator[Sshd]:
    with sshd.running() as made:
        made.trusted()
        yield made


@pytest.fixture
def code(tmp_path: Path) -> Code:
    """A small frozen folder of code."""
    for package in ("engine", "vmops"):
        (tmp_path / "code" / package).mkdir(parents=True)
        (tmp_path / "code" / package / "__init__.py").write_text(f"NAME = {package!r}\n")
    return Code(tmp_path / "code")


def test_code_arrives_under_its_hash_and_is_sent_once(machine: Sshd, code: Code) -> None:
    heard: list[str] = []
    first = setup.prepare(machine.host, code=code, python=sys.executable, say=heard.append)
    assert Path(first.code_folder) == machine.home / "footplate" / "code" / code.digest[:16]
    assert (Path(first.code_folder) / "engine" / "__init__.py").read_text() == "NAME = 'engine'\n"
    assert any("sending the code" in words for words in heard)
    heard.clear()
    assert (
        setup.prepare(machine.host, code=code, python=sys.executable, say=heard.append).code_folder == first.code_folder
    )
    assert not any("sending" in words for words in heard)
    assert [path.name for path in (machine.home / "footplate" / "code").iterdir()] == [code.digest[:16]]


def test_the_hash_is_the_one_of_frozen_code(workspace: object) -> None:
    from engine import code as engine_code

    frozen = engine_code.freeze(workspace)  # type: ignore[arg-type]
    assert Code(ROOT).digest == frozen["sha256"]
