"""What a bucket holds of labels: the log as lines of JSON, and the wide table for people to read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.annotations.decision import Decision, from_line, to_line
from engine.annotations.reading import Rejected
from engine.errors import DataError
from vmops import bucket as buckets
from vmops.errors import Conflict, NotFound
from vmops.storage import ABSENT, Object, Store

LOG = "annotations/log.jsonl"
TABLE = "annotations/annotations.csv"
TABLES = (TABLE, "annotations.csv")  # where a bucket without a log may have its labels


@dataclass(frozen=True)
class Lines:
    """The log in a bucket: its bytes and generation, the keys in it, what is new to us, and what cannot be read."""

    data: bytes
    generation: int
    keys: frozenset[str]
    new: list[Decision]
    rejected: list[Rejected]


def store(name: str, root: Path) -> Store:
    """The bucket of a workspace's settings; a folder may be relative to the workspace.

    Raises:
        OutsideError: it is one that cannot be spoken to.
    """
    return buckets.open(name, root)


def log(there: Store, known: set[str]) -> Lines:
    """The log in a bucket; an empty one where there is none."""
    found = _object(there, LOG)
    keys: set[str] = set()
    new: list[Decision] = []
    rejected: list[Rejected] = []
    for number, line in enumerate(found.data.split(b"\n"), start=1):
        if line.strip():
            try:
                if (key := _key(line)) not in known:
                    new.append(from_line(line))
                keys.add(key)
            except DataError as error:
                rejected.append(Rejected(number, f"{LOG}: {error.message}"))
    return Lines(found.data, found.generation, frozenset(keys), new, rejected)


def _key(line: bytes) -> str:
    try:
        key = json.loads(line)["key"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""  # from_line says what is wrong with it
    return key if isinstance(key, str) else ""


def append(there: Store, found: Lines, missing: Sequence[Decision]) -> int:
    """Write the log with more lines at its end; those that we cannot read stay as they are. Its new generation."""
    before = found.data if not found.data or found.data.endswith(b"\n") else found.data + b"\n"
    after = "".join(f"{to_line(one)}\n" for one in missing).encode()
    return there.write(LOG, before + after, if_generation=found.generation)


def table(there: Store) -> Object:
    """The wide table, empty where there is none."""
    return _object(there, TABLE)


def tables(there: Store) -> Iterator[tuple[str, bytes]]:
    """The wide tables of a bucket without a log, by name."""
    for name in TABLES:
        if data := _object(there, name).data:
            yield name, data


def keep(there: Store, data: bytes) -> str:
    """Keep a table under a name of its own before it is written anew; its name."""
    name = f"annotations/before-{hashlib.sha256(data).hexdigest()[:12]}.csv"
    with suppress(Conflict):  # somebody has kept the same bytes
        there.write(name, data, if_generation=ABSENT)
    return name


def _object(there: Store, name: str) -> Object:
    try:
        return there.read(name)
    except NotFound:
        return Object(b"", ABSENT)
