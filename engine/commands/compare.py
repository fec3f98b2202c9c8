"""The verb compare: runs side by side, in words, as JSON, Markdown or CSV."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.verb import Asked, Verb, say, table, workspace
from engine.errors import FootplateError, WorkspaceError
from engine.files import write_atomic

if TYPE_CHECKING:
    from engine.compare.whole import Comparison


def compare(asked: Asked) -> int:
    """Two to eight runs; the first is the reference."""
    from engine.compare import whole

    here = workspace(asked)
    found = whole.named(here, asked.runs)
    try:
        found = whole.with_paired(found, common=asked.common)
    except FootplateError as error:  # everything else is worth telling without them
        say(f"footplate: {error}")
    text = _text(asked, found)
    if asked.out is None:
        print(text)
    else:
        _write(asked.out, f"{text}\n")
    return 0


def _text(asked: Asked, found: Comparison) -> str:
    from engine.compare import asjson, words

    if asked.json:
        return json.dumps(asjson.to_json(found), indent=2, ensure_ascii=False)
    if asked.markdown or asked.csv:
        return (words.markdown(found) if asked.markdown else words.as_csv(found)).rstrip("\n")
    parts = [f"{title}\n{_indented(_said(asked, head, rows))}" for title, (head, rows) in words.tables(found)]
    return "\n\n".join([*parts, *words.footnotes(found), words.same(found)])


def _said(asked: Asked, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    made = table([tuple(row) for row in rows], tuple(head))
    return made.plain() if asked.plain else str(made)


def _indented(lines: str) -> str:
    return "\n".join(f"  {line}" for line in lines.splitlines())


def _write(out: Path, text: str) -> None:
    try:
        write_atomic(out, text)
    except OSError as error:
        raise WorkspaceError(f"{out}: {error.strerror}", hint="name a file that can be written") from None
    say(f"written: {out}")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs", nargs="+", metavar="RUN", help="ids, or parts that only one id has; the first is held against"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="as Markdown")
    form.add_argument("--csv", action="store_true", help="as CSV, a row for each value of each run")
    parser.add_argument("--out", type=Path, metavar="FILE", help="into a file")
    parser.add_argument(
        "--common", action="store_true", help="pair on the test items that two runs have in common, where not all are"
    )


VERBS = (
    Verb("compare", "runs side by side: metrics with paired intervals, and in what they differ", _arguments, compare),
)
