"""How a network is run fastest here: found by measuring, among ways that give the same labels. Needs torch.

Which way is fastest hangs on the machine, and the way moves the last digits of a probability. So the choice is made
once a run and kept with it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.errors import DeviceError
from engine.vision import device as devices

MEASURE_S = 2.0  # for all ways together
COMPILING_S = 120.0  # what compiling may cost, which a long run earns back
AGREEMENT = {"fp32": 1e-4, "bf16": 0.05, "fp16": 0.01}  # how far a probability may be off
TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}
NAMES = ("plain", "channels_last", "compiled")


@dataclass(frozen=True)
class Backend:
    """A way to run networks: `precision` of products, `layout` of pictures in memory, compiled or not."""

    precision: str = "fp32"
    channels_last: bool = False
    compiled: bool = False

    def __str__(self) -> str:
        words = [self.precision, "channels-last" if self.channels_last else "", "compiled" if self.compiled else ""]
        return " ".join(word for word in words if word)

    def forward(self, network: nn.Module, where: torch.device) -> Callable[[Tensor], tuple[Tensor, ...]]:
        """The network, to be called with images (B, 3, S, S) float32."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        network = network.to(where, memory_format=layout)  # type: ignore[call-overload]
        run: Any = torch.compile(network, dynamic=False) if self.compiled else network

        def forward(images: Tensor) -> tuple[Tensor, ...]:
            images = images.to(where, memory_format=layout, non_blocking=True)
            kind = TYPES.get(self.precision)
            with torch.inference_mode(), torch.autocast(where.type, dtype=kind, enabled=kind is not None):
                found: tuple[Tensor, ...] = run(images)
            return found

        return forward


@dataclass(frozen=True)
class Chosen:
    """The fastest way, with what was measured."""

    backend: Backend
    words: str

    def to_json(self) -> dict[str, Any]:
        return {"backend": asdict(self.backend), "words": self.words}


def of_json(value: dict[str, Any]) -> Chosen:
    """What `to_json` made."""
    return Chosen(Backend(**value["backend"]), value["words"])


def precisions(asked: str, where: torch.device) -> list[str]:
    """The precisions that are asked for here; half precision as the hardware has it.

    Raises:
        DeviceError: one was asked for by name and the hardware does not have it.
    """
    if asked == "fp32":
        return ["fp32"]
    half = half_precision(where)
    if asked == "auto":
        # On a GPU half precision is the point of having one; a processor may be slower with it.
        return [half] if half and where.type == "cuda" else ["fp32", half] if half else ["fp32"]
    if asked == half or (asked == "fp16" and where.type == "cuda"):
        return [asked]
    raise DeviceError(f"compute.precision: there is no fast {asked} here", hint="auto takes what is there")


def half_precision(where: torch.device) -> str:
    """bf16 where the hardware multiplies it natively, on an older GPU (T4: 7.5) fp16; empty on other processors."""
    if devices.has_bf16(where):
        return "bf16"
    return "fp16" if where.type == "cuda" else ""


def named(name: str, asked: str, where: torch.device) -> Chosen:
    """A way that somebody asked for by name: plain, channels_last or compiled."""
    precision = precisions(asked, where)[-1 if asked != "auto" or where.type == "cuda" else 0]
    return Chosen(Backend(precision, name == "channels_last", name == "compiled"), "as asked")


def choose(
    network: nn.Module, batches: Sequence[Tensor], where: torch.device, asked: str, frames: int,
    check: Callable[[], None] = lambda: None, measure_s: float = MEASURE_S,
) -> Chosen:  # fmt: skip
    """The fastest way whose labels are those of the plain one on these images.

    Args:
        network: answers with a tuple of logits.
        batches: each (B, 3, S, S) float32, as many as are always given at once.
        where: the device.
        asked: fp32, bf16, fp16 or auto.
        frames: how many there are in all: compiling pays only where they take long.
        check: is called between two ways; what it raises ends the choice.
    """
    ways = [Backend(precision, last) for precision in precisions(asked, where) for last in (False, True)]
    plain = _probabilities(Backend().forward(network, where), batches)
    rates, refused = dict[Backend, float](), list[str]()
    for way in ways:
        check()
        _try(way, network, batches, where, plain, measure_s / len(ways), rates, refused)
    best = max(rates, key=lambda way: rates[way]) if rates else Backend()
    if rates and _compiling_pays(frames / rates[best], where):
        compiled = Backend(best.precision, best.channels_last, compiled=True)
        _try(compiled, network, batches, where, plain, measure_s / len(ways), rates, refused)
        best = max(rates, key=lambda way: rates[way])
    measured = ", ".join(f"{way} {rate:.0f}" for way, rate in rates.items())
    return Chosen(best, "; ".join([f"measured frames/s: {measured}", *refused]))


def _try(
    way: Backend, network: nn.Module, batches: Sequence[Tensor], where: torch.device, plain: Sequence[Tensor],
    seconds: float, rates: dict[Backend, float], refused: list[str],
) -> None:  # fmt: skip
    try:
        forward = way.forward(network, where)
        reason = _disagreement(plain, _probabilities(forward, batches), AGREEMENT[way.precision])
        if reason:
            refused.append(f"{way} is not used: {reason}")
        else:
            rates[way] = _rate(forward, batches[0], where, seconds)
    except Exception as error:  # noqa: BLE001 - a way that does not work here is none; the plain one has worked
        refused.append(f"{way} is not used: {str(error).strip().partition(chr(10))[0][:120]}")


def _probabilities(forward: Callable[[Tensor], tuple[Tensor, ...]], batches: Sequence[Tensor]) -> list[Tensor]:
    """Of each network (N, K), over all batches."""
    answers = zip(*(forward(images) for images in batches), strict=True)
    return [torch.cat([each.double().softmax(1).cpu() for each in of_one]) for of_one in answers]


def _disagreement(plain: Sequence[Tensor], other: Sequence[Tensor], tolerance: float) -> str:
    for one, two in zip(plain, other, strict=True):
        off = float((one - two).abs().max())
        if not off <= tolerance:
            return f"probabilities differ by {off:.2g}"
        changed = int((one.argmax(1) != two.argmax(1)).sum())
        if changed:
            return f"{changed} of {len(one)} labels differ"
    return ""


def _rate(forward: Callable[[Tensor], Any], images: Tensor, where: torch.device, seconds: float) -> float:
    """Frames a second, over so long, at least twice."""
    done, begun = 0, time.perf_counter()
    while done < 2 or time.perf_counter() - begun < seconds:
        forward(images)
        if where.type == "cuda":
            torch.cuda.synchronize(where)
        done += 1
    return done * len(images) / (time.perf_counter() - begun)


def _compiling_pays(seconds: float, where: torch.device) -> bool:
    return seconds > 5 * COMPILING_S and (where.type == "cuda" or any(map(shutil.which, ("g++", "clang++"))))
