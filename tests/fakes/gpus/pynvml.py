"""A driver that reports two GPUs, for processes that find this folder on their path."""

from __future__ import annotations

from dataclasses import dataclass

NVML_TEMPERATURE_GPU = 0


class NVMLError(Exception):
    """What the real one raises."""


@dataclass
class Memory:
    used: int = 1 << 30
    total: int = 16 << 30


@dataclass
class Load:
    gpu: int = 7


def nvmlInit() -> None:  # noqa: N802
    pass


def nvmlDeviceGetCount() -> int:  # noqa: N802
    return 3


def nvmlDeviceGetHandleByIndex(index: int) -> int:  # noqa: N802
    return index


def nvmlDeviceGetUUID(handle: int) -> str:  # noqa: N802
    return f"GPU-{handle}{handle}{handle}-aaaa"


def nvmlDeviceGetMemoryInfo(handle: int) -> Memory:  # noqa: N802
    if handle == 2:
        raise NVMLError("GPU is lost")
    return Memory()


def nvmlDeviceGetName(_handle: int) -> bytes:  # noqa: N802
    return b"Tesla T4"


def nvmlDeviceGetUtilizationRates(_handle: int) -> Load:  # noqa: N802
    return Load()


def nvmlDeviceGetTemperature(_handle: int, _sensor: int) -> int:  # noqa: N802
    return 51


def nvmlDeviceGetPowerUsage(_handle: int) -> int:  # noqa: N802
    raise NVMLError("not supported")
