"""Facts about a machine."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator

import pytest

from engine import host
from engine.events import Gpu
from tests.lab import ROOT


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A driver with two GPUs and a third one that is lost."""
    spec = importlib.util.spec_from_file_location("pynvml", ROOT / "tests" / "fakes" / "gpus" / "pynvml.py")
    assert spec
    assert spec.loader
    driver = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    spec.loader.exec_module(driver)
    yield


def test_a_gpu_that_is_lost_is_no_reason_to_lose_the_others(two_gpus: None) -> None:
    assert [(gpu.index, gpu.name, gpu.percent, gpu.temperature_c) for gpu in host.gpus()] == [
        (0, "Tesla T4", 7.0, 51.0),
        (1, "Tesla T4", 7.0, 51.0),
    ]


def test_what_a_gpu_cannot_tell_is_zero(two_gpus: None) -> None:
    assert [gpu.power_w for gpu in host.gpus()] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("allowed", "visible"),
    [
        (None, [0, 1]),
        ("1", [1]),
        (" 1, 0", [0, 1]),
        ("", []),
        ("5", []),
        ("-1", []),
        ("GPU-111-aaaa", [1]),
        ("GPU-000", [0]),
        ("GPU-5", []),
    ],
)
def test_a_gpu_that_our_caller_hides_is_not_there(
    two_gpus: None, monkeypatch: pytest.MonkeyPatch, allowed: str | None, visible: list[int]
) -> None:
    if allowed is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", allowed)
    assert host.visible_gpus() == visible


def test_only_visible_gpus_are_sampled(two_gpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    sample = host.Sampler().sample()
    assert [event.index for event in sample if isinstance(event, Gpu)] == [1]


def test_a_process_is_known_by_its_number_and_its_start() -> None:
    assert host.started(os.getpid()) == host.started(os.getpid())
    assert host.started(2**22 + 1) is None
    assert host.boot_id() == host.boot_id() != ""


def test_the_environment_names_every_package_and_no_nameless_one(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path_factory.mktemp("site") / "half_removed-1.0.dist-info"
    broken.mkdir()
    monkeypatch.syspath_prepend(str(broken.parent))
    found = host.environment(2, "cpu-0")
    assert (found["threads"], found["device"]) == (2, "cpu-0")
    assert {"pydantic", "pyyaml"} <= found["packages"].keys()
    assert all(found["packages"].keys())
