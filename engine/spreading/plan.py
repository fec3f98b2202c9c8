"""What is sent over a cluster: the plan of a run, what a task answers, and what the driver tells the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.inferring.recipes import Recipe
from engine.scaling.shards import Shard


@dataclass(frozen=True)
class Plan:
    """All that a task has to know beside its shard.

    Attributes:
        recipe: how consumers are made, whose files are found by hash.
        names: of each of these files, by hash.
        store: where commits go, as an address that every machine understands.
        prefix: below which they lie there.
        videos: the address of the bucket or folder with the videos.
        gpus: of each task; auto until the cluster is known.
        settles: the first task finds out by measuring how networks run, and the others do it like that.
    """

    recipe: Recipe
    names: Mapping[str, str]
    store: str
    prefix: str
    videos: str
    frames: int
    deadline_s: float
    downloads: int
    processes: int | str
    threads: int
    gpus: float | str
    settles: bool


@dataclass(frozen=True)
class Tally:
    """What a task has done so far; as `pace.Load`, for one shard."""

    videos: int = 0
    frames: int = 0
    download_s: float = 0.0
    decode_s: float = 0.0
    forward_s: float = 0.0
    replaced: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Of both together."""
        return Tally(*(getattr(self, name) + getattr(other, name) for name in Tally.__dataclass_fields__))

    def __or__(self, other: Tally) -> Tally:
        """The larger one of each; what a lost machine had done was done, and is done once more."""
        return Tally(*(max(getattr(self, name), getattr(other, name)) for name in Tally.__dataclass_fields__))


@dataclass(frozen=True)
class Answer:
    """What became of a shard.

    Attributes:
        state: `committed`; `otherwise` where somebody had committed another result before; `partial` where it is not
            whole, since the run stops, a video may be had later, or the store took nothing.
        node: the machine.
        data: what was answered, where it is not in the store.
        words: what is to be told of it.
    """

    shard: str
    state: str
    node: str
    tally: Tally = Tally()
    data: bytes = field(default=b"", repr=False)
    words: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Work:
    """What the driver is to have done: shards, each with what is known of it already."""

    plan: Plan
    shards: Sequence[tuple[Shard, bytes]]
    files: Mapping[str, str]
    code: str
    address: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Cluster:
    """What there is: the addresses of its machines, how many tasks it does at a time, and whether with GPUs."""

    machines: Sequence[str]
    slots: int
    gpus: bool


@dataclass(frozen=True)
class Said:
    """What the driver tells: `kind` is answer, tally, note, warning, fault, begun or done."""

    kind: str
    what: Any = None
