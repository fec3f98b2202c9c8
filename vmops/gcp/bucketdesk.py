"""What the worker answers about buckets, for the Bucket screen: one level, one object, its first bytes, in and out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vmops import bucket, bucketacts, bucketaudit
from vmops.bucket import Bucket, Entry
from vmops.errors import Conflict, OutsideError, Refused
from vmops.files import telling
from vmops.provider import Call, Say
from vmops.storage import ABSENT

HEAD = 8192
Words = Mapping[str, Any]
_opened: dict[str, Bucket] = {}  # a client of Google's takes a while to be made


def answer(do: str, words: Words, say: Say, called: Callable[[Call], None], folder: Path) -> Any:
    """The answer to one question, as JSON has it; `folder` is where deleting is written down."""
    if (act := ANSWERS.get(do)) is None:
        raise Refused(f"nobody can be asked to {do!r}", hint=f"there are {', '.join(ANSWERS)}")
    began, said = time.monotonic(), "failed"
    try:
        found = act(_store(str(words["url"])), words, say, folder)
        said = "done"
        return found
    except KeyError as missing:
        raise Refused(f"{do}: no {missing} in the question") from None
    except OutsideError as error:
        said = error.message
        raise
    finally:
        called(Call(_what(do, words), time.monotonic() - began, said, said == "done"))


def _what(do: str, words: Words) -> str:
    """The act as the command log tells it."""
    name = words.get("name") or words.get("prefix") or ""
    return f"storage {do.removeprefix('bucket_')} {words.get('url', '')}/{name}".rstrip("/")


def _store(url: str) -> Bucket:
    if url not in _opened:
        _opened[url] = bucket.open(url)
    return _opened[url]


def _list(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    page = there.page(words.get("prefix", ""), words.get("after", ""), int(words.get("limit", 500)))
    objects = [_told(entry) for entry in page.entries]
    return {"folders": page.folders, "objects": objects, "after": page.after, "simulated": there.simulated}


def _stat(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    return _told(there.stat(words["name"]))


def _head(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    size = there.stat(words["name"]).size_bytes
    return {"text": _text(there.head(words["name"], int(words.get("size", HEAD)))), "size": size}


def _get(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    path, entry = Path(words["path"]), there.stat(words["name"])
    if path.exists() and not words.get("overwrite"):
        raise Conflict(f"{path} is there already", hint="choose another name")
    say(f"{entry.size_bytes:,} bytes of {entry.name}")
    there.pull(entry, path, telling(entry.name, entry.size_bytes, say))
    return {"path": str(path), "size": entry.size_bytes}


def _put(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    path = Path(words["path"])
    if not path.is_file():
        raise Refused(f"{path}: no such file", hint="one file at a time; footplate bucket sync takes folders")
    size = path.stat().st_size
    say(f"{size:,} bytes to {words['name']}")
    before = int(words.get("generation", ABSENT))
    try:
        return _told(there.push(path, words["name"], if_generation=before, moved=telling(words["name"], size, say)))
    except Conflict as error:
        if before != ABSENT:
            raise
        hint = "delete it first, or footplate bucket put --overwrite"
        raise Conflict(f"{there.url}/{words['name']} is there already", hint=hint) from error


def _delete(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    name, generation = words["name"], int(words["generation"])
    with bucketaudit.below(folder, there.url)(name):
        there.delete(name, if_generation=generation)
    return {}


def _told(entry: Entry) -> dict[str, Any]:
    value = asdict(entry)
    return {**value, "size": value.pop("size_bytes")}


def _text(data: bytes) -> str | None:
    """Bytes as text; None where they are none. The last sign may have been cut in two."""
    if b"\0" in data:
        return None
    for cut in range(4):
        try:
            return data[: len(data) - cut].decode()
        except UnicodeDecodeError as error:
            if error.start < len(data) - 4:
                return None
    return None


ANSWERS: Mapping[str, Callable[[Bucket, Words, Say, Path], Any]] = {
    "bucket_list": _list,
    "bucket_stat": _stat,
    "bucket_head": _head,
    "bucket_get": _get,
    "bucket_put": _put,
    "bucket_delete": _delete,
    **bucketacts.ANSWERS,
}
