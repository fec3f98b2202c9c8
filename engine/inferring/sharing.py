"""What an extractor has found in one run, for the next one: journals go into the workspace's cache and come back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.files import replacing
from engine.scaling.failures import ELSEWHERE
from engine.scaling.journal import without


@contextmanager
def remembered(cache: Path, folder: Path) -> Iterator[None]:
    """Begin with the journals of former runs, where this run has none of its own, and leave its own at the end.

    A run works on copies: it is resumed from its own folder, wherever that is, and two runs do not disturb each other.
    """
    seed(cache, folder)
    try:
        yield
    finally:
        keep(folder, cache)


def seed(cache: Path, folder: Path) -> None:
    """Copy the journals that are not there yet, but for failures that this run may find gone."""
    for journal in cache.glob("*") if cache.is_dir() else ():
        if not (folder / journal.name).exists():
            beside = folder / f".{journal.name}"
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir()
            for part in journal.glob("[!.]*.jsonl"):
                (beside / part.name).write_bytes(without(part.read_bytes(), ELSEWHERE))
            beside.rename(folder / journal.name)


def keep(folder: Path, cache: Path) -> None:
    """Copy every part of each journal back, each whole."""
    for part in folder.glob("[!.]*/*.jsonl"):
        target = cache / part.parent.name / part.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as beside:
            shutil.copyfile(part, beside)
