"""A machine whose disk is full, or whose clock is wrong: told in words, on the command line and on the screen."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests import lab, outside
from tests.engine.remote.conftest import Box, closed
from tests.lab import ended
from tests.tui.helpers import SMALL, opened, sees

pytestmark = [outside.needs("sshd", "rsync"), pytest.mark.timeout(600)]
AHEAD_S = 3600


async def test_a_full_disk_there_is_a_clear_failure_before_anything_is_sent(box: Box) -> None:
    place = box.sshd.home / "footplate"
    place.mkdir()
    box.sshd.stop()
    if not box.sshd.start_with_small_disk(place):
        pytest.skip("this machine lets nobody mount anything (unshare -m)")
    run = box.submit(*lab.QUICK)
    status = ended(run)
    assert (status.state, status.attempt) == ("failed", 0)
    assert status.error == "lab-box: 1 MiB free"
    assert "make room there" in status.hint
    app = opened(box.workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2", "enter")
        await sees(pilot, "failed", "lab-box: 1 MiB free", "make room there")


async def test_a_clock_that_is_wrong_is_told_and_the_times_of_the_run_are_ours(box: Box, tmp_path: Path) -> None:
    settings = box.workspace.configs / "machines.yaml"
    settings.write_text(settings.read_text().replace(sys.executable, str(ahead(box, tmp_path))))
    run = box.submit(*lab.QUICK)
    before = time.time()
    status = ended(run)
    assert status.state == "done", status.error
    closed(run)
    [flag] = run.status().flags
    assert flag.startswith("lab-box: its clock is 36") and "ahead: times of its runs are shifted" in flag
    assert status.started_at is not None and abs(status.started_at - before) < AHEAD_S / 2, "as our clock has it"
    assert f"! {flag}" in lab.shell("-w", str(box.workspace.root), "show", run.id).out
    app = opened(box.workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2", "enter")
        await sees(pilot, "done", "! lab-box: its clock is 36")


def ahead(box: Box, folder: Path) -> Path:
    """Let every Python of the machine live in the future; the one of its runs."""
    (folder / "future").mkdir()
    (folder / "future" / "sitecustomize.py").write_text(
        f"import time\nnow = time.time\ntime.time = lambda: now() + {AHEAD_S}\n"
    )
    python = folder / "python3"
    python.write_text(f'#!/bin/sh\nexport PYTHONPATH="$PYTHONPATH:{folder}/future"\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    box.sshd.path = [str(folder), os.environ["PATH"]]
    box.sshd.write()
    return python
