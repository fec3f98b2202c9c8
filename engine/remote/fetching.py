"""Fetch what a run has made on its machine, and see that each file is what the run said of it."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

from engine import events
from engine.errors import DataError
from engine.events import Artifact
from engine.files import sha256
from engine.remote.there import There
from engine.run import Run
from vmops import sync
from vmops.errors import Conflict, NotFound
from vmops.provider import Say

TRIES = 2  # of artifacts that are not what was told; each fetches them twice
PART, OLD = "work.part", "work.old"  # checkpoints while they come, and those in whose place they are put


def artifacts(there: There, run: Run, say: Say, *, strict: bool) -> None:
    """Fetch all of them.

    Args:
        strict: every file has to have the hash that the run told; of one that was cut off, the last may be half.

    Raises:
        DataError: one has not.
    """
    told = announced(run)
    for _ in range(TRIES if strict else 1):
        try:
            sync.pull(there.host, f"{there.folder}/artifacts", run.artifacts, say, hashes=told if strict else None)
        except NotFound:
            break
        except Conflict as error:  # fetched twice, and not what was told: a cut that rsync took for the end
            say(error.message)
        else:
            break
    wrong = differing(run, told)
    if wrong and strict:
        raise DataError(
            f"{there.host.name}: {', '.join(wrong)}: not what the run said it had made",
            hint=f"it stays there, in ~/{there.folder}/artifacts; footplate retry {run.id} does it again",
        )
    for name in wrong:
        say(f"{name} is not what was announced: the run was cut off while it wrote it")


def work(there: There, run: Run, say: Say) -> None:
    """Fetch the checkpoints, so that the run can go on elsewhere; what is here of them stays until all are.

    They are files that belong together: of two checkpoints a mixture would be none.
    """
    settle(run)
    now, part = run.folder / "work", run.folder / PART
    if now.is_dir() and not part.exists():
        # Links suffice: rsync puts another file in the place of one, and never writes into it.
        shutil.copytree(now, part, symlinks=True, copy_function=_linked)
    with suppress(NotFound):
        sync.pull(there.host, f"{there.folder}/work", part, say, delete=True)
        if now.exists():
            now.rename(run.folder / OLD)
        part.rename(now)
        settle(run)


def settle(run: Run) -> None:
    """What one that was killed while it put checkpoints in place has left: there are some, and they are whole."""
    now, old = run.folder / "work", run.folder / OLD
    if old.exists() and not now.exists():
        old.rename(now)
    shutil.rmtree(old, ignore_errors=True)


def _linked(source: str, target: str) -> None:
    os.link(source, target, follow_symlinks=False)


def forget_work(run: Run) -> None:
    """A run that is done needs its checkpoints no more."""
    for name in ("work", PART, OLD):
        shutil.rmtree(run.folder / name, ignore_errors=True)


def announced(run: Run) -> dict[str, str]:
    """The hash of each artifact, as the run told it last."""
    told: dict[str, str] = {}
    offset = -1
    found, after = events.read(run.events, 0)
    while after != offset:
        told |= {event.name: event.sha256 for event in found if isinstance(event, Artifact)}
        offset = after
        found, after = events.read(run.events, offset)
    return told


def differing(run: Run, told: dict[str, str]) -> list[str]:
    """The artifacts that are missing here or are others than was told."""
    return [name for name, wanted in told.items() if not _is(run, name, wanted)]


def _is(run: Run, name: str, wanted: str) -> bool:
    path = run.artifacts / name
    return path.is_file() and sha256(path) == wanted
