"""A shard is committed once: what exists wins, and one that says something else is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import DataError
from engine.scaling import absorbing, commits, shards
from engine.scaling.commits import Commits
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.scaling.shards import Shard
from vmops import bucket as buckets

ITEMS = [Item(f"clip{number}", f"clip{number}.mp4", 1, f"1:{number}") for number in range(10)]
SHARDS = shards.cut(ITEMS, 4)
FACTS = {"frames_in_video": 1, "promised_frames": 1, "duration_s": 0.04}


@pytest.fixture
def store(tmp_path: Path) -> Commits:
    (tmp_path / "store").mkdir()
    return Commits(buckets.open(str(tmp_path / "store")), "run/shards/", {"means": "means 1", "large": "means 2"})


@pytest.fixture
def journals(tmp_path: Path) -> Iterator[list[Journal]]:
    made = opened(tmp_path / "here")
    yield made
    closed(made)


def opened(folder: Path) -> list[Journal]:
    return [Journal(folder / name) for name in ("means", "large")]


def closed(journals: list[Journal]) -> None:
    for journal in journals:
        journal.close()


def answer(journals: list[Journal], items: list[Item], value: float = 0.5, machine: str = "") -> None:
    for item in items:
        for journal in journals:
            record = {"facts": FACTS, "frames": [[0, 0.0, value]], "video": [value]}
            journal.put(item.video_id, machine + item.stamp, f"sha256:{item.video_id}", record)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.jsonl"))


def objects(tmp_path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (tmp_path / "store" / "run").rglob("*.jsonl")}


def test_what_was_committed_comes_back_elsewhere_as_it_was(
    store: Commits, journals: list[Journal], tmp_path: Path
) -> None:
    answer(journals, ITEMS)
    for shard in SHARDS:
        assert store.save(shard, store.pack(shard, journals)) is None
    there = opened(tmp_path / "there")
    committed, otherwise = absorbing.absorb(store, SHARDS, there)
    assert committed == {shard.name for shard in SHARDS} and not otherwise
    assert all(there[0].read(item.video_id) == journals[0].read(item.video_id) for item in ITEMS)
    closed(there)
    size = size_of(tmp_path / "there")
    again = opened(tmp_path / "there")
    absorbing.absorb(store, SHARDS, again)
    closed(again)
    assert size_of(tmp_path / "there") == size, "nothing is taken twice"


def test_the_same_result_of_a_second_writer_is_no_error(
    store: Commits, journals: list[Journal], tmp_path: Path
) -> None:
    answer(journals, ITEMS)
    store.save(SHARDS[0], store.pack(SHARDS[0], journals))
    before = objects(tmp_path)
    with closing(Journal(tmp_path / "b" / "means")) as one, closing(Journal(tmp_path / "b" / "large")) as other:
        answer([one, other], ITEMS, machine="its clock:")
        assert store.save(SHARDS[0], store.pack(SHARDS[0], [one, other])) is None
    assert objects(tmp_path) == before


def test_the_order_in_which_a_spec_names_consumers_is_no_other_result(store: Commits, journals: list[Journal]) -> None:
    shard = SHARDS[0]
    answer(journals, list(shard.items))
    assert store.pack(shard, journals) == store.pack(shard, journals[::-1])


def test_another_result_of_a_second_writer_is_told_and_the_first_one_stays(
    store: Commits, journals: list[Journal], tmp_path: Path
) -> None:
    answer(journals, ITEMS)
    store.save(SHARDS[0], store.pack(SHARDS[0], journals))
    before, second = objects(tmp_path), opened(tmp_path / "second")
    answer(second, ITEMS, value=0.7)
    told = store.save(SHARDS[0], store.pack(SHARDS[0], second))
    assert told is not None and told.records[0][1]["video"] == [0.5]
    assert objects(tmp_path) == before
    committed, otherwise = absorbing.absorb(store, SHARDS, second)
    assert committed == {SHARDS[0].name} and otherwise == [SHARDS[0].name]
    assert second[0].read("clip0")["video"] == [0.5], "what was committed counts"
    assert second[0].read(ITEMS[-1].video_id)["video"] == [0.7]
    closed(second)


def test_a_shard_in_which_another_try_may_help_is_not_whole(journals: list[Journal]) -> None:
    answer(journals, ITEMS)
    assert commits.whole(SHARDS[0], journals)
    journals[0].put("clip0", "1:0", "", {"failed": "network", "words": ""})
    assert not commits.whole(SHARDS[0], journals)
    journals[0].put("clip0", "1:0", "", {"failed": "deadline", "words": ""})
    assert commits.whole(SHARDS[0], journals)


def test_answers_about_videos_that_have_moved_to_other_shards_are_kept(
    store: Commits, journals: list[Journal], tmp_path: Path
) -> None:
    answer(journals, ITEMS)
    for shard in SHARDS:
        store.save(shard, store.pack(shard, journals))
    more = [*ITEMS[:5], Item("clip4a", "clip4a.mp4", 1, "1:1"), *ITEMS[5:]]
    there = opened(tmp_path / "there")
    absorbing.absorb(store, shards.cut(more, 3), there)
    assert all(item.video_id in there[0] for item in ITEMS) and "clip4a" not in there[0]
    closed(there)


def test_another_configuration_sees_none_of_it(store: Commits, journals: list[Journal], tmp_path: Path) -> None:
    answer(journals, ITEMS)
    store.save(SHARDS[0], store.pack(SHARDS[0], journals))
    other = Commits(buckets.open(str(tmp_path / "store")), "run/shards/", {"means": "means 1"})
    assert not list(other.all(()))


def test_a_damaged_commit_is_named(store: Commits, journals: list[Journal], tmp_path: Path) -> None:
    answer(journals, ITEMS)
    shard: Shard = SHARDS[0]
    store.save(shard, store.pack(shard, journals))
    path = next((tmp_path / "store" / "run").rglob(f"{shard.name}.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.6"))
    with pytest.raises(DataError, match=f"{shard.name}.*damaged"):
        absorbing.absorb(store, SHARDS, journals)
