"""What a report says: its numbers with their origins, and those that have none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote

_LINK = re.compile(r'(?<![!\\])\[([^\[\]]*)\]\((\S+) "([^"]*)"\)')
_SILENT = re.compile(r"!\[[^\]]*\]\([^)]*\)|`[^`]*`|<!--.*?-->")
_BARE = re.compile(r"(?<![\w.,])[-+−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?%?(?!\w)")
_UNREAD = ("code", "style", "title", "script", "h1", "h2", "h3", "h4")


@dataclass(frozen=True)
class Claim:
    """A number that a report shows; `origin` is empty where it has none.

    Attributes:
        exact: all its digits, as JSON.
    """

    line: int
    text: str
    exact: str = ""
    origin: str = ""


def of_text(text: str) -> list[Claim]:
    """The claims of a report, Markdown or HTML."""
    return _of_html(text) if text.lstrip()[:9].lower() in ("<!doctype", "<html>") else list(_of_markdown(text))


def _of_markdown(text: str) -> Iterator[Claim]:
    for number, line in enumerate(text.splitlines(), start=1):
        for shown, target, exact in _LINK.findall(line):
            yield Claim(number, shown, exact, unquote(target))
        if not line.startswith("#"):
            yield from _bare(number, _SILENT.sub(" ", _LINK.sub(" ", line)))


def _bare(line: int, words: str) -> Iterator[Claim]:
    for found in _BARE.findall(words):
        yield Claim(line, found)


def bare(words: str) -> list[Claim]:
    """Numbers in plain words, which come from nowhere."""
    return [one for number, line in enumerate(words.splitlines(), start=1) for one in _bare(number, line)]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.claims: list[Claim] = []
        self._open: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "img", "br", "link"):
            self._open.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        line = self.getpos()[0]
        own = next((told for _, told in reversed(self._open) if "data-origin" in told), None)
        if own is not None:
            self.claims.append(Claim(line, data, own.get("data-value", ""), own["data-origin"]))
        elif not any(tag in _UNREAD for tag, _ in self._open):
            self.claims += _bare(line, data)


def _of_html(text: str) -> list[Claim]:
    page = _Page()
    page.feed(text)
    page.close()
    return page.claims
