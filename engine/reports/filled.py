"""A person's own words with numbers in them: `{a/ensemble_metrics.json#/macro_f1}` is filled in, others are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.compare.side import sign
from engine.errors import DataError, SpecError
from engine.reports import claims, gather
from engine.reports.document import Block, Heading, Paragraph, Part
from engine.reports.number import Number
from engine.reports.origin import Reader, parse
from engine.run import Run

_HOLE = re.compile(r"\{([^{}]+)\}")


def blocks(text: str, runs: Sequence[Run], reader: Reader) -> Iterator[Block]:
    """Paragraphs and headings of a text.

    Raises:
        SpecError: it has numbers of its own, or names one that is nowhere.
    """
    faults = [f"text, line {one.line}: {one.text} comes from no artifact" for one in claims.bare(_HOLE.sub(" ", text))]
    if faults:
        raise SpecError(faults, hint="name its file and key: {a/ensemble_metrics.json#/macro_f1}, a for the first run")
    for part in re.split(r"\n\s*\n", text.strip()):
        if part.startswith("#"):
            yield Heading(max(2, len(part) - len(part.lstrip("#"))), part.lstrip("# "))
        elif part:
            yield Paragraph(_parts(part, runs, reader))


def _parts(words: str, runs: Sequence[Run], reader: Reader) -> list[Part]:
    pieces = _HOLE.split(words)
    return [_number(piece, runs, reader) if place % 2 else piece for place, piece in enumerate(pieces) if piece]


def _number(hole: str, runs: Sequence[Run], reader: Reader) -> Number:
    names = {sign(place): run for place, run in enumerate(runs)}
    short, _, rest = hole.partition("/")
    whole = gather.reference(names[short], rest) if short in names else hole
    try:
        found = parse(whole)
        return Number(reader.value(found), found)
    except DataError as error:
        raise SpecError([f"text: {{{hole}}}: {error.message}"], hint=error.hint) from None
