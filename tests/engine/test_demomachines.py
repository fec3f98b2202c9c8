"""The demo's machines are real: one with a run on it, one preempted, one stopped; and nothing is left of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import demomachines, machines
from engine.init import HERE as PRESETS
from engine.run import Run, listing
from engine.workspace import Workspace
from tests import lab, outside
from vmops.loopback import processes

pytest.importorskip("google.cloud.compute_v1", reason="google-cloud-compute not here: pip install 'footplate[cloud]'")
TEMPLATE = (PRESETS / machines.FILE).read_text()
HOLDER = """
import pathlib, sys, time
from engine import demomachines
with demomachines.beside(pathlib.Path(sys.argv[1])):
    time.sleep(600)
"""


def computers(workspace: Workspace) -> set[int]:
    """The processes of all its machines."""
    folders = (workspace.root / demomachines.FOLDER / "machines").glob("*")
    return {pid for folder in folders for pid in processes.of_machine(folder.name)}


def there(workspace: Workspace) -> list[Run]:
    return [run for run in listing(workspace) if run.status().machine]


@pytest.mark.slow
@pytest.mark.timeout(300)
@outside.needs("sshd", "ssh", "rsync")
def test_machines_of_three_kinds_of_state_and_a_run_and_nothing_left_of_them(workspace: Workspace) -> None:
    with demomachines.beside(workspace.root):
        lab.until(lambda: "endpoint: http://127" in machines.file(workspace).read_text(), "the cloud")
        with machines.desk(workspace) as desk:

            def states() -> dict[str, tuple[str, bool]]:
                return {one.name: (one.state, one.preempted) for one in desk.machines()}

            wanted = {"cpu-1": ("running", False), "gpu-1": ("stopped", False), "gpu-2": ("stopped", True)}
            lab.until(lambda: states() == wanted, "its machines")
            assert all(one.simulated for one in desk.machines())
        lab.until(lambda: bool(there(workspace)) and there(workspace)[0].status().done > 1, "a run on one of them")
        assert there(workspace)[0].status().machine == "cpu-1" and computers(workspace)
        pids = computers(workspace)
    assert not [pid for pid in pids if processes.born(pid)]
    assert not [run.id for run in listing(workspace) if run.status().active]
    assert machines.file(workspace).read_text() == TEMPLATE
    assert not (workspace.root / demomachines.FOLDER).exists() and not workspace.machines.exists()


def test_they_end_with_who_holds_them_however_it_ends(workspace: Workspace) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(workspace.root)])
    lab.until(lambda: bool(computers(workspace)), "a machine")
    holder.kill()
    holder.wait()
    lab.until(lambda: machines.file(workspace).read_text() == TEMPLATE, "it to be over")
    lab.until(lambda: not computers(workspace), "its machines to end")


def test_settings_that_are_somebodys_own_are_left_alone(workspace: Workspace) -> None:
    own = TEMPLATE.replace("label: lab", "label: ours")
    machines.file(workspace).write_text(own)
    held = demomachines.Machines(workspace)
    assert "somebody's own" in held.begin()
    held.end()
    assert machines.file(workspace).read_text() == own and not (workspace.root / demomachines.FOLDER).exists()


def test_every_setting_of_the_cloud_finds_its_place_in_the_template(tmp_path: Path, workspace: Workspace) -> None:
    info = {"user": 'a "b"', "key": str(tmp_path / "a b"), "ssh_port": 2022, "project": "footplate-loopback"}
    text = demomachines.leading_there(TEMPLATE, {**info, "endpoint": "http://127.0.0.1:1"})
    machines.file(workspace).write_text(text)
    found = machines.settings(workspace)
    assert (found.ssh.user, found.ssh.key, found.ssh.port) == ('a "b"', str(tmp_path / "a b"), 2022)
    assert (found.project, found.endpoint, found.simulated) == ("footplate-loopback", "http://127.0.0.1:1", True)
    assert {kind.python for kind in found.kinds.values()} == {sys.executable} and os.access(sys.executable, os.X_OK)
