"""The verb annotations: labels in and out, to the bucket and back, how far coders are, what they left blank."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from engine.annotations.decision import REMARK, UNDO, Decision, to_line
from engine.annotations.given import codebook
from engine.annotations.log import Log
from engine.annotations.moment import moment
from engine.commands.verb import Asked, Verb, answer, say, table, whole, workspace
from engine.errors import AskError
from engine.workspace import Workspace


def import_(asked: Asked) -> int:
    """A table into the log; every line that is left out is named."""
    from engine.annotations.importing import import_csv, rules

    here = workspace(asked)
    with Log.open(here.labels, readonly=asked.dry_run) as log:
        told = import_csv(asked.file, log, rules(here, time.time()), dry_run=asked.dry_run)
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
    told = import_csv(path, log, rules(here, time.time()), dry_run=True)
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


def progress(asked: Asked) -> int:
    """How far each coder is, and how much of the overlap two coders have done."""
    from engine.annotations import frames, states
    from engine.annotations.queue import Study, overlap

    here = workspace(asked)
    settings, variables = here.settings, list(here.settings.variables)
    study, units, active = (
        Study(settings.salt, settings.coders, settings.overlap),
        frames.units(here),
        frames.active(here),
    )
    shared = overlap(settings.salt, units, settings.overlap)
    with Log.open(here.labels, readonly=True) as log:
        coders = settings.coders or log.coders()
        found = [states.progress(log, coder, study, units, variables, active) for coder in coders]
        double = states.double_coded(log, shared, variables)
    rows = [
        (one.coder, f"{one.done} of {one.asked}", f"{one.overlap} of {one.overlap_asked}", str(one.recode),
         f"{one.repeats} of {one.repeats_asked}", str(sum(counts["cant_tell"] for counts in one.states.values())))
        for one in found
    ]  # fmt: skip
    value = {"overlap": len(shared), "double_coded": double, "coders": [asdict(one) for one in found]}
    listed = table(rows, ("CODER", "DONE", "OVERLAP", "BLANK", "REPEATS", "CAN'T TELL"))
    words = listed.plain() if asked.plain else str(listed)
    return answer(asked, value, f"{words}\n\n{double} of {len(shared)} overlap frames double-coded")


def blanks(asked: Asked) -> int:
    """What coders saved with nothing chosen."""
    from engine.annotations.past import blanks as left_blank

    here = workspace(asked)
    with Log.open(here.labels, readonly=True) as log:
        found = [one for one in left_blank(log.newest(coder=asked.coder)) if one.variable in codebook(here.settings)]
    if not found:
        return answer(asked, [], "nothing was left blank")
    rows = [(one.coder, one.unit.video_id, str(one.unit.frame_index), one.variable, _when(one.at)) for one in found]
    value = [{"coder": one.coder, **one.unit._asdict(), "variable": one.variable, "at": one.at} for one in found]
    return answer(asked, value, table(rows, ("CODER", "VIDEO", "FRAME", "VARIABLE", "SAVED")))


def log(asked: Asked) -> int:
    """What was decided, the oldest first, what was taken back among it."""
    here = workspace(asked)
    with Log.open(here.labels, readonly=True) as opened:
        wanted = (
            one
            for one in opened.history(as_of=moment(asked.as_of) if asked.as_of else None)
            if asked.coder in (None, one.coder)
        )
        found = list(islice(wanted, asked.limit or None))
    if asked.json:
        print("[" + ",\n ".join(map(to_line, found)) + "]")
        return 0
    rows = [_row(one) for one in found]
    header = ("AT", "CODER", "KIND", "VIDEO", "FRAME", "VARIABLE", "VALUE", "NOTE")
    return answer(asked, [], table(rows, header) if rows else "no decisions yet")


def _row(one: Decision) -> tuple[str, ...]:
    if one.kind == UNDO:
        return _when(one.at), one.coder, f"takes back {one.act[:8]}", "", "", "", "", ""
    variable, value = ("", "flagged" if one.flagged else "") if one.variable == REMARK else (one.variable, one.value)
    note = " · ".join(part for part in (one.note, one.reason) if part)
    return _when(one.at), one.coder, one.kind, one.unit.video_id, str(one.unit.frame_index), variable, value, note


def _when(at: float) -> str:
    from engine.annotations.table import UNDATED

    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at >= UNDATED else "not known"


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


def _coder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--coder", metavar="NAME", help="of one coder only")


def _log(parser: argparse.ArgumentParser) -> None:
    _coder(parser)
    parser.add_argument("--as-of", metavar="MOMENT", help="only until then: a date, a time, or seconds since 1970")
    parser.add_argument("--limit", metavar="N", type=whole, default=0, help="at most so many; 0 for all")


def _nothing(parser: argparse.ArgumentParser) -> None:
    """No further words."""


_ACTS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], Any], Callable[[Asked], int]], ...] = (
    ("import", "take a table into the log", _import, import_),
    ("export", "write the log as a table", _export, export),
    ("sync", "bring the bucket's labels and those here together", _sync, sync),
    ("progress", "how far coders are", _nothing, progress),
    ("blanks", "what was saved with nothing chosen", _coder, blanks),
    ("log", "every decision, and what was taken back", _log, log),
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
