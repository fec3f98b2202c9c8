"""The verb bucket: objects in and out, folders and buckets brought together; what it tells is in `bucketsee`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands import bucketsee
from engine.commands.verb import Asked, Verb, answer, confirmed, say, workspace
from engine.errors import AskError
from engine.words import size

if TYPE_CHECKING:
    from vmops.bucketsync import Sync, Told

EVERY_S = 2.0  # between two words about a file that is on its way


def get(asked: Asked) -> int:
    """One object into a file, whose hash is checked before it has its name."""
    with bucketsee.opened(asked, asked.name) as (there, name):
        found = there.stat(name)
        path = Path(asked.file or os.path.basename(name))  # noqa: PTH119 (a name in a bucket is no path)
        path = path / os.path.basename(name) if path.is_dir() else path  # noqa: PTH119
        if path.exists() and not asked.overwrite:
            raise AskError(f"{path} is there already", hint="another FILE, or --overwrite")
        there.pull(found, path, _far(asked, name, found.size_bytes))
    return answer(asked, {**asdict(found), "file": str(path)}, f"{path}: {size(found.size_bytes)}")


def put(asked: Asked) -> int:
    """A file as an object; one that is there is replaced only when that is asked for."""
    path = Path(asked.file)
    if not path.is_file():
        raise AskError(f"{path}: no such file", hint="footplate bucket sync FOLDER gs://NAME/PREFIX is for folders")
    with bucketsee.opened(asked, asked.name) as (there, name):
        from vmops.errors import Conflict

        name = name + path.name if not name or name.endswith("/") else name
        try:
            far = _far(asked, name, path.stat().st_size)
            made = there.push(path, name, if_generation=None if asked.overwrite else 0, moved=far)
        except Conflict:
            raise AskError(f"{there.url}/{name} is there already", hint="another name, or --overwrite") from None
    return answer(asked, asdict(made), f"{there.url}/{name}: {size(made.size_bytes)}")


def _far(asked: Asked, name: str, total: int) -> Callable[[int], object]:
    """Tells people how far a large file is."""
    from vmops import files

    return files.telling(bucketsee.plain(name), total, _progress(asked), EVERY_S)


def rm(asked: Asked) -> int:
    """Objects, gone; what is named has to be typed."""
    here = workspace(asked)
    with bucketsee.opened(asked, asked.name) as (there, name):
        found = list(there.entries(name)) if asked.recursive else [there.stat(name)]
        if not found:
            raise AskError(f"{there.url}: nothing begins with {name!r}")
        words = f"{len(found):,} objects, {size(sum(one.size_bytes for one in found))}"
        if asked.dry_run:
            return answer(asked, [asdict(one) for one in found], f"would be gone: {words}")
        confirmed(asked, asked.name, f"{there.url}: {words} will be gone")
        from vmops import bucketaudit

        deleting = bucketaudit.below(here.machines, there.url)
        for one in found:
            with deleting(one.name):
                there.delete(one.name, if_generation=one.generation)
    return answer(asked, {"deleted": [one.name for one in found]}, f"{words}: gone")


def sync(asked: Asked) -> int:
    """A folder and a part of a bucket, one way; what changed on both sides is named and left."""
    from vmops.bucketsync import Sync

    up, folder, address = _ways(asked)
    if asked.delete and not asked.dry_run:
        workspace(asked)  # where deleting is written down
    with bucketsee.opened(asked, address) as (there, prefix):
        prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
        one = Sync(
            folder, there, "up" if up else "down", prefix, delete=asked.delete, overwrite=asked.overwrite,
            say=_progress(asked),
        )  # fmt: skip
        if asked.dry_run:
            return _told(asked, one.would(), "would be ")
        if asked.delete:
            from vmops import bucketaudit

            _ask(asked, one)
            target = f"{there.url}/{prefix}" if up else str(folder)
            return _told(asked, one.run(bucketaudit.below(workspace(asked).machines, target)), "")
        return _told(asked, one.run(), "")


def _ways(asked: Asked) -> tuple[bool, Path, str]:
    """Whether it goes up, the folder, and the address of the bucket's part."""
    far = ("gs://", bucketsee.FILE, bucketsee.HERE)
    remote = [word.startswith(far) for word in (asked.source, asked.target)]
    if all(remote):
        raise AskError("SOURCE and TARGET are both buckets", hint="one of the two is a folder here")
    if not any(remote):  # two folders: the target stands for a bucket
        up, folder, address = True, Path(asked.source), Path(asked.target).absolute().as_uri()
    else:
        up = remote[1]
        folder, address = (Path(asked.source), asked.target) if up else (Path(asked.target), asked.source)
    if up and not folder.is_dir():
        raise AskError(f"{folder}: no such folder")
    return up, folder.absolute(), f"{address.rstrip('/')}/" if address.startswith(bucketsee.FILE) else address


