"""Whoever starts, stops or deletes a machine may be killed at any instant; who asks again finds it done, once."""

from __future__ import annotations

from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.vmops.gce import Lab, lab
from tests.vmops.killing import context, died
from vmops import audit, loopback


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    return context()


@pytest.fixture
def here(cloud: loopback.Cloud, tmp_path: Path) -> Lab:
    return lab(cloud, tmp_path / "machines")


@pytest.mark.parametrize(("act", "state"), [("stop", "stopped"), ("start", "running"), ("delete", "gone")])
def test_an_act_killed_at_any_instant_is_finished_by_the_next(
    processes: ForkServerContext, here: Lab, act: str, state: str
) -> None:
    for number, when in ((1, "before"), (1, "after"), (2, "before"), (2, "after")):
        here.gce.create("cpu", "gpu-1")
        if act == "start":
            here.gce.stop("gpu-1")
        assert died(processes, here, (act, "gpu-1"), number, when)
        before = len(audit.read(here.folder).lines)
        assert getattr(here.gce, act)("gpu-1").state == state
        assert audit.read(here.folder).lines[before:], "that it was done is audited by who finds it done"
        here.gce.delete("gpu-1")
    assert not died(processes, here, ("create", "cpu", "gpu-1"), 3, "before")
