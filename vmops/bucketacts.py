"""What is done to many objects at once, planned first: brought here or there, removed, fetched in part for a look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vmops import bucketaudit
from vmops.bucket import Bucket, Entry, Got
from vmops.bucketsync import Sync, Told
from vmops.errors import Conflict, OutsideError
from vmops.files import beside, explained, put_in_place, size, telling
from vmops.parallel import in_order_of_arrival
from vmops.provider import Say

Words = Mapping[str, Any]
NAMED = 200  # names that are told of what somebody should look at
AT_ONCE = 16


def plan(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    """What bringing a folder and a prefix together would do."""
    return _told(_sync(there, words, say).would())


def sync(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    """Bring a folder and a prefix together, one way; what it did."""
    Path(words["folder"]).mkdir(parents=True, exist_ok=True)
    return _told(_sync(there, words, say).run())


def _sync(there: Bucket, words: Words, say: Say) -> Sync:
    return Sync(Path(words["folder"]), there, words["way"], words["prefix"], say=say)


def _told(told: Told) -> dict[str, Any]:
    named = [[one.name, one.became, one.why] for one in told.named[:NAMED]]
    counts = {name: value for name, value in asdict(told).items() if name != "named"}
    return {**counts, "named": named, "left": len(told.named), "well": told.well}


def below(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    """Every object of some names and prefixes, as it stands: what a removal would take."""
    found: dict[str, Entry] = {}
    for prefix in words["prefixes"]:
        for entry in there.entries(prefix):
            found[entry.name] = entry
            if len(found) % 1000 == 0:
                say(f"{len(found):,} objects listed")
    for entry in in_order_of_arrival(there.stat, words["names"], AT_ONCE):
        found[entry.name] = entry
    entries = [[one.name, one.generation] for one in found.values()]
    return {"entries": entries, "size": sum(one.size_bytes for one in found.values())}


def remove(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    """Delete objects where they are still those that were seen; each is written down first."""
    deleting, wanted = bucketaudit.below(folder, there.url), words["entries"]
    failed: list[list[str]] = []

    def gone(one: Sequence[Any]) -> None:
        try:
            with deleting(one[0]):
                there.delete(one[0], if_generation=int(one[1]))
        except OutsideError as error:
            failed.append([one[0], "failed", error.message])

    for done, _ in enumerate(in_order_of_arrival(gone, wanted, AT_ONCE), start=1):
        if done % AT_ONCE == 0 or done == len(wanted):
            say(f"{done:,} of {len(wanted):,} objects deleted")
    return {"deleted": len(wanted) - len(failed), "named": failed[:NAMED], "left": len(failed)}


def pull(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    """Objects into a folder, each under its own name there; a file that is there already stays."""
    target, names = Path(words["folder"]), words["names"]
    entries = sorted(in_order_of_arrival(there.stat, names, AT_ONCE), key=lambda entry: entry.name)
    wanted, left = dict[Path, Entry](), list[list[str]]()
    for entry in entries:
        path = target / entry.name.rpartition("/")[2]
        if path.exists() or path in wanted:
            why = "is there already" if path.exists() else f"is what {wanted[path].name} becomes"
            left.append([entry.name, "skipped", f"{path} {why}"])
        else:
            wanted[path] = entry
    size_bytes = copied = 0
    for got in _pulled(there, [(entry, path) for path, entry in wanted.items()], say):
        if got.error:
            left.append([got.entry.name, "failed", got.error.message])
        else:
            copied, size_bytes = copied + 1, size_bytes + got.entry.size_bytes
        say(f"{copied:,} of {len(entries):,} files ({size(size_bytes)})")
    return {"copied": copied, "size_bytes": size_bytes, "named": left[:NAMED], "left": len(left), "well": not left}


def _pulled(there: Bucket, wanted: list[tuple[Entry, Path]], say: Say) -> Iterator[Got]:
    """Objects in files; of one alone it is said how far it is."""
    if len(wanted) != 1:
        yield from there.pull_many(wanted)
        return
    [(entry, path)] = wanted
    try:
        there.pull(entry, path, telling(entry.name, entry.size_bytes, say))
        yield Got(entry, path=path)
    except OutsideError as error:
        yield Got(entry, error=error, path=path)


def fetch(there: Bucket, words: Words, say: Say, folder: Path) -> Any:
    """So much of an object that it can be looked at: all of it up to `most` bytes, else its beginning.

    Of what has to be known from both ends (a video) so many bytes from each are put where they belong in a file of the
    whole size, which is empty between them.
    """
    entry, path, most = there.stat(words["name"]), Path(words["path"]), int(words["most"])
    if entry.generation != int(words["generation"]):
        raise Conflict(f"{there.url}/{entry.name}: it is another one now", hint="list it again")
    with explained(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.size_bytes <= most:
            there.pull(entry, path)
        else:
            part = beside(path, str(entry.generation))
            _FILLED[words["what"]](there, entry, part, int(words["part"]))
            put_in_place(part, path)
    return {"whole": entry.size_bytes <= most, "size": entry.size_bytes}


def _beginning(there: Bucket, entry: Entry, path: Path, part: int) -> None:
    data = there.head(entry.name, part)
    path.write_bytes(data[: data.rfind(b"\n") + 1] or data)  # up to the last whole line, where there are lines


def _ends(there: Bucket, entry: Entry, path: Path, part: int) -> None:
    with path.open("wb") as file:
        file.write(there.head(entry.name, part))
        file.truncate(entry.size_bytes)
        file.seek(entry.size_bytes - part)
        file.write(there.head(entry.name, part, entry.size_bytes - part))


_FILLED: Mapping[str, Callable[[Bucket, Entry, Path, int], None]] = {"beginning": _beginning, "ends": _ends}
ANSWERS: Mapping[str, Callable[[Bucket, Words, Say, Path], Any]] = {
    "bucket_plan": plan,
    "bucket_sync": sync,
    "bucket_below": below,
    "bucket_remove": remove,
    "bucket_pull": pull,
    "bucket_fetch": fetch,
}