def _ask(asked: Asked, one: Sync) -> None:
    extra = one.extra()
    if extra:
        some = ", ".join(extra[:5]) + (" …" if len(extra) > 5 else "")
        confirmed(
            asked, asked.target, f"{len(extra):,} that only {asked.target} has will be gone: {bucketsee.plain(some)}"
        )


def _progress(asked: Asked) -> Callable[[str], None]:
    return (lambda words: None) if asked.json else say


def _told(asked: Asked, told: Told, would: str) -> int:
    for one in told.named:
        say(bucketsee.plain(f"{one.name}: {one.became}: {one.why}"))
    left = f", {len(told.named)} named above" if told.named else ""
    words = (
        f"{would}copied: {told.copied:,} ({size(told.size_bytes)}); the same: {told.same:,}; deleted: {told.deleted:,}"
    )
    value = {**asdict(told), "named": [{"name": one.name, "became": one.became, "why": one.why} for one in told.named]}
    answer(asked, value, words + left)
    return 0 if told.well else 1


def _get(parser: argparse.ArgumentParser) -> None:
    bucketsee.names_object(parser)
    parser.add_argument("file", metavar="FILE", nargs="?", help="else its own name, here")
    parser.add_argument("--overwrite", action="store_true", help="though the file is there")


def _put(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("name", metavar="OBJECT", nargs="?", default="", help="its name, or a folder that ends in /")
    parser.add_argument("--overwrite", action="store_true", help="though the object is there")


def _rm(parser: argparse.ArgumentParser) -> None:
    bucketsee.names_object(parser)
    parser.add_argument("--recursive", "-r", action="store_true", help="everything that begins with it")
    parser.add_argument("--yes", metavar="OBJECT", help="its name once more, instead of typing it")
    parser.add_argument("--dry-run", action="store_true", help="say what would be gone")


def _sync(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="a folder, gs://NAME/PREFIX, file:///FOLDER, or bucket:PREFIX")
    parser.add_argument("target", metavar="TARGET", help="the same")
    parser.add_argument("--delete", action="store_true", help="what only the target has is removed there")
    parser.add_argument("--overwrite", action="store_true", help="the source's is right wherever the two differ")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")
    parser.add_argument("--yes", metavar="TARGET", help="with --delete: the target once more, instead of typing it")


_ACTS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], Any], Callable[[Asked], int]], ...] = (
    ("ls", "what is there: one level, or all of it", bucketsee.ls_words, bucketsee.ls),
    ("stat", "what is known of an object", bucketsee.names_object, bucketsee.stat),
    ("cat", "the bytes of an object", bucketsee.names_object, bucketsee.cat),
    ("get", "an object into a file", _get, get),
    ("put", "a file as an object", _put, put),
    ("rm", "delete objects; asks for the name", _rm, rm),
    ("sync", "bring a folder and a bucket together, one way", _sync, sync),
)


def _arguments(parser: argparse.ArgumentParser) -> None:
    _bucket(parser, None)
    acts = parser.add_subparsers(dest="act", metavar="WHAT", required=True)
    for name, words, arguments, do in _ACTS:
        one = acts.add_parser(name, help=words, description=words)
        for option in ("--json", "--plain"):
            one.add_argument(option, action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        one.add_argument("--workspace", "-w", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        _bucket(one, argparse.SUPPRESS)
        arguments(one)
        one.set_defaults(act_do=do)


def _bucket(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Before the act's word and after it, as people write it."""
    words = "gs://NAME or a folder; else workspace.yaml's"
    parser.add_argument("--bucket", "-b", metavar="URL", default=default, help=words)


VERBS = (
    Verb(
        "bucket",
        "objects in the bucket: ls, stat, cat, get, put, rm, sync",
        _arguments,
        lambda asked: int(asked.act_do(asked)),
    ),
)
