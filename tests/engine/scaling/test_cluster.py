"""A cluster gives the tables of one machine, and says what is missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import DataError
from engine.inferring.recipes import Extracting
from engine.record import Recorder
from engine.run import create
from engine.scaling.shards import Shard
from engine.specs.extract import Extract
from engine.spreading import across
from engine.spreading.across import NoCluster
from engine.spreading.plan import Plan, Work
from engine.workspace import Workspace
from tests import lab
from tests.engine.scaling import cluster
from tests.engine.scaling.cluster import OTHER, Cluster
from tests.engine.scaling.test_committing import committed, extract, videos_of
from tests.engine.scaling.test_committing import tables as features
from tests.jobs import do

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def study(workspace: Workspace, videos: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with clips."""
    pytest.importorskip("ray", reason="Ray is not here: the dev group and footplate[ray] bring it")
    monkeypatch.setattr(lab, "PATIENCE_S", 300.0)
    for path in videos.iterdir():
        shutil.copy2(path, workspace.root / "videos")
    (workspace.root / "store").mkdir()
    return workspace


@pytest.fixture
def machines(study: Workspace) -> Iterator[Cluster]:
    """Two machines with a processor each; the second one does not see a folder, where that can be had."""
    hidden = study.root / "hidden"
    hidden.mkdir()
    with cluster.running(hidden=hidden if cluster.can_hide() else None) as made:
        yield made


def over(machines: Cluster, study: Workspace, *words: str) -> list[str]:
    """What a spec says of a cluster."""
    spread = [
        "compute.engine=ray",
        f"compute.address={machines.address}",
        f"compute.checkpoints={study.root / 'store'}",
    ]
    return [*spread, "compute.processes=1", *words]


def test_without_ray_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataError, match="ray is not installed") as refused:
        across.require()
    assert "footplate[ray]" in refused.value.hint


def test_a_head_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="Ray is not here: the dev group and footplate[ray] bring it")
    from engine.spreading import nodes

    monkeypatch.setattr(nodes, "HEAD_S", 0.0)
    with pytest.raises(ConnectionError, match=r"the head at 127\.0\.0\.2:1 does not answer: .*refused"):
        nodes.head_answers("127.0.0.2:1")


@pytest.mark.slow
def test_where_there_is_no_cluster_it_is_said_how_to_bring_one_up(study: Workspace) -> None:
    run = extract(study, "compute.engine=ray", "compute.address=127.0.0.2:1", "limit=2")
    status = lab.ended(run)
    assert status.state == "failed" and "127.0.0.2:1" in status.error and "clusters.md" in status.hint


def test_a_driver_that_ends_at_once_is_no_cluster_and_no_fault_of_ours(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Recorder(workspace, create(workspace, "extract", "", record={}, parents={}), attempt=1, device="cpu")
    known = b"more than a pipe takes before somebody reads" * 100_000
    plan = Plan(Extracting(Extract()), {}, "", "", "", 1, 1.0, 1, 1, 1, 0.0, settles=False)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(NoCluster, match=r"no Ray cluster at auto: its driver ended with 1") as said:
        list(across.hear(out, Work(plan, [(Shard("one", ()), known)], {}, "", "auto", {})))
    assert "docs/clusters.md" in said.value.hint
    out.close()


def test_two_machines_give_the_tables_of_one(study: Workspace, machines: Cluster) -> None:
    run = extract(study, *over(machines, study, "videos_per_shard=16"))
    assert lab.ended(run).state == "done", run.log.read_text()
    assert "a cluster of 2 machines" in run.log.read_text()
    assert videos_of(committed(study.root / "store")) == 64, "none is missing, and none is there twice"
    shutil.rmtree(study.cache / "extract")
    alone = do(study, "extract", "extractors=[colour]", "compute.processes=1")
    assert features(run) == features(alone)


@pytest.mark.slow
@pytest.mark.skipif(not cluster.can_hide(), reason="a machine that does not see a folder needs unshare, and its right")
def test_a_machine_that_does_not_see_the_commits_is_named(study: Workspace, machines: Cluster) -> None:
    hidden = study.root / "hidden"
    run = extract(study, *over(machines, study, f"compute.checkpoints={hidden}", "videos_per_shard=15"))
    status = lab.ended(run)
    assert status.state == "failed" and f"machine {OTHER}" in status.error
    assert "does not see the store of commits" in status.error and "gs://" in status.hint
