"""The same tables from a cluster as from one machine, whatever happens to its machines."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.workspace import Workspace
from tests import lab
from tests.engine.scaling import cluster
from tests.engine.scaling.cluster import OTHER, Cluster
from tests.engine.scaling.test_committing import committed, videos_of
from tests.engine.scaling.test_infer import infer, tables, weights

pytest.importorskip("ray")
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def machines() -> Iterator[Cluster]:
    """Two machines with a processor each; Ray's sockets want a short path."""
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder, cluster.running(Path(folder)) as made:
        yield made


@pytest.fixture
def study(workspace: Workspace, videos: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with clips and two classifiers; a machine's first task loads torch, which takes its time."""
    monkeypatch.setattr(lab, "PATIENCE_S", 200.0)
    for path in videos.iterdir():
        shutil.copy2(path, workspace.root / "videos")
    weights(workspace.root / "weights")
    return workspace


def test_a_machine_that_is_killed_costs_nothing(study: Workspace, machines: Cluster) -> None:
    whole = infer(study, "compute.processes=1")
    assert lab.ended(whole).state == "done", whole.log.read_text()
    store = study.root / "store"
    store.mkdir()
    spread = ("compute.engine=ray", f"compute.address={machines.address}", f"compute.checkpoints={store}")
    run = infer(study, *spread, "videos_per_shard=4")
    lab.until(lambda: len(committed(store)) >= 2, "some shards are committed")
    machines.kill(OTHER)
    assert lab.ended(run).state == "done", run.log.read_text()
    log = run.log.read_text()
    assert "a cluster of 2 machines" in log and f"machine {OTHER} is lost" in log
    assert videos_of(committed(store)) == 64, "none is missing, and none is there twice"
    assert tables(run) == tables(whole)
