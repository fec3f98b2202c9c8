"""Shards: some dozens of videos that stand together, the unit of work on a cluster and of commit everywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.scaling.listing import Item


@dataclass(frozen=True)
class Shard:
    """Videos in the order of their ids.

    Attributes:
        name: of just these videos with just these stamps, so that who lists the same calls it the same.
    """

    name: str
    items: tuple[Item, ...]


def cut(items: Sequence[Item], most: int) -> list[Shard]:
    """Sorted videos in shards of at most so many, and at least half as many where there are enough.

    Where a shard ends hangs on the names around there alone: a video that comes or goes moves a border or two, and all
    other shards stay what they are.
    """
    return [Shard(_name(piece), tuple(piece)) for piece in _pieces(items, most)]


def _pieces(items: Sequence[Item], most: int) -> Iterator[Sequence[Item]]:
    least, begin = (most + 1) // 2, 0
    for end in range(1, len(items) + 1):
        size = end - begin
        if size == most or end == len(items) or (size >= least and _ends(items[end - 1].video_id, most)):
            yield items[begin:end]
            begin = end


def _ends(video_id: str, most: int) -> bool:
    """Whether a shard may end with this video: so often that most do before they are full."""
    mark = hashlib.sha256(video_id.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(mark[:8], "big") % max(1, most // 8) == 0


def _name(items: Sequence[Item]) -> str:
    facts = json.dumps([[item.video_id, item.name, item.stamp] for item in items])
    return hashlib.sha256(facts.encode()).hexdigest()[:24]
