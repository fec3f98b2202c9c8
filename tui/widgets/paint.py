"""From a line of text to coloured segments; nothing in it can move a cursor any more."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from tui import levels

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
_JSON_KEYS = re.compile(r'("(?:[^"\\]|\\.)*")\s*:')
LOOKED_AT = 400  # signs of a line in which its level is looked for
LEVEL_TONES = {"warning": "warn", "error": "bad"}
_CHANGES = {"+": "good", "-": "bad", "@": "accent"}
_SIGNS = {"✗": "bad", "!": "warn", "?": "warn"}  # the first word of a line, or what stands behind its name
_SIGN_WITHIN = 16  # cells
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


def log(line: str, tone: Tone) -> Text:
    """The text in its own colours; else the word that tells a level in its tone, and the keys of JSON."""
    text = ansi(line, tone)
    if text.spans:
        return text
    start = text.plain[:LOOKED_AT]
    if start.startswith("{"):
        for key in _JSON_KEYS.finditer(start):
            text.stylize(tone("accent"), *key.span(1))
    level = levels.found(start)
    if level and level[0] in LEVEL_TONES:
        text.stylize(tone(LEVEL_TONES[level[0]]), *level[1:])
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


def report(line: str, tone: Tone) -> Text:
    """Titles, which stand at the margin, and lines with a sign that something is wrong, open or well."""
    text = plain(line, tone)
    sign = next((sign for sign in _SIGNS if f"{sign} " in line[:_SIGN_WITHIN]), "")
    name = _SIGNS[sign] if sign else "" if line[:1] in (" ", "") else "accent"
    if name:
        text.stylize(tone(name))
    return text


def json(line: str, tone: Tone) -> Text:
    """Keys in one tone."""
    text = plain(line, tone)
    if match := _JSON_KEY.match(line):
        text.stylize(tone("accent"), match.start(2), match.end(2))
    return text


def bare(line: str) -> str:
    """The text without its colours and other signs for a terminal."""
    return _ESCAPE.sub("", line)


def segments(text: Text, base: Style) -> list[Segment]:
    """The parts of a text, each with its whole style."""
    if not text.spans:
        return [Segment(text.plain, base)]
    spans = [(span.start, span.end, span.style) for span in text.spans if isinstance(span.style, Style)]
    edges = sorted((place, n) for n, span in enumerate(spans) for place in span[:2])
    found, at, here = [], 0, set[int]()
    for place, n in (*edges, (len(text), -1)):
        if place > at:
            style = Style.combine([base, *(spans[n][2] for n in sorted(here))])
            found.append(Segment(text.plain[at:place], style))
            at = place
        here ^= {n}
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
