"""A machine is made ready, once, and told apart from one that cannot be made ready."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests import outside, sshd
from tests.lab import ROOT, until
from tests.sshd import Sshd
from vmops import durable, programs, setup
from vmops.checkouts import Checkout
from vmops.setupcode import Code, Origin

BARE = str(Path(sys.base_prefix) / "bin" / "python3")  # a Python without torch, which would take its time
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
    first = setup.prepare(machine.host, code=code, python=BARE, say=heard.append)
    assert Path(first.code_folder) == machine.home / "footplate" / "code" / code.digest[:16]
    assert (Path(first.code_folder) / "engine" / "__init__.py").read_text() == "NAME = 'engine'\n"
    assert any("sending the code" in words for words in heard)
    heard.clear()
    assert setup.prepare(machine.host, code=code, python=BARE, say=heard.append).code_folder == first.code_folder
    assert not any("sending" in words for words in heard)
    assert [path.name for path in (machine.home / "footplate" / "code").iterdir()] == [code.digest[:16]]


def test_the_hash_is_the_one_of_frozen_code(workspace: object) -> None:
    from engine import code as engine_code

    frozen = engine_code.freeze(workspace)  # type: ignore[arg-type]
    assert Code(ROOT, packages=engine_code.CONTENTS).digest == frozen.record["sha256"]


# --- commits -----------------------------------------------------------------------------------------------------


@pytest.fixture
def checkout(code: Code) -> Checkout:
    """The same code in a git checkout, committed."""
    git(code.root, "init", "--quiet")
    commit(code.root)
    return Checkout(code.root, ("engine/*.py", "vmops/*.py"))


def git(root: Path, *words: str) -> str:
    """What git says."""
    who = ["-c", "user.name=a test", "-c", "user.email=a@test"]
    return subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path) -> str:
    """Commit everything."""
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "a commit")
    return git(root, "rev-parse", "HEAD")


def frozen(checkout: Checkout, tmp_path: Path) -> Code:
    """Its code as it is now, frozen aside as a run's is, and where it comes from."""
    aside = tmp_path / f"frozen-{len(list(tmp_path.iterdir()))}"
    for package in ("engine", "vmops"):
        shutil.copytree(checkout.root / package, aside / package)
    return Code(aside, origin=Origin(checkout, checkout.commit(), checkout.patch()))


@outside.needs("git")
def test_code_goes_as_its_commit_and_then_only_what_is_new(machine: Sshd, checkout: Checkout, tmp_path: Path) -> None:
    first = setup.prepare(machine.host, code=frozen(checkout, tmp_path), python=BARE)
    assert first.came_as == f"commit {checkout.commit()[:12]}"
    (checkout.root / "engine" / "more.py").write_text("MORE = 1\n" * 1000)
    newest = commit(checkout.root)
    code = frozen(checkout, tmp_path)
    (checkout.root / "engine" / "more.py").write_text("MORE = 2\n")
    commit(checkout.root)  # the checkout has gone on; what is sent is the commit that was frozen
    second = setup.prepare(machine.host, code=code, python=BARE)
    assert second.came_as == f"commit {newest[:12]}"
    assert (Path(second.code_folder) / "engine" / "more.py").read_text() == "MORE = 1\n" * 1000
    assert not (Path(first.code_folder) / "engine" / "more.py").exists()
    footplate = machine.home / "footplate"
    assert not list(footplate.glob(".bundle-*")) and not list((footplate / "code").glob(".part-*"))
    known = git(footplate / "repo.git", "for-each-ref", "--format=%(refname)").split()
    assert len(known) == 2
    assert git(checkout.root, "for-each-ref", "--format=%(refname)", "refs/footplate") == ""
    assert setup.prepare(machine.host, code=code, python=BARE).came_as == "there already, by its hash"


@outside.needs("git")
def test_a_second_bundle_holds_only_what_the_machine_lacks(checkout: Checkout, tmp_path: Path) -> None:
    first = checkout.commit()
    (checkout.root / "engine" / "more.py").write_text("MORE = 1\n")
    newest = commit(checkout.root)
    checkout.bundle(tmp_path / "bundle", newest, [first])
    assert git(checkout.root, "bundle", "list-heads", str(tmp_path / "bundle")).split()[0] == newest
    assert f"-{first}" in (tmp_path / "bundle").read_bytes()[:500].decode("latin-1"), "the first one has to be there"


@outside.needs("git")
def test_changes_go_as_a_patch_to_the_commit(machine: Sshd, checkout: Checkout, tmp_path: Path) -> None:
    (checkout.root / "engine" / "__init__.py").write_text("CHANGED = True\n")
    (checkout.root / "vmops" / "it's $(new).py").write_text("NEW = True\n")
    (checkout.root / "vmops" / "__init__.py").unlink()
    assert checkout.changes() == ["engine/__init__.py", "vmops/__init__.py", "vmops/it's $(new).py"]
    found = setup.prepare(machine.host, code=frozen(checkout, tmp_path), python=BARE)
    assert found.came_as == f"commit {checkout.commit()[:12]} with uncommitted changes"
    folder = Path(found.code_folder)
    assert (folder / "engine" / "__init__.py").read_text() == "CHANGED = True\n"
    assert (folder / "vmops" / "it's $(new).py").read_text() == "NEW = True\n"
    assert not (folder / "vmops" / "__init__.py").exists()


