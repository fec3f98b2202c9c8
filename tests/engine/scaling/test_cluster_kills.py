"""The same tables from a cluster as from one machine, whatever is killed; with networks, so it takes minutes."""

from __future__ import annotations

import os
import signal

import pytest

from engine import launch
from engine.workspace import Workspace
from tests import lab
from tests.engine.scaling.cluster import HEAD, OTHER, Cluster
from tests.engine.scaling.test_cluster import machines, over, study
from tests.engine.scaling.test_committing import committed, videos_of
from tests.engine.scaling.test_infer import infer, tables, weights

__all__ = ["machines", "study"]  # fixtures
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(autouse=True)
def classifiers(study: Workspace) -> None:
    """Two classifiers in the workspace."""
    weights(study.root / "weights")


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
