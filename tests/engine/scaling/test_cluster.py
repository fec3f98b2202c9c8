"""The same tables from a cluster as from one machine, whatever happens to its machines."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import launch
from engine.errors import DataError
from engine.spreading import across
from engine.workspace import Workspace
from tests import lab
from tests.engine.scaling import cluster
from tests.engine.scaling.cluster import HEAD, OTHER, Cluster
from tests.engine.scaling.test_committing import committed, extract, videos_of
from tests.engine.scaling.test_committing import tables as features
from tests.engine.scaling.test_infer import infer, tables, weights

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def study(workspace: Workspace, videos: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with clips and two classifiers; a machine's first task loads torch, which takes its time."""
    pytest.importorskip("ray")
    monkeypatch.setattr(lab, "PATIENCE_S", 300.0)
    for path in videos.iterdir():
        shutil.copy2(path, workspace.root / "videos")
    weights(workspace.root / "weights")
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


def test_where_there_is_no_cluster_it_is_said_how_to_bring_one_up(study: Workspace) -> None:
    run = extract(study, "compute.engine=ray", "compute.address=127.0.0.2:1", "limit=2")
    status = lab.ended(run)
    assert status.state == "failed" and "127.0.0.2:1" in status.error and "clusters.md" in status.hint


def test_two_machines_give_the_tables_of_one(study: Workspace, machines: Cluster) -> None:
    run = extract(study, *over(machines, study, "videos_per_shard=16"))
    assert lab.ended(run).state == "done", run.log.read_text()
    assert "a cluster of 2 machines" in run.log.read_text()
    assert videos_of(committed(study.root / "store")) == 64, "none is missing, and none is there twice"
    shutil.rmtree(study.cache / "extract")
    alone = extract(study)
    assert lab.ended(alone).state == "done"
    assert features(run) == features(alone)

    if cluster.can_hide():
        hidden = study.root / "hidden"
        run = extract(study, *over(machines, study, f"compute.checkpoints={hidden}", "videos_per_shard=15"))
        status = lab.ended(run)
        assert status.state == "failed" and f"machine {OTHER}" in status.error
        assert "does not see the store of commits" in status.error and "gs://" in status.hint


@pytest.mark.slow
def test_a_machine_that_is_killed_costs_nothing(study: Workspace, machines: Cluster) -> None:
    run = infer(study, *over(machines, study, "videos_per_shard=4"))
    lab.until(lambda: len(committed(study.root / "store")) >= 2, "some shards are committed")
    machines.kill(OTHER)
    assert lab.ended(run).state == "done", run.log.read_text()
    log = run.log.read_text()
    assert "a cluster of 2 machines" in log and f"machine {OTHER} is lost" in log
    assert videos_of(committed(study.root / "store")) == 64, "none is missing, and none is there twice"
    alone = infer(study, "compute.processes=1")
    assert lab.ended(alone).state == "done", alone.log.read_text()
    assert tables(run) == tables(alone)


@pytest.mark.slow
def test_a_driver_that_is_killed_and_one_that_is_stopped_are_gone_on_with(study: Workspace, machines: Cluster) -> None:
    store = study.root / "store"
    run = infer(study, *over(machines, study, "videos_per_shard=4"))
    lab.until(lambda: len(committed(store)) >= 2, "some shards are committed")
    os.kill(run.status().job_pid or 0, signal.SIGKILL)
    lab.ended(run)
    first = committed(store)
    launch.resume(study, run)
    lab.until(lambda: len(committed(store)) >= len(first) + 2, "some more shards are committed")
    run.stop.touch()
    assert lab.ended(run).state == "stopped"
    second = committed(store)
    launch.resume(study, run)
    assert lab.ended(run).state == "done", run.log.read_text()
    last = committed(store)
    assert first.items() < second.items() <= last.items() and videos_of(last) == 64
    alone = infer(study, "compute.processes=1")
    assert lab.ended(alone).state == "done", alone.log.read_text()
    assert tables(run) == tables(alone)


@pytest.mark.slow
def test_without_its_head_a_run_goes_on_alone_and_says_so(study: Workspace, machines: Cluster) -> None:
    run = infer(study, *over(machines, study, "videos_per_shard=4"))
    lab.until(lambda: len(committed(study.root / "store")) >= 2, "some shards are committed")
    machines.kill(HEAD)
    assert lab.ended(run).state == "done", run.log.read_text()
    log = run.log.read_text()
    assert "the cluster is lost" in log and "goes on with them alone" in log
    alone = infer(study, "compute.processes=1")
    assert lab.ended(alone).state == "done", alone.log.read_text()
    assert tables(run) == tables(alone)
