"""What was committed, taken into the journals that tables are made of: by this process, a killed one, or a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.scaling.commits import Commit, Commits, read, whole
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.scaling.shards import Shard


def absorb(commits: Commits, shards: Sequence[Shard], journals: Sequence[Journal]) -> tuple[set[str], list[str]]:
    """Take all commits into the journals; the names of our shards that are committed, and those we knew otherwise.

    Of a shard that is ours, what was committed counts, whatever we have. Of one that is not (videos have come or gone
    since) each video counts of which nothing is known yet.
    """
    ours, committed, otherwise = {shard.name: shard for shard in shards}, set[str](), list[str]()
    items = {item.video_id: item for shard in shards for item in shard.items}
    for commit in commits.all(ours):
        shard = ours.get(commit.shard)
        if shard is None:
            take(commit, journals, items, only_new=True)
            continue
        committed.add(shard.name)
        if _known(shard, journals):
            if read(commits.pack(shard, journals), shard.name).content == commit.content:
                continue
            otherwise.append(shard.name)
        take(commit, journals, items)
    return committed, otherwise


def _known(shard: Shard, journals: Sequence[Journal]) -> bool:
    """Whether all is known of a shard's videos as they are now."""
    places = ((journal.place(item.video_id), item.stamp) for item in shard.items for journal in journals)
    return whole(shard, journals) and all(place is not None and place.stamp == stamp for place, stamp in places)


def take(commit: Commit, journals: Sequence[Journal], items: Mapping[str, Item], *, only_new: bool = False) -> None:
    """Put the records of a commit into the journals that they are of."""
    by_key = {journal.folder.name: journal for journal in journals}
    for key, record in commit.records:
        video_id = record["video_id"]
        journal = by_key.get(key)
        if journal is not None and video_id in items and not (only_new and video_id in journal):
            rest = {name: value for name, value in record.items() if name not in ("video_id", "content")}
            journal.put(video_id, commit.stamps[video_id], record["content"], rest)
