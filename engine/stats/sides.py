"""Which frames train, which end training, and which judge; by groups of videos, which never change sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from engine.errors import DataError
from engine.stats import draw
from engine.stats.choose import Hashes, near
from engine.stats.metrics import Ints

Key = tuple[str, int]
K = TypeVar("K", bound=tuple[str, int])  # a key, or a unit, which is one with names
Labels = Mapping[str, Mapping[K, str]]  # by variable, the class of each frame
TEST, VALIDATION, TRAIN = "test", "validation", "train"
SIDES = (TRAIN, VALIDATION, TEST)


@dataclass(frozen=True)
class Dropped(Generic[K]):
    """Training and validation frames that look like a frame of a side that judges them."""

    found: int
    keys: frozenset[K]


def test_groups(labels: Labels[K], group_of: Mapping[str, str], share: float, seed: int) -> set[str]:
    """The groups whose labelled frames become the test set.

    Raises:
        DataError: there are not three groups with labels.
    """
    names, counts = _counts(labels, group_of)
    if len(names) < 3:
        told = ", ".join(names) or "none"
        raise DataError(
            f"labels in {len(names)} group{'s' * (len(names) != 1)} of videos only ({told}): a round needs three, for "
            "training, validation and test",
            hint="label frames of other videos; videos that share a scene are one group",
        )
    return {names[number] for number in draw.stratified(counts, share, seed, keep=2)}


def assigned(
    labels: Labels[K],
    group_of: Mapping[str, str],
    test: Iterable[str],
    former: Mapping[str, str],
    share: float,
    seed: int,
) -> dict[str, str]:
    """The side of each group that has labels, or had a side in the last round.

    Args:
        test: videos of the test set; whatever is in a group with one of them is on the test side.
        former: the side of each video in the last round. A group keeps it, since weights that are handed on have seen
            the training videos; where a new scene joins both sides, it trains, for the same reason.
    """
    fixed = {group_of.get(video, video): TEST for video in test}
    for side in (TRAIN, VALIDATION):
        for video, was in former.items():
            if was == side:
                fixed.setdefault(group_of.get(video, video), side)
    names, counts = _counts(labels, group_of)
    sums = {side: _sum(counts, [fixed.get(name) == side for name in names]) for side in (VALIDATION, TRAIN)}
    new = [number for number, name in enumerate(names) if name not in fixed]
    keep = 0 if sums[TRAIN].any() else 1
    picked = (
        draw.stratified(counts[new], share, seed + 1, keep=keep, drawn=sums[VALIDATION], left=sums[TRAIN])
        if new
        else []
    )
    drawn = {names[new[number]] for number in picked}
    return fixed | {names[number]: VALIDATION if names[number] in drawn else TRAIN for number in new}


def check(sides: Mapping[str, str], group_of: Mapping[str, str], keys: Mapping[str, Sequence[K]]) -> None:
    """That no video and no group has frames on two sides, whatever was done before.

    Raises:
        DataError: one has, and which.
    """
    seen: dict[str, str] = {}
    for side, frames in keys.items():
        for video_id, _ in frames:
            for name in (f"video {video_id}", f"group {group_of.get(video_id, video_id)}"):
                if seen.setdefault(name, side) != side:
                    raise DataError(
                        f"{name} is on two sides: {seen[name]} and {side}", hint="a test that leaks is none"
                    )
            if sides.get(group_of.get(video_id, video_id)) != side:
                raise DataError(f"video {video_id} is used for {side}, but its group is not on that side")


def leaking(keys: Mapping[str, Sequence[K]], hashes: Mapping[K, int], bits: int) -> Dropped[K]:
    """Frames to learn from that nearly show a frame of validation or test, and validation frames that one of test."""
    table = {side: _hashes(frames, hashes) for side, frames in keys.items()}
    dropped: set[K] = set()
    for side, judges in ((VALIDATION, (TEST,)), (TRAIN, (TEST, VALIDATION))):
        others = np.concatenate([table[judge] for judge in judges])
        alike = near(table[side], others, bits)
        dropped |= {key for key, same in zip(keys[side], alike, strict=True) if same}
    return Dropped(len(dropped), frozenset(dropped))


def _hashes(frames: Sequence[K], hashes: Mapping[K, int]) -> Hashes:
    return np.array([hashes[key] for key in frames], np.uint64)


def _counts(labels: Labels[K], group_of: Mapping[str, str]) -> tuple[list[str], Ints]:
    """Names of the groups that have labels; and (G, C) how many frames of each class of each variable they have."""
    pairs = [
        (group_of.get(key[0], key[0]), (variable, label))
        for variable, of_it in labels.items()
        for key, label in of_it.items()
    ]
    names, classes = sorted({name for name, _ in pairs}), sorted({one for _, one in pairs})
    counts = np.zeros((len(names), len(classes)), np.int64)
    place, column = {name: n for n, name in enumerate(names)}, {one: n for n, one in enumerate(classes)}
    for name, one in pairs:
        counts[place[name], column[one]] += 1
    return names, counts


def _sum(counts: Ints, chosen: Sequence[bool]) -> Ints:
    total: Ints = counts[np.array(chosen, np.bool_)].sum(0)
    return total
