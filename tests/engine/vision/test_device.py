"""Devices and precision: what is there is taken, what is not is said."""

from __future__ import annotations

import pytest
import torch

from engine.errors import DeviceError
from engine.vision import device

CPU = torch.device("cpu")


def test_a_gpu_that_is_not_there_is_an_error() -> None:
    with pytest.raises(DeviceError, match="there is no cuda:7"):
        device.settle("cuda:7", 1)


def test_bf16_is_taken_only_where_the_processor_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": False, "cpu_name": "Old"})
    assert device.precision("auto", CPU) == device.precision("fp32", CPU) == "fp32"
    with pytest.raises(DeviceError, match="this Old has no bf16"):
        device.precision("bf16", CPU)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    assert device.precision("auto", CPU) == device.precision("bf16", CPU) == "bf16"
    assert device.precision("fp32", CPU) == "fp32"


def test_facts_name_libraries_and_hardware() -> None:
    assert device.facts(CPU).keys() == {"torch", "timm", "hardware", "instructions"}
