"""Where shards end hangs on names near there alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from engine.scaling import shards
from engine.scaling.listing import Item

NAMES = some.sets(some.text("abcdef0123456789", min_size=1, max_size=8), min_size=1, max_size=400)


def items(names: set[str]) -> list[Item]:
    return [Item(name, f"{name}.mp4", 1, "1:1") for name in sorted(names)]


@given(names=NAMES, most=some.integers(1, 60))
def test_every_video_is_in_one_shard_and_shards_have_their_size(names: set[str], most: int) -> None:
    found = shards.cut(items(names), most)
    assert [item for shard in found for item in shard.items] == items(names)
    assert all((most + 1) // 2 <= len(shard.items) <= most for shard in found[:-1])
    assert len({shard.name for shard in found}) == len(found)


def test_a_video_that_is_added_leaves_nearly_all_shards_as_they_were() -> None:
    names = {f"clip{number:05}" for number in range(5000)}
    before = {shard.name for shard in shards.cut(items(names), 50)}
    after = {shard.name for shard in shards.cut(items(names | {"clip02500a"}), 50)}
    assert len(after - before) <= 8 and len(before) > 100


def test_a_video_that_has_changed_makes_another_shard() -> None:
    old = [Item(f"clip{number}", f"clip{number}.mp4", 1, "1:1") for number in range(3)]
    new = [*old[:2], Item("clip2", "clip2.mp4", 1, "1:2")]
    assert shards.cut(old, 50)[0].name != shards.cut(new, 50)[0].name
