"""Themes: dark and light, each calm or in high contrast, and one that has no colour at all.

Every colour of the calm ones is one of the 256 that all terminals know, so that tmux need not bend it; the dark one in
high contrast keeps to the 16 of every terminal, and so it is the one for those that have no more.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from textual.theme import Theme

from engine import terminal


def _theme(
    name: str, *, dark: bool, ink: str, paper: str, surface: str, panel: str, accent: str, good: str, warn: str,
    bad: str, dim: str, strong: str, cursor: str, found: str, found_here: str, bar: str, bar_hover: str,
    cursor_style: str = "none",
) -> Theme:  # fmt: skip
    bars = {"": bar, "-hover": bar_hover, "-active": accent}
    behind = {f"-background{state}": paper for state in bars}
    scrollbar = {f"scrollbar{part}": colour for part, colour in {**bars, **behind}.items()}
    own = {"dim": dim, "strong": strong, "cursor": cursor, "cursor-style": cursor_style, "found": found,
           "found-here": found_here}  # fmt: skip
    return Theme(
        name=f"footplate-{name}", dark=dark, primary=accent, secondary=accent, accent=accent, success=good,
        warning=warn, error=bad, foreground=ink, background=paper, surface=surface, panel=panel, boost=panel,
        variables={**own, **scrollbar},
    )  # fmt: skip


DARK = _theme(
    "dark", dark=True, ink="#d0d0d0", paper="#1c1c1c", surface="#262626", panel="#303030", accent="#87afd7",
    good="#87af87", warn="#d7af5f", bad="#ff8787", dim="#8a8a8a", strong="#eeeeee", cursor="#3a3a3a", found="#5f5f00",
    found_here="#af8700", bar="#4e4e4e", bar_hover="#626262",
)  # fmt: skip
LIGHT = _theme(
    "light", dark=False, ink="#303030", paper="#eeeeee", surface="#e4e4e4", panel="#dadada", accent="#005f87",
    good="#005f00", warn="#875f00", bad="#af0000", dim="#6c6c6c", strong="#121212", cursor="#d0d0d0", found="#ffffaf",
    found_here="#ffd75f", bar="#b2b2b2", bar_hover="#9e9e9e",
)  # fmt: skip
CONTRAST = _theme(
    "contrast", dark=True, ink="#ffffff", paper="#000000", surface="#000000", panel="#0000aa", accent="#55ffff",
    good="#55ff55", warn="#ffff55", bad="#ff5555", dim="#aaaaaa", strong="#ffffff", cursor="#000000", found="#aa5500",
    found_here="#ffff55", bar="#aaaaaa", bar_hover="#ffffff", cursor_style="reverse",
)  # fmt: skip
CONTRAST_LIGHT = _theme(
    "contrast-light", dark=False, ink="#000000", paper="#ffffff", surface="#ffffff", panel="#aaaaaa", accent="#0000aa",
    good="#004400", warn="#552200", bad="#990000", dim="#444444", strong="#000000", cursor="#ffffff", found="#55ffff",
    found_here="#ffaa00", bar="#555555", bar_hover="#000000", cursor_style="reverse",
)  # fmt: skip
# Nobody sees these colours. Each stands for what takes its place: tui/colours.py makes bold, dim and reverse of them.
NONE = _theme(
    "none", dark=True, ink="#c0c0c0", paper="#000000", surface="#000001", panel="#000002", accent="#c0c0c1",
    good="#c0c0c2", warn="#c0c0c3", bad="#c0c0c4", dim="#808080", strong="#ffffff", cursor="#000003", found="#000004",
    found_here="#000005", bar="#000006", bar_hover="#000006",
)  # fmt: skip

THEMES = (DARK, LIGHT, CONTRAST, CONTRAST_LIGHT)
WITH_COLOURS = tuple(theme.name for theme in THEMES)
WORDS = dict(zip(WITH_COLOURS, ("dark", "light", "dark, in high contrast", "light, in high contrast"), strict=True))
SHORT = {theme.name.removeprefix("footplate-"): theme.name for theme in THEMES}


def suiting(wanted: str = "", last: str = "", environ: Mapping[str, str] = os.environ) -> str:
    """The theme that somebody wants, by its short name; else the one that suits the terminal.

    One that was chosen the `last` time counts where there are colours enough for it.
    """
    depth = terminal.colours(environ)
    if depth == terminal.NONE:
        return NONE.name
    few, light = depth == terminal.FEW, terminal.is_light(environ)
    if wanted in SHORT or (last in WITH_COLOURS and not few):
        return SHORT.get(wanted, last)
    if light:
        return CONTRAST_LIGHT.name if few else LIGHT.name
    return CONTRAST.name if few else DARK.name


def after(name: str) -> str:
    """The theme that comes after one."""
    return WITH_COLOURS[(WITH_COLOURS.index(name) + 1) % len(WITH_COLOURS)] if name in WITH_COLOURS else name
