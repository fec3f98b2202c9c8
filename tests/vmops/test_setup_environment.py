"""An environment is made on a machine from a lock: once, whole, and told where it cannot be made."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests import outside, sshd
from tests.lab import ROOT, until
from tests.sshd import Sshd
from vmops import remote, setup
from vmops.errors import Failed, NotFound

pytestmark = [outside.needs("ssh", "sshd", "ssh-keygen", "rsync"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def machine() -> Iterator[Sshd]:
    """One for all, since the installer itself is what takes longest."""
    with sshd.running() as made:
        made.trusted()
        yield made


@pytest.fixture(scope="module")
def lock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small lock, with hashes, of a package that is quick to install; and the real installer's beside it."""
    folder = tmp_path_factory.mktemp("lock")
    shutil.copy(ROOT / "bootstrap.lock", folder)
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("uv is not here")
    words = [uv, "pip", "compile", "-", "--generate-hashes", "--no-header", "-o", folder / "requirements.lock"]
    made = subprocess.run(words, input=b"iniconfig==2.1.0\n", capture_output=True, timeout=100, check=False)
    if made.returncode:
        pytest.skip(f"no way to a package registry: {made.stderr.decode()[-200:]}")
    return folder / "requirements.lock"


def test_an_environment_is_made_once_and_its_maker_may_be_killed(machine: Sshd, lock: Path) -> None:
    """Killed while it works it is started again, and what was done is not done twice."""
    heard: list[str] = []
    killed = threading.Event()

    def kill() -> None:
        found = until(lambda: remote.state(machine.host, place(machine)).alive and makers(machine), "its maker works")
        remote.stop(machine.host, place(machine), now=True)
        assert found
        killed.set()

    killer = threading.Thread(target=kill)
    killer.start()
    prepared = setup.prepare(machine.host, lock=lock, say=heard.append)
    killer.join()
    assert killed.is_set()
    version = "import iniconfig, importlib.metadata; print(importlib.metadata.version('iniconfig'))"
    said = subprocess.run([prepared.python, "-c", version], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout == "2.1.0\n"
    assert any("once more" in words for words in heard) and prepared.torch == ""
    assert any("torch" in words for words in prepared.warnings)
    heard.clear()
    assert setup.prepare(machine.host, lock=lock, say=heard.append).python == prepared.python
    assert not any("making" in words for words in heard)


def place(machine: Sshd) -> str:
    """Where the environment is made; elsewhere while nobody makes one."""
    found = [path.parent for path in (machine.home / "footplate" / "env").glob(".*/.started")]
    return str(found[0]) if found else "footplate"


def makers(machine: Sshd) -> list[psutil.Process]:
    """The processes of installers in this machine's folders."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(machine.home / "footplate" / "env") in word or word == "venv" for word in words):
            found.append(process)
    return found


def test_what_an_installer_complains_of_is_told(machine: Sshd, lock: Path, tmp_path: Path) -> None:
    shutil.copy(lock.with_name("bootstrap.lock"), tmp_path)
    wrong = re.sub("sha256:.{8}", "sha256:00000000", lock.read_text())
    (tmp_path / "requirements.lock").write_text(wrong)
    with pytest.raises(Failed, match=r"(?is)gpu-1: .*hash.*00000000"):
        setup.prepare(machine.host, lock=tmp_path / "requirements.lock")


def test_a_lock_that_is_not_here_is_told_before_anything_is_asked(machine: Sshd, tmp_path: Path) -> None:
    nowhere = replace(machine.host, port=1)
    with pytest.raises(NotFound, match=r"requirements\.lock: no such file"):
        setup.prepare(nowhere, lock=tmp_path / "requirements.lock")


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_the_real_lock_makes_an_environment_that_loads_torch(machine: Sshd) -> None:
    heard: list[str] = []
    prepared = setup.prepare(machine.host, lock=ROOT / "requirements.lock", say=heard.append)
    assert prepared.torch and f"torch=={prepared.torch.partition('+')[0]}" in (ROOT / "requirements.lock").read_text()
    again: list[str] = []
    assert setup.prepare(machine.host, lock=ROOT / "requirements.lock", say=again.append).torch == prepared.torch
    assert not any("making" in words for words in again)
