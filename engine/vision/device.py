"""What the arithmetic runs on, with how many threads, in which precision. Needs torch."""

from __future__ import annotations

import timm
import torch

from engine.errors import DeviceError

NATIVE_BF16 = ("avx512_bf16", "amx_bf16", "bf16", "arm_bf16")


def settle(name: str, threads: int) -> torch.device:
    """Take a device, `cpu` or `cuda:0`, and fix the number of threads, which alone moves the last bits of a sum.

    Raises:
        DeviceError: there is no such GPU.
    """
    torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic = True
    device = torch.device(name)
    if device.type == "cuda" and not (torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()):
        raise DeviceError(f"compute.device: there is no {name}", hint="auto takes what is there")
    return device


def precision(asked: str, device: torch.device) -> str:
    """`fp32` or `bf16`: bf16 only where the hardware has it, since emulating it is many times slower than fp32.

    Raises:
        DeviceError: bf16 was asked for by name and the hardware does not have it.
    """
    if asked == "fp32" or (asked == "auto" and not has_bf16(device)):
        return "fp32"
    if not has_bf16(device):
        raise DeviceError(f"compute.precision: this {_kind(device)} has no bf16", hint="auto takes what is there")
    return "bf16"


def has_bf16(device: torch.device) -> bool:
    """Whether the hardware multiplies bf16 natively: from avx512_bf16 or AMX on, from compute capability 8.0 on."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in NATIVE_BF16)


def mixed(asked: str, device: torch.device) -> str:
    """What training is in: `auto` is bf16 on a GPU, fp16 on one without it (a T4), and fp32 on a processor.

    bf16 on a processor with few cores was slower than fp32, and it is asked for by name where it is not.

    Raises:
        DeviceError: half precision was asked for by name and the hardware does not have it.
    """
    if device.type == "cuda" and (asked == "fp16" or (asked == "auto" and not has_bf16(device))):
        return "fp16"
    if asked == "fp16":
        raise DeviceError(f"compute.precision: this {_kind(device)} has no fp16", hint="auto takes what is there")
    return "fp32" if asked == "auto" and device.type == "cpu" else precision(asked, device)


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """A context in which matrix products and convolutions are in that precision; weights stay in fp32."""
    half = torch.float16 if precision == "fp16" else torch.bfloat16
    return torch.autocast(device.type, dtype=half, enabled=precision != "fp32")


def facts(device: torch.device) -> dict[str, str]:
    """What the last bits of a result hang on beside data, spec and threads."""
    return {
        "torch": torch.__version__,
        "timm": timm.__version__,
        "hardware": _kind(device),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


def _kind(device: torch.device) -> str:
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return str(torch.cpu.get_capabilities().get("cpu_name", "processor"))
