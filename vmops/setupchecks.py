"""Whether a machine can do what a job will need, told before it starts: Python, torch, driver, GPU, disk, clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vmops.errors import DiskFull, Missing

LEAST_PYTHON = (3, 11)
DRIVERS = {13: 580, 12: 525, 11: 450}  # the oldest driver that knows a CUDA version
LEAST_BYTES, FEW_BYTES = 1 << 30, 5 << 30
SKEW_S = 5.0


def room(name: str, free_bytes: int) -> None:
    """DiskFull where a job could not even write its log."""
    if free_bytes < LEAST_BYTES:
        raise DiskFull(
            f"{name}: {free_bytes >> 20:,} MiB free", hint="make room there, or give its kind a larger disk_gb"
        )


def python(name: str, path: str, version: str) -> None:
    """Missing where the Python of an environment is too old for our code."""
    if _numbers(version)[:2] < LEAST_PYTHON:
        least = ".".join(map(str, LEAST_PYTHON))
        raise Missing(
            f"{name}: {path} is Python {version}, and {least} is needed",
            hint="name another under `python:` in machines.yaml, or leave it empty: one is made from requirements.lock",
        )


def torch(name: str, said: Mapping[str, Any], *, needed: bool) -> None:
    """Missing where torch is needed and cannot be loaded."""
    if needed and "error" in said:
        raise Missing(
            f"{name}: torch cannot be loaded: {said['error']}",
            hint="leave `python:` empty in machines.yaml, so that the environment is made from requirements.lock",
        )


def gpu(name: str, expected: str, gpus: list[dict[str, str]], said: Mapping[str, Any]) -> None:
    """Missing where the GPU that is paid for cannot be used."""
    if not gpus:
        raise Missing(
            f"{name}: it should have a {expected}, and no NVIDIA driver answers there",
            hint="take an image with a driver (deeplearning-platform-release), or install nvidia-driver-580-server",
        )
    _driver(name, gpus[0]["driver"], str(said["cuda"]))
    _architecture(name, gpus[0], said)
    if not said["available"]:
        raise Missing(
            f"{name}: torch {said['torch']} does not see the {gpus[0]['name']}",
            hint="restart the machine; if that does not help, look at `nvidia-smi` and `dmesg` there",
        )


def warnings(free_bytes: int, skew_s: float, said: Mapping[str, Any]) -> Iterator[str]:
    """What does not stop a job but is worth a look."""
    if abs(skew_s) > SKEW_S:
        way = "ahead" if skew_s > 0 else "behind"
        yield f"its clock is {abs(skew_s):.0f} s {way}: times of its runs are shifted (there: timedatectl)"
    if free_bytes < FEW_BYTES:
        yield f"only {free_bytes >> 20:,} MiB are free there"
    if "error" in said:
        yield f"torch cannot be loaded there: {said['error']}"


def _driver(name: str, driver: str, cuda: str) -> None:
    if not cuda:
        raise Missing(
            f"{name}: its torch is built without CUDA", hint="leave `python:` empty in machines.yaml: one is made"
        )
    least = DRIVERS.get(_numbers(cuda)[0], max(DRIVERS.values()))
    if _numbers(driver)[0] < least:
        raise Missing(
            f"{name}: driver {driver} is too old for torch's CUDA {cuda}, which needs {least} or newer",
            hint=f"take a newer image for its kind, or on it: sudo apt-get install -y nvidia-driver-{least}-server",
        )


def _architecture(name: str, there: Mapping[str, str], said: Mapping[str, Any]) -> None:
    """Code for sm_80 runs on sm_86, since both are 8; intermediate code (compute_…) runs on everything newer."""
    major, minor = (*_numbers(there["capability"]), 0)[:2]
    for flag in said["architectures"]:
        if not (found := re.fullmatch(r"(sm|compute)_(\d+)(\d)[af]?", flag)):
            continue
        flag_major, flag_minor = int(found[2]), int(found[3])
        if (found[1] == "sm" and flag_major == major and flag_minor <= minor) or (
            found[1] == "compute" and (flag_major, flag_minor) <= (major, minor)
        ):
            return
    raise Missing(
        f"{name}: torch {said['torch']} is not built for the {there['name']} (sm_{major}{minor})",
        hint=f"it is built for {', '.join(said['architectures'])}: take another kind of GPU or another torch",
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)) or (0,)