def test_without_git_there_the_files_themselves_are_sent(machine: Sshd, checkout: Checkout, tmp_path: Path) -> None:
    machine.without("git")
    prepared = setup.prepare(machine.host, code=frozen(checkout, tmp_path), python=BARE)
    assert (Path(prepared.code_folder) / "engine" / "__init__.py").exists()
    assert "there is no git on the machine" in prepared.came_as
    assert not (machine.home / "footplate" / "repo.git").exists()


@outside.needs("git")
@pytest.mark.parametrize("why", ["knows no commit", "the code that arrived is", "bundle"])
def test_what_its_commit_cannot_give_is_sent_as_files(
    why: str, machine: Sshd, checkout: Checkout, tmp_path: Path
) -> None:
    """A commit that is gone, a patch that was lost, and a checkout without its history."""
    (checkout.root / "engine" / "__init__.py").write_text("CHANGED = True\n")
    code, heard = frozen(checkout, tmp_path), list[str]()
    assert code.origin is not None
    origin = code.origin
    if why == "knows no commit":
        origin = replace(origin, commit="0" * 40)
    elif why == "bundle":
        commit(checkout.root)
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{checkout.root}", "shallow")
        origin = Origin(replace(checkout, root=tmp_path / "shallow"), checkout.commit())
    else:
        origin = replace(origin, patch=b"")
    found = setup.prepare(machine.host, code=replace(code, origin=origin), python=BARE, say=heard.append)
    assert found.came_as.startswith("files, by their hash") and why in found.came_as
    assert (Path(found.code_folder) / "engine" / "__init__.py").read_text() == "CHANGED = True\n"
    assert any("file by file" in words and why in words for words in heard)


def test_code_that_was_edited_there_is_put_aside_and_sent_again(machine: Sshd, code: Code) -> None:
    folder = Path(setup.prepare(machine.host, code=code, python=BARE).code_folder)
    (folder / "engine" / "__init__.py").write_text("EDITED = True\n")
    assert setup.prepare(machine.host, code=code, python=BARE).code_folder == str(folder)
    assert (folder / "engine" / "__init__.py").read_text() == "NAME = 'engine'\n"
    [damaged] = folder.parent.glob(".damaged-*")
    assert (damaged / "engine" / "__init__.py").read_text() == "EDITED = True\n"


# --- the watchdog ------------------------------------------------------------------------------------------------


def test_the_watchdog_runs_once_and_is_exchanged_when_its_settings_change(machine: Sshd) -> None:
    settings = {"idle_minutes": None, "metadata": "", "stop": ["true"]}
    folder, host = machine.home / "footplate" / "watchdog", machine.host
    try:
        setup.prepare(host, python=BARE, watchdog=settings)
        first = until(lambda: durable.read(folder / "state.json").get("pid"), "it tells its number")
        setup.prepare(host, python=BARE, watchdog=settings)
        assert durable.read(folder / "state.json")["pid"] == first, "it is the same process"
        setup.prepare(host, python=BARE, watchdog={**settings, "every_s": 1.0})
        second = until(lambda: durable.read(folder / "state.json").get("pid", first) != first, "another one")
        assert second and not lives(first)
        hook = machine.home / "footplate" / "boot" / "watchdog.sh"
        assert "watchdog.py" in hook.read_text() and hook.stat().st_mode & 0o100
    finally:
        with suppress(psutil.Error):
            psutil.Process(durable.read(folder / "state.json").get("pid", 0)).kill()


def lives(pid: int) -> bool:
    """Whether a process does anything any more."""
    with suppress(psutil.Error):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def test_where_systemd_starts_services_the_watchdog_is_one(machine: Sshd, tmp_path: Path) -> None:
    """systemctl and sudo are stand-ins here, which write down what they are asked."""
    asked, programs_folder = tmp_path / "asked", tmp_path / "bin"
    programs_folder.mkdir()
    for name, text in (("systemctl", f'echo "$@" >> {asked}'), ("sudo", 'shift; exec "$@"')):
        (programs_folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs_folder / name).chmod(0o755)
    machine.path = [str(programs_folder), os.environ["PATH"]]
    machine.write()
    words = {"program": "x", "settings": {}, "systemd": True, "units": str(tmp_path)}
    assert programs.ask(machine.host, "watch", words) == {"by": "systemd", "changed": True, "problem": ""}
    unit = (tmp_path / "footplate-watchdog.service").read_text()
    assert f'"{machine.home}/footplate/watchdog/watchdog.py" "run"' in unit and "WantedBy=multi-user.target" in unit
    service = "footplate-watchdog.service"
    assert asked.read_text().splitlines() == ["daemon-reload", f"enable {service}", f"restart {service}"]
    assert programs.ask(machine.host, "watch", words)["changed"] is False
    assert asked.read_text().splitlines()[-1] == f"start {service}"
