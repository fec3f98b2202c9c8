"""The verb checkpoints: what buckets hold of runs, and removing what no resume needs any more."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from engine.commands.verb import Asked, Verb, answer, confirmed, say, table, workspace
from engine.errors import AskError, FootplateError, RunError
from engine.run import find, listing
from engine.words import duration, size
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.checkpoints import Saved

DAY_S = 86400.0


def checkpoints(asked: Asked) -> int:
    """Every run that a bucket has checkpoints of; with --prune, those that no resume needs are removed."""
    from engine import checkpoints as kept
    from engine import machines

    if asked.older_than is not None and not asked.prune:
        raise AskError("--older-than: nothing is removed without --prune", hint="--prune --dry-run says what would be")
    there = workspace(asked)
    url = asked.url or _only(there)
    with machines.explained():
        found = [(one, _state(there, one.run)) for one in kept.saved(url, there.root)]
        if not asked.prune:
            return _told(asked, url, found)
        return _pruned(asked, there, url, [one for one, state in found if _is_old(one, state, asked.older_than)])


def _only(there: Workspace) -> str:
    """The bucket that the specs of runs here name, where it is one."""
    urls = sorted({*_named(there)})
    if len(urls) == 1:
        return urls[0]
    which = f"runs here name {', '.join(urls)}" if urls else "no run here names a bucket for checkpoints"
    raise AskError(which, hint="footplate checkpoints gs://NAME/checkpoints")


def _named(there: Workspace) -> Iterator[str]:
    from engine import registry
    from engine.config import parse

    for run in [*listing(there), *listing(there, archived=True)]:
        with suppress(FootplateError):  # of another version, or damaged: it names none that could be used
            spec = parse(registry.job(run.job).spec_class(), run.spec_text(), str(run.spec))
            if spec.compute.checkpoints:
                yield spec.compute.checkpoints


def _state(there: Workspace, run_id: str) -> str:
    try:
        return find(there, run_id, archived=True).status().state
    except RunError:
        return ""


def _is_old(one: Saved, state: str, days: float | None) -> bool:
    """What is done needs no checkpoint; of the rest only what was not saved for so many days, if that is asked."""
    aged = days is not None and time.time() - one.at > days * DAY_S
    return state == "done" or (aged and state not in ("running", "pending"))


def _told(asked: Asked, url: str, found: list[tuple[Saved, str]]) -> int:
    value = [{**asdict(one), "state": state} for one, state in found]
    rows = [(one.run, f"{duration(time.time() - one.at)} ago", str(one.files), size(one.size_bytes),
             state or "not here") for one, state in found]  # fmt: skip
    say(f"{url}: checkpoints of {len(found):,} runs, {size(sum(one.size_bytes for one, _ in found))}")
    return answer(asked, value, table(rows, ("RUN", "SAVED", "FILES", "SIZE", "STATE")))


def _pruned(asked: Asked, there: Workspace, url: str, old: list[Saved]) -> int:
    from engine import checkpoints as kept
    from vmops import bucketaudit

    words = f"checkpoints of {len(old):,} runs, {size(sum(one.size_bytes for one in old))}"
    if asked.dry_run or not old:
        return answer(asked, {"would": [one.run for one in old]}, f"would be gone: {words}")
    confirmed(asked, url, f"{words} will be gone: {', '.join(one.run for one in old[:5])}")
    deleting = bucketaudit.below(there.machines, url)
    for one in old:
        with deleting(f"{one.run}/"):
            kept.forget(url, one.run, there.root)
    return answer(asked, {"removed": [one.run for one in old]}, f"{words}: gone")


def _arguments(parser: argparse.ArgumentParser) -> Any:
    parser.add_argument("url", metavar="URL", nargs="?", help="gs://NAME/checkpoints or a folder; else what runs name")
    parser.add_argument("--prune", action="store_true", help="remove those of runs that are done here")
    parser.add_argument("--older-than", type=float, metavar="DAYS", help="and those that nobody saved for so long")
    parser.add_argument("--dry-run", action="store_true", help="say what would be gone")
    parser.add_argument("--yes", metavar="URL", help="the bucket once more, instead of typing it")


VERBS = (Verb("checkpoints", "what buckets hold of runs, so that they can go on elsewhere", _arguments, checkpoints),)
