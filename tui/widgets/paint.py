"""From a line of text to coloured segments; nothing in it can move a cursor any more."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

Tone = Callable[[str], Style]
Paint = Callable[[str, Tone], Text]

# Control signs act on the terminal when they are drawn, so they are shown as a dot; tabs become spaces.
# So are the signs that turn the direction of writing, which would make a line read as another one.
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "·")
_CONTROLS[9] = "    "
_CONTROLS_BUT_ESCAPE = {code: sign for code, sign in _CONTROLS.items() if code != 27}
_ESCAPE = re.compile(r"\x1b(?:\[([0-9;]*)m|\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)")
_YAML = re.compile(r"^(\s*(?:- )?)([\w.\-/]+)(:)(?=\s|$)")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_CHANGES = {"+": "good", "-": "bad", "@": "accent"}
_JSON_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(:)')


def plain(line: str, _tone: Tone) -> Text:
    """The text without colours."""
    return Text(line.translate(_CONTROLS), end="")


def ansi(line: str, _tone: Tone) -> Text:
    """The text in the colours that its program asked for."""
    if "\x1b" not in line:
        return Text(line.translate(_CONTROLS), end="")
    from rich.ansi import AnsiDecoder  # most logs have no colours

    kept = _ESCAPE.sub(lambda match: match[0] if match[1] is not None else "", line)
    text = AnsiDecoder().decode_line(kept.translate(_CONTROLS_BUT_ESCAPE))
    text.end = ""
    return text


def yaml(line: str, tone: Tone) -> Text:
    """Keys in one tone, comments in another."""
    text = plain(line, tone)
    if match := _YAML.match(line):
        text.stylize(tone("accent"), match.start(2), match.end(2))
    if comment := _COMMENT.search(line):
        text.stylize(tone("dim"), comment.start(), comment.end())
    return text


def diff(line: str, tone: Tone) -> Text:
    """Lines that came, that went, and where; their first sign tells the same without colours."""
    text = plain(line, tone)
    name = "strong" if line.startswith(("+++", "---")) else _CHANGES.get(line[:1], "")
    if name:
        text.stylize(tone(name))
    return text


def json(line: str, tone: Tone) -> Text:
    """Keys in one tone."""
    text = plain(line, tone)
    if match := _JSON_KEY.match(line):
        text.stylize(tone("accent"), match.start(2), match.end(2))
    return text


def segments(text: Text, base: Style) -> list[Segment]:
    """The parts of a text, each with its whole style."""
    if not text.spans:
        return [Segment(text.plain, base)]
    edges = sorted({0, len(text), *(edge for span in text.spans for edge in (span.start, span.end))})
    found = []
    for start, stop in pairwise(edges):
        over = [span.style for span in text.spans if span.start <= start and span.end >= stop]
        style = Style.combine([base, *(part for part in over if isinstance(part, Style))])
        found.append(Segment(text.plain[start:stop], style))
    return found


def wrapped(text: Text, width: int) -> list[Text]:
    """The text in pieces of at most `width` cells; cut anywhere, as `less` does, since a log is not prose."""
    if width <= 0 or cell_len(text.plain) <= width:
        return [text]
    cuts, room = [], width
    for place, sign in enumerate(text.plain):
        size = cell_len(sign)
        if size > room:
            cuts.append(place)
            room = width
        room -= size
    return list(text.divide(cuts))
