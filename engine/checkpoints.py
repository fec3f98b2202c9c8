"""Checkpoints of a run in a bucket: what a resume needs, so that another machine can go on where this one was lost.

`compute.checkpoints` of a spec names the bucket. Files lie there by their hash, and a manifest that is written last
says which of them the run consists of: a save that was killed half way is never seen, and what has not changed is not
sent again. The manifest is replaced under its generation: two machines that go on with one run are found out.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.errors import DataError, WorkspaceError
from engine.files import read_json, sha256, write_json
from engine.status import from_json, to_json
from vmops import bucket as buckets
from vmops.bucket import Bucket
from vmops.errors import Conflict, NotFound, OutsideError
from vmops.storage import ABSENT

FORMAT = 1
MANIFEST = "manifest.json"
ALONE = ("spec.yaml", "run.json", "environment.json", "status.json", "events.jsonl", "log.txt", "log.times")
TREES = ("work", "artifacts")
TRIES = 5  # of a checkpoint in whose place a newer one comes


@dataclass(frozen=True)
class Restored:
    """What was taken back, as it stood at a time."""

    at: float
    files: int
    size_bytes: int


@dataclass(frozen=True)
class Saved:
    """What a bucket holds of a run: when it was saved last, and how much that is."""

    run: str
    at: float
    files: int
    size_bytes: int


def saved(url: str, root: Path | None = None) -> list[Saved]:
    """Every run of which there is a whole checkpoint, the newest first."""
    bucket, found = buckets.open(url, root), list[Saved]()
    for name in _below(bucket):
        value, generation = manifest(bucket, name)
        if generation:
            sizes = [int(one["size"]) for one in value["files"].values()]
            found.append(Saved(name, float(value["at"]), len(sizes), sum(sizes)))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _below(bucket: Bucket) -> list[str]:
    """The folders of the bucket, which are called as their runs are."""
    names, after = list[str](), ""
    while True:
        page = bucket.page("", after)
        names += [folder.rstrip("/") for folder in page.folders]
        if not (after := page.after):
            return names


def restore(
    url: str,
    run: str,
    folder: Path,
    say: Callable[[str], None] = print,
    root: Path | None = None,
    *,
    only_work: bool = False,
) -> Restored | None:
    """Take the newest checkpoint back into a run's folder, before it is resumed; None where there is none.

    Its `work` and `artifacts` are then just those of the checkpoint. May be done again after a kill.

    Args:
        only_work: leave everything but `work` as it is here: where events and log were mirrored further.
    """
    bucket = buckets.open(url, root)
    for _ in range(TRIES):
        value, generation = manifest(bucket, run)
        if not generation:
            return None
        files = {name: one for name, one in value["files"].items() if not only_work or name.startswith("work/")}
        fresh = folder / ".restored"
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            size = _fetch(bucket, run, files, fresh, say)
        except (NotFound, Conflict):  # a newer one has taken its place meanwhile
            continue
        if not only_work:
            _settle(fresh, float(value["at"]))
        _put_in_place(fresh, folder, TREES[:1] if only_work else TREES)
        return Restored(float(value["at"]), len(files), size)
    raise DataError(f"{run}: its checkpoint changes all the time", hint="another machine goes on with it")


def _settle(folder: Path, at: float) -> None:
    """A run that was at work when it was saved is so no more: its machine went away after that."""
    status = from_json(read_json(folder / "status.json"))
    if status.tended or status.active:
        ended = replace(status, state="preempted", ended_at=at, machine="", link="", shepherd_host="")
        write_json(folder / "status.json", to_json(ended))


def forget(url: str, run: str, root: Path | None = None) -> int:
    """Remove what a bucket holds of a run; how many objects that were."""
    bucket = buckets.open(url, root)
    names = sorted(bucket.list(f"{run}/"), key=lambda name: not name.endswith(MANIFEST))  # what is seen goes first
    for name in names:
        with suppress(NotFound):
            bucket.delete(name)
    return len(names)


def _fetch(bucket: Bucket, run: str, files: dict[str, Any], fresh: Path, say: Callable[[str], None]) -> int:
    there = {entry.name: entry for entry in bucket.entries(f"{run}/files/")}
    wanted = []
    for name, one in files.items():
        if not _allowed(name):
            raise DataError(f"{run}: its checkpoint has a file {name!r}, which is none of a run")
        if (found := there.get(f"{run}/files/{one['sha256']}")) is None:
            raise NotFound(f"{run}: {name} is not in the bucket any more")
        wanted.append((found, fresh / name))
    fresh.mkdir(parents=True)
    size = sum(entry.size_bytes for entry, _ in wanted)
    for done, got in enumerate(bucket.pull_many(wanted), start=1):
        if got.error:
            raise got.error
        assert got.path
        if sha256(got.path) != got.entry.name.rpartition("/")[2]:
            raise DataError(f"{got.entry.name}: not the bytes that were saved")
        say(f"{done} of {len(wanted)} files of the checkpoint")
    return size


def _put_in_place(fresh: Path, folder: Path, trees: Sequence[str]) -> None:
    for name in trees:
        shutil.rmtree(folder / name, ignore_errors=True)
        (fresh / name).mkdir(exist_ok=True)
        (fresh / name).rename(folder / name)
    for path in sorted(fresh.iterdir()):
        path.replace(folder / path.name)
    fresh.rmdir()


def manifest(bucket: Bucket, run: str) -> tuple[dict[str, Any], int]:
    """A run's manifest and its generation; ABSENT where there is none."""
    try:
        found = bucket.read(f"{run}/{MANIFEST}")
    except NotFound:
        return {}, ABSENT
    try:
        value = json.loads(found.data)
        if value["format"] != FORMAT or not isinstance(value["files"], dict):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{bucket.url}/{run}/{MANIFEST}: no manifest of version {FORMAT}") from None
    return value, found.generation


def _allowed(name: str) -> bool:
    parts = name.split("/")
    return name in ALONE or (parts[0] in TREES and len(parts) > 1 and not {"", ".", ".."} & {*parts})


def reason(error: Exception) -> str:
    """Why a save did not succeed, in one line."""
    hint = error.hint if isinstance(error, (OutsideError, DataError, WorkspaceError)) else ""
    return f"{getattr(error, 'message', error)}{f' ({hint})' if hint else ''}"
