"""Verbs of the ground: init, jobs, check."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import presets
from engine.commands.verb import Asked, Verb, answer, table, workspace
from engine.errors import AskError, SpecError, WorkspaceError

if TYPE_CHECKING:
    from engine.specs.common import Spec


def init(asked: Asked) -> int:
    """Make a workspace."""
    from engine.init import make

    made = make(Path(asked.dir), name=asked.name)
    words = f"{made.file}\n  → edit it, then: cd {asked.dir} && footplate"
    return answer(asked, {"workspace": str(made.root)}, words)


def jobs(asked: Asked) -> int:
    """What can be run."""
    from engine.registry import JOBS

    rows: list[tuple[str, ...]] = [(job.name, job.title) for job in JOBS.values()]
    return answer(
        asked, [{"name": job.name, "title": job.title} for job in JOBS.values()], table(rows, ("JOB", "WHAT IT DOES"))
    )


def check(asked: Asked) -> int:
    """Whether a file is a spec of a job; all faults at once."""
    from engine.config import attempt, dump, located
    from engine.registry import job

    cls = job(asked.job).spec_class()
    text, source = _text(asked)
    spec, faults = attempt(cls, text, asked.overrides)
    if spec is None:
        listed = [{"place": fault.place, "line": fault.line, "message": fault.message} for fault in faults]
        if asked.json:
            answer(asked, {"ok": False, "faults": listed}, "")
            return SpecError.exit_code
        raise SpecError(located(faults, source, asked.overrides))
    missing = _missing(asked, spec)
    for words in missing:
        print(f"footplate: {source}: {words}", file=sys.stderr)
    found = {"ok": True, "faults": [], "missing": missing, "spec": spec.model_dump(mode="json")}
    return answer(asked, found, dump(spec).rstrip())


def _missing(asked: Asked, spec: Spec) -> list[str]:
    """Files that the spec names and that are not in the workspace, where there is one."""
    from engine import needed
    from engine.registry import job

    try:
        there = workspace(asked)
    except WorkspaceError:
        return []
    return list(map(str, needed.missing(there, job(asked.job), spec)))


def _text(asked: Asked) -> tuple[str, str]:
    path = Path(asked.file)
    if not path.is_file():
        return presets.choose(workspace(asked), asked.job, asked.file)
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise AskError(f"{path}: cannot be read: {error}") from None


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dir", metavar="DIR", help="a folder, new or empty")
    parser.add_argument("--name", help="of the study; the folder's name by default")


def _nothing(parser: argparse.ArgumentParser) -> Any:
    return parser


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("overrides", metavar="key=value", nargs="*", default=[])


VERBS = (
    Verb("init", "make a workspace with a commented workspace.yaml", _init, init),
    Verb("jobs", "what can be run", _nothing, jobs),
    Verb("check", "check a spec without running it", _check, check),
)
