"""What the verb bucket tells: listings, one object, its bytes."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands.verb import Asked, answer, say, table, workspace
from engine.errors import AskError, FootplateError, WorkspaceError
from engine.words import size

if TYPE_CHECKING:
    from vmops.bucket import Bucket, Entry

FILE = "file:///"
HERE = "bucket:"  # the workspace's own, where folders may be meant as well
EVERY = 1000  # objects between two words of progress


@contextmanager
def opened(asked: Asked, address: str) -> Iterator[tuple[Bucket, str]]:
    """A bucket and what of it is meant: a whole address, or a name in the workspace's bucket or that of --bucket."""
    from engine import machines
    from vmops import bucket

    url, name = _split(asked, address)
    with machines.explained():
        there = bucket.open(url, _root(asked))
        if there.simulated:
            say(f"{url}: simulated, on this computer")
        yield there, name


def _split(asked: Asked, address: str) -> tuple[str, str]:
    if address.startswith("gs://"):
        name, _, rest = address[5:].partition("/")
        return f"gs://{name}", rest
    if address.startswith(FILE):
        return _divided(asked, address)
    address = address.removeprefix(HERE)
    if asked.bucket:
        return asked.bucket, address
    named = workspace(asked).settings.bucket
    if named is None:
        raise AskError(
            "workspace.yaml names no bucket",
            hint="--bucket gs://NAME or a folder, or a whole address: gs://NAME/PREFIX, file:///FOLDER/PREFIX",
        )
    return named, address


def _divided(asked: Asked, address: str) -> tuple[str, str]:
    """A folder's address as that of its bucket, the named one if it lies there, and the name in it."""
    from vmops import bucket, folderbucket

    named: str | None = asked.bucket
    if not named:
        with suppress(FootplateError):  # a whole address needs no workspace
            named = workspace(asked).settings.bucket
    known = None if not named or named.startswith("gs://") else bucket.folder(named, _root(asked))
    found, name = folderbucket.divided(bucket.folder(address), known, below=address.endswith("/"))
    return found.as_uri(), name


def _root(asked: Asked) -> Path:
    """What relative folders are relative to: the workspace for its own bucket, else where we are."""
    try:
        return Path() if asked.bucket else workspace(asked).root
    except WorkspaceError:
        return Path()


def ls(asked: Asked) -> int:
    """One level of a bucket, or with -r everything below a prefix."""
    with opened(asked, asked.prefix) as (there, prefix):
        rows = list(_below(there, prefix) if asked.recursive else _level(there, prefix))
    value = [asdict(one) if not isinstance(one, str) else {"name": one, "folder": True} for one in rows]
    objects = [one for one in rows if not isinstance(one, str)]
    folders = "" if asked.recursive else f"{len(rows) - len(objects):,} folders, "
    say(f"{folders}{len(objects):,} objects, {size(sum(one.size_bytes for one in objects))}")
    header = ("NAME", "SIZE", "WRITTEN", *(("GENERATION", "CRC32C") if asked.long else ()))
    return answer(asked, value, table([_row(one, asked.long) for one in rows], header))


def _level(there: Bucket, prefix: str) -> Iterator[Entry | str]:
    after, count = "", 0
    while True:
        page = there.page(prefix, after)
        yield from page.folders
        yield from page.entries
        count += len(page.entries) + len(page.folders)
        if not (after := page.after):
            return
        say(f"{count:,} listed")


def _below(there: Bucket, prefix: str) -> Iterator[Entry]:
    for count, entry in enumerate(there.entries(prefix), start=1):
        if count % EVERY == 0:
            say(f"{count:,} listed")
        yield entry


def _row(one: Entry | str, long: bool) -> tuple[str, ...]:
    if isinstance(one, str):
        return (plain(one), "", "", *(("", "") if long else ()))
    at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(one.updated_at)) if one.updated_at else ""
    return (plain(one.name), size(one.size_bytes), at, *((str(one.generation), one.crc32c) if long else ()))


def plain(name: str) -> str:
    """A name as it may stand in a terminal: signs that would move its cursor are told, not sent."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in name)


def stat(asked: Asked) -> int:
    """What is known of one object."""
    with opened(asked, asked.name) as (there, name):
        found = asdict(there.stat(name))
    words = "\n".join(f"{key}: {value}" for key, value in found.items() if value != "")
    return answer(asked, found, words)


def cat(asked: Asked) -> int:
    """The bytes of one object."""
    with opened(asked, asked.name) as (there, name):
        found = there.read(name)
    if asked.json:
        text = found.data.decode("utf-8", "backslashreplace")
        return answer(asked, {"name": name, "generation": found.generation, "text": text}, "")
    sys.stdout.buffer.write(found.data)
    sys.stdout.buffer.flush()
    return 0


def ls_words(parser: argparse.ArgumentParser) -> None:
    """The words of ls."""
    where = "gs://NAME/PREFIX, file:///FOLDER, or in this bucket"
    parser.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help=where)
    parser.add_argument("--recursive", "-r", action="store_true", help="all objects below, not one level")
    parser.add_argument("--long", "-l", action="store_true", help="generations and hashes as well")


def names_object(parser: argparse.ArgumentParser) -> Any:
    """Let an act take an object."""
    return parser.add_argument("name", metavar="OBJECT", help="gs://NAME/OBJECT, file:///FILE, or in this bucket")
