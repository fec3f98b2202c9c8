"""Commits: what was answered for a shard, as one object that is created once and never changed.

It is text: a line of JSON that says which shard this is, of which consumers, under which configuration, with the hash
of what follows; then a line a video and consumer. The hash leaves out when a file was changed and where it lay, so two
machines that do the same shard commit the same, and whoever comes second finds that out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from engine.errors import DataError
from engine.scaling.failures import PASSING
from engine.scaling.journal import Journal, Record
from engine.scaling.shards import Shard
from engine.vision.consuming import Consumer
from vmops.bucket import Bucket, Entry
from vmops.errors import Conflict, OutsideError
from vmops.storage import ABSENT

FORMAT = 1


@dataclass(frozen=True)
class Commit:
    """A shard's answers.

    Attributes:
        shard: its name.
        content: the SHA-256 of its records, as text.
        stamps: of each video, when this was answered.
        records: (key of the consumer, record), by video and then by consumer.
    """

    shard: str
    content: str
    stamps: Mapping[str, str]
    records: Sequence[tuple[str, Record]]


class Commits:
    """The commits of one configuration in a store, below a prefix that ends in a slash."""

    def __init__(self, store: Bucket, prefix: str, consumers: Mapping[str, str]) -> None:
        """Args: consumers: of each journal's key, which consumer and version that is."""
        self._store, self._consumers = store, consumers
        self.config = hashlib.sha256(json.dumps(sorted(consumers)).encode()).hexdigest()
        self._prefix = f"{prefix}{self.config[:16]}/"

    def all(self, first: Collection[str]) -> Iterator[Commit]:
        """Every commit there is, those of some shards first; OutsideError where one cannot be read, DataError where
        one is damaged."""
        ours, others = list[Entry](), list[Entry]()
        for entry in self._store.entries(self._prefix):
            (ours if PurePosixPath(entry.name).stem in first else others).append(entry)
        for got in chain(self._store.read_many(ours), self._store.read_many(others)):
            if got.error:
                raise got.error
            yield read(got.data or b"", got.entry.name)

    def one(self, shard: Shard) -> Commit:
        """The commit of a shard; NotFound where there is none."""
        name = self._name(shard)
        return read(self._store.read(name).data, name)

    def save(self, shard: Shard, data: bytes) -> Commit | None:
        """Commit a shard. What is there already stays; it is returned where it says something else.

        Raises:
            OutsideError: it was not committed.
        """
        try:
            self._store.write(self._name(shard), data, if_generation=ABSENT)
            return None
        except Conflict:
            there = self.one(shard)
        return None if there.content == read(data, shard.name).content else there

    def pack(self, shard: Shard, journals: Sequence[Journal]) -> bytes:
        """What journals know of a shard's videos, as a commit has it; fit to be committed only where it is `whole`."""
        ordered = sorted(journals, key=lambda journal: journal.folder.name)  # in whichever a spec names them
        lines = [
            _json({"consumer": journal.folder.name, **_bare(journal.read(item.video_id))})
            for item in shard.items
            for journal in ordered
            if item.video_id in journal
        ]
        body = b"".join(lines)
        stamps = {item.video_id: item.stamp for item in shard.items}
        head = {
            "format": FORMAT, "shard": shard.name, "videos": len(shard.items), "config": self.config,
            "consumers": self._consumers, "content": hashlib.sha256(body).hexdigest(), "stamps": stamps,
        }  # fmt: skip
        return _json(head) + body

    def _name(self, shard: Shard) -> str:
        return f"{self._prefix}{shard.name}.jsonl"


def whole(shard: Shard, journals: Sequence[Journal]) -> bool:
    """Whether everything is known of every video, and nothing that another try may change."""
    places = (journal.place(item.video_id) for item in shard.items for journal in journals)
    return all(place is not None and place.failed not in PASSING for place in places)


def read(data: bytes, name: str) -> Commit:
    """A commit out of its bytes; DataError where they are damaged."""
    head, _, body = data.partition(b"\n")
    try:
        facts: dict[str, Any] = json.loads(head)
        if facts["format"] != FORMAT or facts["content"] != hashlib.sha256(body).hexdigest():
            raise ValueError
        lines = [json.loads(line) for line in body.splitlines()]
        records = [(line.pop("consumer"), line) for line in lines]
        return Commit(facts["shard"], facts["content"], facts["stamps"], records)
    except (ValueError, KeyError, TypeError):
        raise DataError(
            f"{name}: no commit of version {FORMAT}, or a damaged one", hint="delete it; its shard is done again"
        ) from None


def reason(error: OutsideError | DataError) -> str:
    """Why a commit did not succeed, in one line."""
    return f"{error.message}{f' ({error.hint})' if error.hint else ''}"


def _bare(record: Record) -> Record:
    """A record without what is this machine's own."""
    return {key: value for key, value in record.items() if key != "stamp"}


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def versions(journals: Sequence[Journal], consumers: Sequence[Consumer]) -> dict[str, str]:
    """Which consumer, in which version, each journal is of, by its key."""
    of_whom = zip(journals, consumers, strict=True)
    return {journal.folder.name: f"{one.name} {one.version}" for journal, one in of_whom}
