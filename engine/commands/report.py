"""The verb report: reports read again, number by number, and a list of all of them."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.commands.verb import Asked, Verb, answer, file, say, table, workspace
from engine.errors import AskError, WorkspaceError
from engine.files import write_atomic

CHECK, INDEX = "check", "index"


def report(asked: Asked) -> int:
    """Check a report, or list all."""
    if asked.what == CHECK:
        return _check(asked)
    if asked.file:
        raise AskError(f"report index takes no file, got {asked.file}", hint="--out FILE.md writes it there")
    return _index(asked)


def _check(asked: Asked) -> int:
    from engine.reports import check

    if not asked.file:
        raise AskError("report check: expected a report", hint="footplate report check runs/ID/artifacts/report.md")
    found = check.check(workspace(asked), file(asked.file))
    rows = [(str(one.line), one.text, one.words, one.origin) for one in found.faults]
    said = table(rows, ("LINE", "NUMBER", "BUT", "ORIGIN")) if rows else f"{found.numbers} numbers, all match"
    answer(asked, found.to_json(), said)
    if rows and not asked.json:
        say(f"footplate: {found.file}: {len(rows)} of {found.numbers} numbers do not match")
    return 1 if rows else 0


def _index(asked: Asked) -> int:
    from engine.reports import index

    found = index.entries(workspace(asked))
    header = ("REPORT", "NUMBERS", "STANDING", "TELLS OF", "TITLE")
    rows = [
        (one.run.id, str(one.checked.numbers) if one.checked else "", one.words, " ".join(one.tells_of), one.title)
        for one in found
    ]
    if asked.out:
        _write(asked.out, ["| " + " | ".join(cells) + " |" for cells in (header, ("---",) * len(header), *rows)])
    none = "no reports yet: footplate run report runs=[run:ID] makes one"
    return answer(asked, [one.to_json() for one in found], table(rows, header) if rows else none)


def _write(out: Path, lines: list[str]) -> None:
    try:
        write_atomic(out, "\n".join(["# Reports", "", *lines]) + "\n")
    except OSError as error:
        raise WorkspaceError(f"{out}: {error.strerror}", hint="name a file that can be written") from None
    say(f"written: {out}")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=(CHECK, INDEX), help="check: read all numbers again; index: all reports")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the report to check, report.md or report.html")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the index as Markdown")


VERBS = (
    Verb("report", "whether a report's numbers are still those of its artifacts; all reports", _arguments, report),
)
