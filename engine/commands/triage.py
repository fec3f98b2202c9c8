"""The verb triage: which ensembles are worth keeping; the others out of sight, and back."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine import archive as archives
from engine import triage as ensembles
from engine.commands.verb import Asked, Verb, answer, confirmed, say, table, workspace
from engine.errors import AskError, FootplateError
from engine.files import read_json, write_json
from engine.run import find
from engine.triage import Judged
from engine.workspace import Workspace

JOURNAL = "_ensemble_archived.json"
WORD = "archive"


def triage(asked: Asked) -> int:
    """Judge all ensembles; with --archive put those that are listed out of sight, with --undo take them back."""
    here = workspace(asked)
    here.must_be_writable()
    if asked.undo:
        return _undo(asked, here)
    found = ensembles.judged(here)
    places = ensembles.write(here, found)
    bad = [one for one in found if one.bad]
    moved = _archive(asked, here, bad) if asked.archive and bad else []
    value = {"ensembles": [one.to_json() for one in found], "files": [str(path) for path in places], "archived": moved}
    header = ("RUN", "TEACHERS", "MACRO-F1", "ACCURACY", "NLL", "VERDICT")
    rows = [(one.ensemble.run.id, one.ensemble.words, *_scores(one), one.words) for one in found]
    answer(asked, value, table(rows, header) if rows else "no ensemble is done yet: footplate run ensemble makes one")
    if rows and not asked.json:
        say(_after(bad, moved, places[0]))
    return 0


def _after(bad: Sequence[Judged], moved: Sequence[str], file: Path) -> str:
    if moved:
        return f"{len(moved)} archived; footplate triage --undo brings them back"
    return f"{len(bad)} listed in {file}{'; --archive puts them out of sight' if bad else ''}"


def _scores(one: Judged) -> list[str]:
    return [f"{one.ensemble.scores[name]:.4f}" for name in ensembles.SCORES]


def _archive(asked: Asked, here: Workspace, bad: Sequence[Judged]) -> list[str]:
    """Move runs to the archive; what will be moved is on disk before anything is, so that it can be undone."""
    names = [one.ensemble.run.id for one in bad]
    confirmed(asked, WORD, f"archive {len(names)} ensembles: {', '.join(names)}")
    journal, before = _journal(here)
    write_json(journal, {"batches": [*before, {"at": time.time(), "runs": names}]})
    moved = []
    for one in bad:
        if users := ensembles.references(here).get(one.ensemble.run.id):  # since the question was asked
            say(f"{one.ensemble.run.id} stays: {', '.join(users)} refers to it")
            continue
        archives.archive(here, one.ensemble.run)
        moved.append(one.ensemble.run.id)
    return moved


def _undo(asked: Asked, here: Workspace) -> int:
    """Bring the last batch back, as far as it is still in the archive."""
    journal, batches = _journal(here)
    if not batches:
        raise AskError("nothing to undo: triage has archived nothing", hint="footplate archive RUN --undo, for others")
    back = []
    for name in batches[-1]["runs"]:
        with suppress(FootplateError):  # somebody took it back before, or it was never moved
            back.append(archives.restore(here, find(here, name)).id)
    write_json(journal, {"batches": batches[:-1]})
    return answer(asked, {"restored": back}, "\n".join(back) or "all of them are back already")


def _journal(here: Workspace) -> tuple[Path, list[dict[str, Any]]]:
    path = ensembles.folder(here) / JOURNAL
    batches = read_json(path).get("batches", [])
    return path, [one for one in batches if isinstance(one, dict) and isinstance(one.get("runs"), list)]


def _arguments(parser: argparse.ArgumentParser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--archive", action="store_true", help="put those that are listed out of sight, after a question")
    way.add_argument("--undo", action="store_true", help="bring back what the last --archive has moved")
    parser.add_argument("--yes", metavar=WORD, help=f"--yes {WORD} answers the question")


VERBS = (
    Verb("triage", "which ensembles are the best of their test set, duplicates, or dominated", _arguments, triage),
)
