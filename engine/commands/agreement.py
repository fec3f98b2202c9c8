"""The verb agreement: reliability cards of a table of codes, or of the workspace's log."""

from __future__ import annotations

import argparse
import csv
import json
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.annotations import cardwords, codesfile, reliability
from engine.annotations.moment import moment
from engine.commands.verb import Asked, Verb, file, say, several, table, whole, workspace
from engine.errors import AskError, WorkspaceError
from engine.files import write_atomic

LEVELS = ("nominal", "ordinal", "interval", "ratio")


def agreement(asked: Asked) -> int:
    """A card of a table; or a card for each variable of the log, by pair, by round and over time."""
    how = {"replicates": asked.replicates, "seed": asked.seed}
    if asked.codes is None:
        found = _of_log(asked, how)
        text = _json(found) if asked.json else "\n\n".join(_words(asked, name, one) for name, one in found.items())
    else:
        name, one = _of_table(asked, how)
        text = _json({**one["all"], "cant_tell": one["cant_tell"]}) if asked.json else _words(asked, name, one)
    if asked.out is None:
        print(text)
    else:
        _write(asked.out, f"{text}\n")
    return 0


def _of_log(asked: Asked, how: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    if asked.labels or asked.level:
        raise AskError("--labels and --level are for a table", hint="workspace.yaml has the codebook of the log")
    as_of = None if asked.as_of is None else moment(asked.as_of)
    variables = [asked.variable] if asked.variable else []
    here = workspace(asked)
    if not here.settings.variables:
        raise AskError(f"{here.file}: no variables", hint="name what coders label under variables:")
    return reliability.of_workspace(here, variables=variables, as_of=as_of, how=how)


def _of_table(asked: Asked, how: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if asked.as_of is not None:
        raise AskError("--as-of is for the workspace's log", hint="a table knows no moments")
    codes = codesfile.read(file(asked.codes), asked.variable)
    labels, level = _scale(asked, codes)
    codesfile.check(asked.codes, codes, labels)
    (answer,) = reliability.answers([codes.question(labels, level, how)])
    return codes.variable, answer


def _scale(asked: Asked, codes: codesfile.Table) -> tuple[list[str], str]:
    """Labels in their order and the level: as asked, else of the workspace's codebook; never of the alphabet."""
    if asked.labels:
        labels = [label.strip() for label in next(csv.reader([asked.labels], skipinitialspace=True))]
        if "" in labels or len(set(labels)) < len(labels):
            raise AskError(f"--labels {asked.labels}: a label is empty or named twice", hint="--labels a,b,c")
        return labels, asked.level or "nominal"
    try:
        known = workspace(asked).settings.variables.get(codes.variable)
    except WorkspaceError:
        known = None
    if known is None:
        hint = (
            f"--labels {shlex.quote(codes.found() or 'a,b,c')} put in the codebook's order, which is that of the scale"
        )
        raise AskError(f"the labels of {codes.variable!r} are not known", hint=hint)
    return list(known.labels), asked.level or known.level


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _write(out: Path, text: str) -> None:
    try:
        write_atomic(out, text)
    except OSError as error:
        raise WorkspaceError(f"{out}: {error.strerror}", hint="name a file that can be written") from None
    say(f"written: {out}")


# --- in words -------------------------------------------------------------------------------------------------------


def _words(asked: Asked, name: str, found: Mapping[str, Any]) -> str:
    """The cards of one variable."""
    if not found["all"]["units"]:
        return f"{name}: nobody has labelled a frame yet\n  → footplate label --coder NAME"
    parts = [_card(asked, name, found["all"], found["cant_tell"])]
    others = [
        *(cardwords.line(pair, card) for pair, card in found["pairs"].items() if len(found["pairs"]) > 1),
        *(cardwords.line(round_, card) for round_, card in found["rounds"].items()),
        *(cardwords.line(_span(window), window["card"]) for window in found["windows"]),
        *(cardwords.line(f"{coder} with oneself", card) for coder, card in found["repeats"].items()),
    ]
    if others:
        parts.append(_shown(asked, cardwords.LINE, others))
    return "\n\n".join(parts)


def _span(window: Mapping[str, Any]) -> str:
    days = [datetime.fromtimestamp(window[end], UTC).strftime("%Y-%m-%d %H:%M") for end in ("from", "to")]
    return f"{days[0]} to {days[1] if days[0][:10] != days[1][:10] else days[1][11:]}"


def _card(asked: Asked, name: str, card: Mapping[str, Any], cant_tell: Mapping[str, int]) -> str:
    parts = [
        _lines([cardwords.head(name, card), *cardwords.counts(card, cant_tell)]),
        _shown(asked, *cardwords.coefficients(card)),
        _lines([*cardwords.undefined(card), *filter(None, [cardwords.method(card)])]),
        _shown(asked, *cardwords.by_label(card)),
        _shown(asked, *cardwords.confusion(card)),
        _lines([*cardwords.with_blanks(card), *cardwords.needed(card)]),
        _lines(_bulleted("!", cardwords.warnings(card))),
    ]
    return "\n\n".join(part for part in parts if part)


def _shown(asked: Asked, header: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    made = table(rows, tuple(header))
    return made.plain() if asked.plain else str(made)


def _lines(words: Iterable[str]) -> str:
    return "\n".join(line for text in words for line in textwrap.wrap(text, cardwords.WIDTH, subsequent_indent="  "))


def _bulleted(mark: str, words: Iterable[str]) -> Iterator[str]:
    return (f"{mark} {text}" for text in words)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "codes", nargs="?", type=Path, metavar="CODES.csv", help="a table: unit,coder,V[,video_id]; else the log"
    )
    parser.add_argument("--variable", metavar="V", help="its column, or a variable of the workspace")
    parser.add_argument("--labels", metavar="a,b,c", help="in the codebook's order; else the workspace's")
    parser.add_argument("--level", choices=LEVELS, help="of the scale; else the workspace's, or nominal")
    parser.add_argument("--as-of", metavar="TIME", help="only what the log held then: 2026-11-22, 2026-11-22T14:30")
    parser.add_argument("--replicates", type=several, default=10_000, metavar="N", help="of the bootstrap; 10000")
    parser.add_argument("--seed", type=whole, default=0, metavar="N", help="of the bootstrap; 0")
    parser.add_argument("--out", type=Path, metavar="FILE", help="into a file")


VERBS = (
    Verb("agreement", "how far coders agree: coefficients, intervals, and what they rest on", _arguments, agreement),
)
