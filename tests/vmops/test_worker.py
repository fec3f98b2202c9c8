"""The process that speaks with the cloud, and the desk at which it is asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.vmops import gce
from vmops import loopback
from vmops.desk import Desk
from vmops.errors import NotFound, Refused, StockOut
from vmops.provider import Call
from vmops.settings import Budget, Settings, from_json, to_json

assert gce.google
DEADLINE_S = 100.0


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[loopback.Cloud]:
    with loopback.cloud(tmp_path_factory.mktemp("cloud")) as made:
        yield made


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    return []


@pytest.fixture(scope="module")
def desk(cloud: loopback.Cloud, calls: list[Call], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = replace(cloud.settings(), budget=Budget())
    with Desk(settings, tmp_path_factory.mktemp("machines"), calls.append) as made:
        yield made


def test_settings_come_out_of_the_pipe_as_they_went_in(cloud: loopback.Cloud) -> None:
    assert from_json(json.loads(json.dumps(to_json(cloud.settings())))) == cloud.settings()


def test_a_desk_gives_values_of_ours_and_hears_of_progress_and_calls(desk: Desk, calls: list[Call]) -> None:
    said: list[str] = []
    plan = desk.plan("t4-spot", "gpu-1")
    assert plan.kind == desk.settings.kinds["t4-spot"] and plan.zones[0].zone == "us-central1-a" and plan.there is None
    made = desk.create("t4-spot", "gpu-1", said.append)
    assert made.state == "running" and desk.machine("gpu-1") == made and desk.machines() == [made]
    assert said[0] == "asking for gpu-1 in us-central1-a, $0.24 an hour, for 24 hours at most"
    assert desk.ask("costs")["machines"][0]["name"] == "gpu-1"
    assert {one.metric for one in desk.quotas()} >= {"NVIDIA_T4_GPUS"} and desk.orphans() == []
    assert "instances.insert us-central1-a gpu-1" in [call.what for call in calls]
    assert desk.stop("gpu-1").state == "stopped" and desk.start("gpu-1").state == "running"
    assert "HOST KEY" in desk.serial("gpu-1") and desk.host_keys("gpu-1")
    assert desk.delete("gpu-1").state == "gone" and desk.adopt() == []


def test_errors_are_those_of_their_own_class_with_their_hints(desk: Desk, cloud: loopback.Cloud) -> None:
    with pytest.raises(NotFound, match="no machine 'gpu-9'"):
        desk.machine("gpu-9")
    with pytest.raises(Refused) as refused:
        desk.create("cpu", "$(reboot)")
    assert "expected" in refused.value.hint
    cloud.faults.stock_out()
    with pytest.raises(StockOut, match="no nvidia-tesla-t4 spot machine"):
        desk.create("t4-spot", "gpu-2")
    cloud.faults.clear()
    with pytest.raises(Refused, match="nobody can be asked to 'explode'"):
        desk.ask("explode")
    with pytest.raises(Refused, match="machine:"):
        desk.ask("machine", nome="x")


def test_a_long_act_keeps_nobody_waiting(desk: Desk, cloud: loopback.Cloud) -> None:
    cloud.faults.slow("/wait$", 3, times=1)
    creating = threading.Thread(target=lambda: desk.create("cpu", "slow-1"))
    creating.start()
    until(lambda: any(one.url_path.endswith("/wait") and not one.status for one in cloud.calls))
    assert "slow-1" in [one.name for one in desk.machines()]
    assert creating.is_alive()
    creating.join(DEADLINE_S)
    assert desk.delete("slow-1").state == "gone"


def test_a_provider_that_is_not_known_is_named(tmp_path: Path) -> None:
    with Desk(Settings(provider="moon"), tmp_path) as desk, pytest.raises(Refused, match="no provider 'moon'"):
        desk.machines()
