"""What this cloud offers: zones, machine types, accelerators, images and quotas, named as Google names them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
T4, P100, V100, L4 = "nvidia-tesla-t4", "nvidia-tesla-p100", "nvidia-tesla-v100", "nvidia-l4"

# Where Google had these GPUs in 2026, as far as this cloud goes; a zone without any is a zone as well.
ZONES: dict[str, tuple[str, ...]] = {
    "us-central1-a": (T4, V100, L4), "us-central1-b": (T4, V100, L4), "us-central1-c": (T4, P100, V100, L4),
    "us-central1-f": (T4, P100, V100), "us-east1-b": (P100, L4), "us-east1-c": (T4, V100, L4), "us-east1-d": (T4, L4),
    "us-east4-a": (T4, L4), "us-east4-b": (T4,), "us-east4-c": (T4, L4), "us-west1-a": (T4, P100, V100, L4),
    "us-west1-b": (T4, P100, V100, L4), "us-west1-c": (L4,), "us-west2-b": (T4,), "us-west2-c": (T4,),
    "us-west4-a": (T4, L4), "us-west4-b": (T4,), "europe-west1-b": (T4, P100, L4), "europe-west1-c": (T4, L4),
    "europe-west1-d": (T4, P100), "europe-west2-a": (T4, L4), "europe-west2-b": (T4, L4), "europe-west3-b": (T4, L4),
    "europe-west4-a": (T4, P100, V100, L4), "europe-west4-b": (T4, V100, L4), "europe-west4-c": (T4, V100, L4),
    "asia-east1-a": (T4, P100, V100), "asia-east1-b": (L4,), "asia-east1-c": (T4, P100, V100),
    "asia-northeast1-a": (T4, L4), "asia-northeast1-c": (T4,), "asia-southeast1-b": (T4, L4),
}  # fmt: skip

_MIB_A_CPU = {"standard": 3840, "highmem": 6656, "highcpu": 922}
MACHINE_TYPES: dict[str, tuple[int, int]] = {  # processors, MiB
    **{f"n1-{kind}-{cpus}": (cpus, cpus * mib) for kind, mib in _MIB_A_CPU.items() for cpus in (2, 4, 8, 16, 32)},
    "n1-standard-1": (1, 3840),
    "e2-micro": (2, 1024), "e2-small": (2, 2048), "e2-medium": (2, 4096),
    **{f"e2-standard-{cpus}": (cpus, cpus * 4096) for cpus in (2, 4, 8, 16, 32)},
    **{f"n2-standard-{cpus}": (cpus, cpus * 4096) for cpus in (2, 4, 8, 16, 32)},
    **{f"g2-standard-{cpus}": (cpus, cpus * 4096) for cpus in (4, 8, 12, 16, 24, 32)},
}  # fmt: skip

IMAGES: dict[str, tuple[str, ...]] = {  # project → families; any other family is refused
    "deeplearning-platform-release": (
        "common-cu129-ubuntu-2204-nvidia-580", "common-cu128-ubuntu-2204-nvidia-570",
        "pytorch-2-7-cu128-ubuntu-2204-nvidia-570",
        "pytorch-latest-gpu", "common-cpu", "common-gpu-debian-12", "pytorch-2-9-cu129-ubuntu-2204-nvidia-580",
        "common-cu130-ubuntu-2404-nvidia-580",
    ),
    "ubuntu-os-cloud": ("ubuntu-2204-lts", "ubuntu-2404-lts-amd64", "ubuntu-minimal-2404-lts-amd64"),
    "debian-cloud": ("debian-12", "debian-13"),
    "ubuntu-os-accelerator-images": ("ubuntu-accelerator-2404-amd64-with-nvidia-580",),
}  # fmt: skip

REGION_QUOTAS = {
    "CPUS": 72, "PREEMPTIBLE_CPUS": 0, "DISKS_TOTAL_GB": 4096, "SSD_TOTAL_GB": 500, "STATIC_ADDRESSES": 8,
    "IN_USE_ADDRESSES": 8, "INSTANCES": 720, "NVIDIA_T4_GPUS": 4, "PREEMPTIBLE_NVIDIA_T4_GPUS": 4,
    "NVIDIA_P100_GPUS": 1, "PREEMPTIBLE_NVIDIA_P100_GPUS": 1, "NVIDIA_V100_GPUS": 1, "PREEMPTIBLE_NVIDIA_V100_GPUS": 1,
    "NVIDIA_L4_GPUS": 1, "PREEMPTIBLE_NVIDIA_L4_GPUS": 1,
}  # fmt: skip
PROJECT_QUOTAS = {"CPUS_ALL_REGIONS": 64, "GPUS_ALL_REGIONS": 4, "NETWORKS": 5, "SNAPSHOTS": 1000}


def region_of(zone: str) -> str:
    """us-central1 of us-central1-a."""
    return zone.rpartition("-")[0]


REGIONS = sorted({region_of(zone) for zone in ZONES})


def gpu_metric(accelerator: str, spot: bool) -> str:
    """The quota that an accelerator counts to: NVIDIA_T4_GPUS, PREEMPTIBLE_NVIDIA_T4_GPUS."""
    model = accelerator.removeprefix("nvidia-").removeprefix("tesla-").replace("-", "_").upper()
    return f"{'PREEMPTIBLE_' if spot else ''}NVIDIA_{model}_GPUS"
