"""State dicts from files into networks, and never half of one. Needs torch."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.errors import DataError
from engine.files import read_json

State = dict[str, Tensor]
WRAPPERS = ("state_dict", "model", "model_state_dict")
PREFIXES = ("module.", "_orig_mod.")
COUNTER = "num_batches_tracked"  # files from before PyTorch 0.4.1 lack it, and nothing depends on it


def read(path: Path) -> State:
    """The tensors of a file by name; nothing in the file is executed.

    Raises:
        DataError: it is not a file of weights, or holds more than tensors.
    """
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise DataError(f"{path}: cannot be read as weights: {reason}", hint="a state_dict by torch.save") from None
    for wrapper in WRAPPERS:
        if isinstance(found, Mapping) and isinstance(found.get(wrapper), Mapping):
            found = found[wrapper]
    if not isinstance(found, Mapping) or not all(isinstance(value, Tensor) for value in found.values()):
        raise DataError(f"{path}: holds no state_dict", hint="save model.state_dict(), not the model")
    return {_bare(key): value for key, value in found.items()}


def card(path: Path) -> dict[str, Any]:
    """What weights take and give: the card in their file, else the JSON file beside it; empty where there is none."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError):
        found = None
    told = found.get("card") if isinstance(found, Mapping) else None
    return dict(told) if isinstance(told, Mapping) else read_json(path.with_suffix(".json"))


def classes(path: Path) -> list[str] | None:
    """The classes that the head of these weights has, in order, where their card says so."""
    found = card(path).get("classes")
    return [str(name) for name in found] if isinstance(found, list) else None


def load(model: nn.Module, given: State, head: Iterable[str], path: Path) -> bool:
    """Put weights into a model; whether its head came with them.

    A head for other classes is replaced by one of zeros, which gives every class the same score: a start without
    luck. Any other difference is an error, since a network that is half random looks like a bad one, not like a fault.

    Raises:
        DataError: these are weights of another model; says how many entries differ, with examples.
    """
    own = model.state_dict()
    given, heads = translated(given, model), set(head)
    faults = differences(own, given, heads)
    if faults:
        raise DataError(f"{path}: weights of another model: {'; '.join(faults)}", hint="model.name must be its model")
    fits = all(key in given and given[key].shape == own[key].shape for key in heads)
    missing = {key: torch.zeros_like(own[key]) for key in heads if not fits}
    model.load_state_dict({**own, **given, **missing})
    return fits


def begin(model: nn.Module, path: Path, head: Iterable[str], names: Sequence[str]) -> bool:
    """Put the weights of a file into a model with these classes; whether its head came with them.

    A head whose file tells other classes, or another order of them, is none of ours, however many it has.

    Raises:
        DataError: it cannot be read, or holds the weights of another model.
    """
    given, told, heads = read(path), classes(path), list(head)
    if told not in (None, list(names)):
        given = {key: value for key, value in given.items() if key not in heads}
    return load(model, given, heads, path)


def differences(own: State, given: State, head: set[str]) -> list[str]:
    """What keeps `given` from being the weights of the model of `own`, the head aside; empty where nothing does."""
    needed = {key for key in own.keys() - head if not key.endswith(COUNTER)}
    shared = needed & given.keys()
    found = {
        "missing": sorted(needed - given.keys()),
        "unexpected": sorted(given.keys() - own.keys()),
        "of another shape": sorted(key for key in shared if own[key].shape != given[key].shape),
    }
    faults = [f"{len(keys)} {what} ({_examples(keys)})" for what, keys in found.items() if keys]
    return [f"{len(needed)} entries needed", *faults] if faults else []


def translated(given: State, model: nn.Module) -> State:
    """The same weights under the model's names, where they use those of the efficientnet_pytorch package."""
    blocks = getattr(model, "blocks", None)
    if "_conv_stem.weight" not in given or blocks is None:
        return given
    places = [f"blocks.{s}.{b}" for s, stage in enumerate(blocks) for b in range(len(stage))]
    return {_timm_name(key, places, given): value for key, value in given.items()}


OUTER = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
SQUEEZE = {"_se_reduce": "se.conv_reduce", "_se_expand": "se.conv_expand"}
EXPANDING = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2"}
EXPANDING |= {"_project_conv": "conv_pwl", "_bn2": "bn3", **SQUEEZE}
PLAIN = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2", **SQUEEZE}


def _timm_name(key: str, places: list[str], given: State) -> str:
    inner = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(.+)", key)
    if not inner:
        part, _, rest = key.partition(".")
        return f"{OUTER.get(part, part)}.{rest}"
    number, part, rest = inner.groups()
    words = EXPANDING if f"_blocks.{number}._expand_conv.weight" in given else PLAIN
    place = places[int(number)] if int(number) < len(places) else f"_blocks.{number}"
    return f"{place}.{words.get(part, part)}.{rest}"


def _bare(key: str) -> str:
    for prefix in PREFIXES:
        key = key.removeprefix(prefix)
    return key


def _examples(keys: list[str]) -> str:
    return ", ".join(keys[:3]) + (", …" if len(keys) > 3 else "")
