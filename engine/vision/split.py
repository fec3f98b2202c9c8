"""A network in two: a trunk that stays as it is, and a tail that learns. Needs torch and timm."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import torch
from timm.layers._fx import get_notrace_functions
from torch import Tensor, fx, nn

from engine.errors import AskError
from engine.vision.models import stages

BATCH_NORM = nn.modules.batchnorm._BatchNorm


class Split(nn.Module):
    """`model` cut before one of its stages; both halves share its weights, so its state dict is the result.

    The trunk is always in eval and never learns: its batch norms use the statistics that they came with. Those of the
    tail use and update the statistics of the batch while learning, or, with `frozen_norm`, theirs stay fixed as well.
    """

    def __init__(self, model: nn.Module, stage: str, *, frozen_norm: bool = False) -> None:
        super().__init__()
        self.model, self.frozen_norm = model, frozen_norm
        self.trunk, learning = _cut(model.train(), stage)
        _, judging = _cut(model.eval(), stage)
        # Code such as `dropout(x, training=self.training)` is fixed when it is traced: hence one tail a mode.
        self.tails = nn.ModuleDict({"learning": learning, "judging": judging})
        self.model.requires_grad_(False)
        for parameter in learning.parameters():
            parameter.requires_grad_(True)
        _check_apart(self.trunk, learning, stage)
        self.eval()

    def train(self, mode: bool = True) -> Split:
        super().train(mode)
        self.trunk.eval()
        if self.frozen_norm:
            for part in self.tails.modules():
                if isinstance(part, BATCH_NORM):
                    part.eval()
        return self

    def tail(self, features: Tensor) -> Tensor:
        """Logits (B, K) of the trunk's output (B, ...)."""
        logits = self.tails["learning" if self.training else "judging"](features)
        if not isinstance(logits, Tensor):
            raise AskError(
                "model.name: this network has several outputs while it learns", hint="choose one with one head"
            )
        return logits

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B, K) of images (B, 3, S, S)."""
        with torch.no_grad():
            features = self.trunk(images)
        return self.tail(features)

    def learning(self) -> Iterator[nn.Parameter]:
        """The parameters of the tail."""
        return self.tails["learning"].parameters()


class _Tracer(fx.Tracer):
    """Notes what a network calls. Only the containers around the stage are looked into: the rest are single calls."""

    def __init__(self, stage: str) -> None:
        super().__init__(autowrap_functions=tuple(get_notrace_functions()))  # type: ignore[no-untyped-call]
        self.stage = stage

    def is_leaf_module(self, part: nn.Module, name: str) -> bool:
        return not self.stage.startswith(f"{name}.")


def _cut(model: nn.Module, stage: str) -> tuple[fx.GraphModule, fx.GraphModule]:
    """The network up to what the stage is given, and from there to the logits."""
    try:
        halves = [half(_Tracer(stage).trace(model, _options(model)), model, stage) for half in (_before, _after)]
    except (fx.proxy.TraceError, TypeError, RuntimeError) as error:
        raise AskError(f"model.name: this network cannot be cut in two: {error}") from None
    return fx.GraphModule(model, halves[0]), fx.GraphModule(model, halves[1])


def _options(model: nn.Module) -> dict[str, Any]:
    """What `forward` takes beside the images, such as masks, at its default."""
    parameters = inspect.signature(model.forward).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def _before(graph: fx.Graph, model: nn.Module, stage: str) -> fx.Graph:
    graph.output_node().args = (_given(graph, model, stage),)
    return _without_unused(graph)


def _after(graph: fx.Graph, model: nn.Module, stage: str) -> fx.Graph:
    given = _given(graph, model, stage)
    images = next(node for node in graph.nodes if node.op == "placeholder")
    with graph.inserting_before(images):
        features = graph.placeholder("features")
    given.replace_all_uses_with(features)
    if _without_unused(graph) and images.users:
        raise _no_place(model, stage, "later parts also use what comes before it")
    graph.erase_node(images)
    return graph


def _without_unused(graph: fx.Graph) -> fx.Graph:
    for node in reversed(graph.nodes):
        if not node.users and node.op not in ("output", "placeholder"):
            graph.erase_node(node)
    return graph


def _given(graph: fx.Graph, model: nn.Module, stage: str) -> fx.Node:
    calls = [node for node in graph.nodes if node.op == "call_module" and node.target == stage]
    if len(calls) != 1:
        raise _no_place(model, stage, f"it is called {len(calls)} times")
    given = calls[0].all_input_nodes
    if len(given) != 1:
        raise _no_place(model, stage, f"it takes {len(given)} inputs")
    found: fx.Node = given[0]
    return found


def _check_apart(trunk: nn.Module, tail: nn.Module, stage: str) -> None:
    shared = {id(p) for p in trunk.parameters()} & {id(p) for p in tail.parameters()}
    if shared:
        raise AskError(f"model.train_from: {len(shared)} weights are used both before and after {stage!r}")


def _no_place(model: nn.Module, stage: str, reason: str) -> AskError:
    return AskError(
        f"model.train_from: this network cannot be cut at {stage!r}: {reason}",
        hint=f"its stages: {', '.join(stages(model))}",
    )
