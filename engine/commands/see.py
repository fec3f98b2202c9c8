"""Verbs that only look: runs, show, log."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from textwrap import wrap
from typing import Any

from engine import filter as filters
from engine import labels
from engine.commands.verb import Asked, Verb, answer, names_run, table, the_run, whole, workspace
from engine.errors import RunError
from engine.fields import NAMES as FIELDS
from engine.fields import changed_at, fields
from engine.progress import rate, remaining
from engine.run import UNFOLLOWED, Run, lineage, listing
from engine.status import STATES, Status, to_json
from engine.words import ago, criteria, duration, elsewhere, headline, progress, results, size

FOLLOW_S = 0.2
WIDTH = 100  # of findings, which are sentences


def runs(asked: Asked) -> int:
    """All runs, newest first."""
    wanted = filters.compiled(asked.filter)
    filters.must_be_whole(asked.filter, wanted)
    known = set(FIELDS)
    listed = listing(workspace(asked), archived=asked.archived)
    found = _read(listed)
    fitting = ((run, status) for run, status in found if _fits(asked, wanted, run, status, known))
    chosen = list(islice(fitting, asked.limit or None))
    if listed and not asked.limit:  # then all runs were looked at, and what they have is known
        filters.must_know(wanted, known)
    if asked.json:
        return answer(asked, [_brief(run, status) for run, status in chosen], "")
    rows = [_row(run, status) for run, status in chosen]
    header = ("RUN", "STATE", "PROGRESS", "RESULT", "CRITERIA", "AGE", "TITLE")
    none = f"no run fits {asked.filter!r}" if asked.filter else "no runs yet"
    return answer(asked, [], table(rows, header) if rows else none)


def _read(found: list[Run]) -> Iterator[tuple[Run, Status]]:
    for run in found:
        with suppress(RunError):  # archived or deleted since the folder was listed
            yield run, run.status()


def _fits(asked: Asked, wanted: filters.Filter, run: Run, status: Status, known: set[str]) -> bool:
    """Whether a run fits; the names of its fields become known."""
    if asked.state not in (None, status.state) or asked.job not in (None, run.job):
        return False
    if not wanted.terms:
        return True
    has = fields(run, status, labels.read(run), time.time())
    known.update(has)
    return wanted.fits(has)


def _row(run: Run, status: Status) -> tuple[str, ...]:
    age = ago(time.time() - changed_at(status, run.created_at))
    return run.id, status.state, elsewhere(status), _result(status), criteria(status), age, status.title


def _result(status: Status) -> str:
    """Its most telling number, in the words of the screens."""
    name = headline(status.metrics, [entry.name for entry in status.criteria])
    return f"{name} {results(status.metrics)[name]}" if name and not status.active else ""


def _brief(run: Run, status: Status) -> dict[str, Any]:
    raw = to_json(status)
    keys = ("state", "title", "attempt", "device", "waiting_for", "machine", "link", "exit_code", "error", "metrics",
            "criteria")  # fmt: skip
    return {"id": run.id, "job": run.job, "created_at": run.created_at, **{key: raw[key] for key in keys}}


def show(asked: Asked) -> int:
    """One run, whole."""
    run = the_run(asked)
    value = full(asked, run)
    return answer(asked, value, _story(run, run.status(), value))


def full(asked: Asked, run: Run) -> dict[str, Any]:
    """Everything that is known of a run, for programs."""
    from engine import code  # with what asks git

    status = run.status()
    raw = {
        key: value for key, value in to_json(status).items() if key not in ("phase", "done", "total", "unit", "detail")
    }
    parents, children = lineage(workspace(asked), run)
    given = labels.read(run)
    return {
        "id": run.id,
        "job": run.job,
        "folder": str(run.folder),
        "created_at": run.created_at,
        **raw,
        "progress": _progress(status),
        "metrics": {**raw["latest"], **raw["metrics"]},
        "artifacts": [{**entry, "path": str(run.artifacts / entry["name"])} for entry in status.artifacts],
        "tags": list(given.tags),
        "note": given.note,
        "parents": parents,
        "children": children,
        "code": code.told(run),
        "environment": {key: value for key, value in run.environment().items() if key != "packages"},
    }


def _progress(status: Status) -> dict[str, Any]:
    fraction = status.done / status.total if status.total else None
    whole = {"phase": status.phase, "done": status.done, "total": status.total, "unit": status.unit}
    return {**whole, "detail": status.detail, "fraction": fraction, "per_s": rate(status), "eta_s": remaining(status)}


def _story(run: Run, status: Status, value: dict[str, Any]) -> str:
    from engine import code

    lines = [f"{run.id}  {status.state}{f' ({status.signal})' if status.signal else ''}  {status.title}".rstrip()]
    lines += [f"  {status.error}"] if status.error else []
    lines += [f"  → {status.hint}"] if status.hint else []
    lines += [f"  waits for {status.waiting_for}"] if status.waiting_for else []
    lines += [f"  on {status.machine}{f': {status.link}' if status.link else ''}"] if status.machine else []
    lines += [f"  → {status.link_hint}"] if status.link_hint else []
    if status.started_at:
        lines.append(
            f"  {duration((status.ended_at or time.time()) - status.started_at)} on {status.device}, {status.host}"
        )
    if status.active:
        lines.append(f"  {status.phase} {progress(status)}")
    lines += [line for name, said in status.findings.items() for line in _found(name, said)]
    lines += [f"  {name:<32} {said}" for name, said in results({**status.latest, **status.metrics}).items()]
    lines += [f"  {_judged(entry)}" for entry in value["criteria"]]
    lines += [f"  ! {flag}" for flag in status.flags]
    lines += [f"  {entry['path']}  {size(entry['size_bytes'])}  {entry['about']}" for entry in value["artifacts"]]
    lines += [f"  from {parent}" for parent in value["parents"]]
    lines += [f"  code: {code.words(value['code'])}"] if value["code"] else []
    return "\n".join(lines)


def _found(name: str, said: str) -> list[str]:
    """A finding as a hanging paragraph, which an address or a name is never cut in."""
    return wrap(f"{name}: {said}", WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False,
                break_on_hyphens=False)  # fmt: skip


def _judged(entry: dict[str, Any]) -> str:
    word = {True: "passed", False: "FAILED", None: "not measured"}[entry["passed"]]
    return f"{word:<13}{entry['name']} {entry['wanted']} (is {entry['value']})"


def log(asked: Asked) -> int:
    """What a run printed; with -f until it ends."""
    run = the_run(asked)
    if asked.json:
        return answer(asked, {"id": run.id, "log": run.log.read_text(errors="replace"), "path": str(run.log)}, "")
    out = sys.stdout.buffer
    with run.log.open("rb") as file:
        while True:
            active = run.status().active  # before the read, so that the last words are not missed
            while chunk := file.read(1 << 16):
                out.write(chunk)
                out.flush()
            if not (asked.follow and active and run.status().link != UNFOLLOWED):
                return 0
            time.sleep(FOLLOW_S)


def _runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", choices=STATES, metavar="STATE", help=f"only these: {', '.join(STATES)}")
    parser.add_argument("--job", help="only runs of this job")
    parser.add_argument(
        "--filter", default="", metavar="FILTER", help="as on the Runs screen: state:failed accuracy>0.8"
    )
    parser.add_argument("--archived", action="store_true", help="the archived ones instead")
    parser.add_argument("--limit", type=whole, default=0, metavar="N", help="at most the N newest")


def _log(parser: argparse.ArgumentParser) -> None:
    names_run(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the run ends")


VERBS = (
    Verb("runs", "all runs, newest first", _runs, runs),
    Verb("show", "one run: state, progress, metrics, criteria, artifacts", names_run, show),
    Verb("log", "what a run printed", _log, log),
)
