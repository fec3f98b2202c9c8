"""The verb annotations: labels in and out, to the bucket and back; what it tells besides is in `annotated`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from engine.annotations.log import Log
from engine.annotations.moment import moment
from engine.commands import annotated
from engine.commands.verb import Asked, Verb, answer, file, say, workspace
from engine.errors import AskError
from engine.workspace import Workspace


def import_(asked: Asked) -> int:
    """A table into the log; every line that is left out is named."""
    from engine.annotations.importing import import_csv, rules

    here = workspace(asked)
    with Log.open(here.labels, readonly=asked.dry_run) as log:
        told = import_csv(file(asked.file), log, rules(here, time.time()), dry_run=asked.dry_run)
    for note in told.notes:
        say(f"{asked.file}: {note}")
    for line, reason in told.rejected:
        say(f"{asked.file}, line {line}: left out: {reason}")
    words = f"{told.added} rows are new, {told.known} were known, {len(told.rejected)} were left out"
    older = f"; {told.older} of the new ones are history only, since there is something newer" if told.older else ""
    value = {**asdict(told), "rejected": [one._asdict() for one in told.rejected], "dry_run": asked.dry_run}
    answer(asked, value, f"{words}{older}{' (dry run: nothing was written)' if asked.dry_run else ''}")
    return 1 if told.rejected else 0


def export(asked: Asked) -> int:
    """The log as a table, into annotations.csv of the workspace unless another file is named."""
    from engine.annotations.table import export_csv, rows, text

    here = workspace(asked)
    variables, as_of = list(here.settings.variables), moment(asked.as_of) if asked.as_of else None
    with Log.open(here.labels, readonly=True) as log:
        if str(asked.file) == "-":
            sys.stdout.write(text(rows(log, variables, as_of=as_of), variables))
            return 0
        path = asked.file or here.annotations
        if not asked.overwrite:
            _nothing_is_lost(here, log, path)
        count = export_csv(path, log, variables, as_of=as_of)
    return answer(asked, {"file": str(path), "rows": count}, f"{path}: {count} rows")


def _nothing_is_lost(here: Workspace, log: Log, path: Path) -> None:
    """Raise AskError where a file holds labels that the log does not have."""
    from engine.annotations.importing import import_csv, rules

    if not path.exists():
        return
    anywhere = replace(rules(here, time.time()), frames={})  # the log may hold frames that the study has no more
    told = import_csv(path, log, anywhere, dry_run=True)
    if told.added or told.rejected:
        raise AskError(
            f"{path}: {told.added} rows are not in the log, and {len(told.rejected)} could not be read into it",
            hint=f"footplate annotations import {path} takes them in; another FILE or --overwrite leaves them",
        )


def sync(asked: Asked) -> int:
    """The bucket's labels and those of this workspace together."""
    from engine.annotations import sync as syncing

    here = workspace(asked)
    with Log.open(here.labels) as log:
        told = (syncing.pull if asked.pull else syncing.sync)(here, log)
    for note in told.notes:
        say(note)
    for line, reason in told.rejected:
        say(f"line {line}: left out: {reason}")
    words = f"from the {told.source}: {told.pulled} decisions pulled, {told.pushed} pushed"
    value = {**asdict(told), "rejected": [one._asdict() for one in told.rejected]}
    answer(asked, value, f"{words}\n{told.why}" if told.why else words)
    return 1 if told.why else 0


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a CSV with annotator, video_id, frame_index, variables"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, and write nothing")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="else the workspace's; - prints it")
    parser.add_argument("--as-of", metavar="MOMENT", help="what stood then: a date, a time, or seconds since 1970")
    parser.add_argument("--overwrite", action="store_true", help="though the file holds labels that the log has not")


def _sync(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pull", action="store_true", help="only take what the bucket has")


def _nothing(parser: argparse.ArgumentParser) -> None:
    """No further words."""


_ACTS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], Any], Callable[[Asked], int]], ...] = (
    ("import", "take a table into the log", _import, import_),
    ("export", "write the log as a table", _export, export),
    ("sync", "bring the bucket's labels and those here together", _sync, sync),
    ("progress", "how far coders are", _nothing, annotated.progress),
    ("blanks", "what was saved with nothing chosen", annotated.names_coder, annotated.blanks),
    ("log", "every decision, and what was taken back", annotated.log_arguments, annotated.log),
)


def _arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="WHAT", required=True)
    for name, words, arguments, do in _ACTS:
        one = acts.add_parser(name, help=words, description=words)
        for option in ("--json", "--plain"):
            one.add_argument(option, action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        one.add_argument("--workspace", "-w", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        arguments(one)
        one.set_defaults(act_do=do)


VERBS = (
    Verb(
        "annotations",
        "labels: import, export, sync with the bucket, progress, blanks, log",
        _arguments,
        lambda asked: int(asked.act_do(asked)),
    ),
)
