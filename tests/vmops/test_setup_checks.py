"""What a machine must have before a job starts, judged by plain values."""

from __future__ import annotations

from typing import Any

import pytest

from vmops import setupchecks
from vmops.errors import DiskFull, Missing

T4 = {"name": "Tesla T4", "driver": "580.95.05", "capability": "7.5", "memory": "15360 MiB"}
TORCH: dict[str, Any] = {
    "torch": "2.15.0", "cuda": "13.0", "available": True, "architectures": ["sm_75", "sm_80", "sm_90", "compute_120"],
}  # fmt: skip


def test_a_t4_with_a_new_driver_will_do() -> None:
    setupchecks.gpu("gpu-1", "nvidia-tesla-t4", [T4], TORCH)


@pytest.mark.parametrize(
    ("gpu", "torch", "words"),
    [
        ({"driver": "550.54.15"}, {}, r"driver 550.54.15 is too old for torch's CUDA 13.0, which needs 580"),
        ({"driver": "550.54.15"}, {"cuda": "14.1"}, "needs 580"),  # a CUDA of tomorrow needs at least as much
        ({"capability": "6.1", "name": "Tesla P4"}, {}, r"not built for the Tesla P4 \(sm_61\)"),
        ({"capability": "8.9"}, {"architectures": ["sm_75", "sm_90"]}, "sm_89"),
        ({}, {"available": False}, "does not see the Tesla T4"),
        ({}, {"cuda": ""}, "built without CUDA"),
    ],
)
def test_a_gpu_that_cannot_be_used_is_told(gpu: dict[str, str], torch: dict[str, Any], words: str) -> None:
    with pytest.raises(Missing, match=words) as missing:
        setupchecks.gpu("gpu-1", "nvidia-tesla-t4", [{**T4, **gpu}], {**TORCH, **torch})
    assert missing.value.hint


@pytest.mark.parametrize("capability", ["7.5", "8.0", "8.6", "8.9", "9.0", "12.0", "12.1"])
def test_code_for_a_gpu_runs_on_later_ones_of_its_kind(capability: str) -> None:
    setupchecks.gpu("gpu-1", "a GPU", [{**T4, "capability": capability}], TORCH)


def test_an_older_cuda_is_content_with_an_older_driver() -> None:
    setupchecks.gpu("gpu-1", "a GPU", [{**T4, "driver": "535.1"}], {**TORCH, "cuda": "12.8"})


def test_a_gpu_that_is_not_there_is_told() -> None:
    with pytest.raises(Missing, match="should have a nvidia-tesla-t4, and no NVIDIA driver answers"):
        setupchecks.gpu("gpu-1", "nvidia-tesla-t4", [], TORCH)


def test_torch_is_missed_only_where_it_is_needed() -> None:
    setupchecks.torch("gpu-1", {"error": "torch is not installed"}, needed=False)
    with pytest.raises(Missing, match="torch is not installed"):
        setupchecks.torch("gpu-1", {"error": "torch is not installed"}, needed=True)


@pytest.mark.parametrize(
    ("version", "good"), [("3.10.12", False), ("3.9.2", False), ("3.11.0", True), ("3.13.1", True)]
)
def test_a_python_has_to_be_new_enough(version: str, good: bool) -> None:
    if good:
        setupchecks.python("gpu-1", "/opt/python", version)
    else:
        with pytest.raises(Missing, match=f"/opt/python is Python {version}, and 3.11 is needed"):
            setupchecks.python("gpu-1", "/opt/python", version)


def test_a_full_disk_is_told_and_a_nearly_full_one_as_well() -> None:
    with pytest.raises(DiskFull, match="512 MiB free"):
        setupchecks.room("gpu-1", 512 << 20)
    assert list(setupchecks.warnings(2 << 30, 0.0, {})) == ["only 2,048 MiB are free there"]


@pytest.mark.parametrize(("skew_s", "words"), [(7.0, "7 s ahead"), (-9.0, "9 s behind")])
def test_a_clock_that_is_wrong_is_told(skew_s: float, words: str) -> None:
    [warning] = setupchecks.warnings(1 << 40, skew_s, {})
    assert words in warning
    assert not list(setupchecks.warnings(1 << 40, skew_s / 2, {}))
