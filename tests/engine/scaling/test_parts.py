"""Parts of the shards, for machines that know nothing of each other."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from pydantic import ValidationError

from engine.errors import DataError
from engine.inferring import placing
from engine.record import Recorder
from engine.scaling.listing import Item
from engine.scaling.shards import cut
from engine.specs.extract import Extract
from engine.spreading.aside import Aside

ITEMS = [Item(f"clip{number:04}", f"clip{number:04}.mp4", 1, "1:1") for number in range(333)]


def part(words: str, **keys: object) -> list[Item]:
    spec = Extract.model_validate({"part": words, "videos_per_shard": 20, **keys})
    return placing.asked(spec, cast(Recorder, Aside("cpu", Path())), ITEMS)


def test_parts_have_each_video_once_and_the_shards_that_the_whole_has() -> None:
    parts = [part(f"{number}/3") for number in (1, 2, 3)]
    assert sorted((item for items in parts for item in items), key=lambda item: item.video_id) == ITEMS
    names = {shard.name for items in parts for shard in cut(items, 20)}
    assert names == {shard.name for shard in cut(ITEMS, 20)}, "else a run over all would find nothing committed"


def test_the_limit_is_taken_before_the_part() -> None:
    assert sorted(one.video_id for one in [*part("1/2", limit=40), *part("2/2", limit=40)]) == [
        item.video_id for item in ITEMS[:40]
    ]


def test_a_part_without_a_shard_is_refused() -> None:
    with pytest.raises(DataError, match="part: 5/5: there are"):
        part("5/5", limit=20)


@pytest.mark.parametrize("words", ["0/4", "5/4", "1", "a/b", "1/0"])
def test_a_part_that_there_is_not_is_refused(words: str) -> None:
    with pytest.raises(ValidationError):
        Extract.model_validate({"part": words})


def test_a_name_for_commits_without_a_bucket_is_refused() -> None:
    with pytest.raises(ValidationError, match="checkpoints names no bucket"):
        Extract.model_validate({"compute": {"commits": "study"}})
