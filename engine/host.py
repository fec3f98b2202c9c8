"""Facts about this machine and its processes; nothing here loads torch."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.events import Event, Gpu, Host


def boot_id() -> str:
    """Changes with every boot, so that a process number of before is not taken for one of now."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def started(pid: int) -> float | None:
    """When a process began, in seconds since 1970; with the number it names a process beyond doubt."""
    import psutil

    with suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return None


def visible_gpus() -> list[int]:
    """Numbers of the NVIDIA GPUs that this process may use; none where there is no driver."""
    there = [gpu.index for gpu in gpus()]
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return there
    names = [name for name in allowed.replace(" ", "").split(",") if name]
    return [index for index in there if any(_is(index, name) for name in names)]


def _is(index: int, name: str) -> bool:
    """Whether a GPU is meant: by its number, or by the beginning of its UUID, as schedulers name it."""
    if not name.startswith("GPU-"):
        return name == str(index)
    import pynvml

    try:
        uuid = pynvml.nvmlDeviceGetUUID(pynvml.nvmlDeviceGetHandleByIndex(index))
    except pynvml.NVMLError:
        return False
    return (uuid.decode() if isinstance(uuid, bytes) else str(uuid)).startswith(name)


def gpus() -> list[Gpu]:
    """Each NVIDIA GPU as its driver reports it now."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    found = []
    for index in range(pynvml.nvmlDeviceGetCount()):
        with suppress(pynvml.NVMLError):  # a card that fell off the bus is no reason to lose the others
            found.append(_gpu(pynvml, index))
    return found


def _gpu(nvml: Any, index: int) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory, name = nvml.nvmlDeviceGetMemoryInfo(handle), nvml.nvmlDeviceGetName(handle)
    percent, temperature, power = 0.0, 0.0, 0.0
    # A card may lack one of these; the others are still worth having.
    with suppress(nvml.NVMLError):
        percent = float(nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
    with suppress(nvml.NVMLError):
        temperature = float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
    with suppress(nvml.NVMLError):
        power = nvml.nvmlDeviceGetPowerUsage(handle) / 1000
    name = name.decode() if isinstance(name, bytes) else name
    return Gpu(index, name, percent, int(memory.used), int(memory.total), temperature, power)


class Sampler:
    """Processor and memory of this process with all its children, and the GPUs that it may use."""

    def __init__(self) -> None:
        import psutil

        self._psutil = psutil
        self._known: dict[int, Any] = {}
        self._gpus = set(visible_gpus())
        self.sample()  # the first reading of a processor's load is always 0

    def sample(self) -> list[Event]:
        machine = self._psutil.virtual_memory()
        percent, used = 0.0, 0
        for process in self._processes():
            with suppress(self._psutil.Error):
                percent += process.cpu_percent()
                used += process.memory_info().rss
        cores = os.cpu_count() or 0
        host = Host(percent, used, machine.total - machine.available, machine.total, cores)
        return [host, *(gpu for gpu in (gpus() if self._gpus else ()) if gpu.index in self._gpus)]

    def _processes(self) -> Iterator[Any]:
        """The same objects each time, since each remembers its last reading."""
        me = self._psutil.Process()
        with suppress(self._psutil.Error):
            alive = {process.pid: process for process in (me, *me.children(recursive=True))}
            self._known = {pid: self._known.get(pid, process) for pid, process in alive.items()}
        yield from self._known.values()


def environment(threads: int, device: str) -> dict[str, Any]:
    """What a scientist needs to know of a machine to judge a number that was made there."""
    import psutil

    return {
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=True),
        "memory_bytes": psutil.virtual_memory().total,
        "python": platform.python_version(),
        "device": device,
        "threads": threads,
        "gpus": [{"index": gpu.index, "name": gpu.name, "memory_total": gpu.memory_total} for gpu in gpus()],
        "packages": _packages(),
    }


def _packages() -> dict[str, str]:
    """Every installed package with its version; the remains of a broken installation have no name."""
    from importlib import metadata  # costs as much as all the rest of this file

    return dict(sorted((d.name.lower(), d.version) for d in metadata.distributions() if d.name))


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
