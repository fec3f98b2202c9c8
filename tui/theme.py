"""Two calm themes. Every colour is one of the 256 that all terminals know, so that tmux need not bend it."""

from __future__ import annotations

import os

from textual.theme import Theme

DARK = Theme(
    name="footplate-dark",
    primary="#87afd7",
    secondary="#87afd7",
    accent="#87afd7",
    success="#87af87",
    warning="#d7af5f",
    error="#d75f5f",
    foreground="#d0d0d0",
    background="#1c1c1c",
    surface="#262626",
    panel="#303030",
    boost="#303030",
    dark=True,
    variables={
        "dim": "#8a8a8a",
        "strong": "#eeeeee",
        "cursor": "#3a3a3a",
        "found": "#5f5f00",
        "found-here": "#af8700",
        "scrollbar": "#4e4e4e",
        "scrollbar-hover": "#626262",
        "scrollbar-active": "#87afd7",
        "scrollbar-background": "#1c1c1c",
        "scrollbar-background-hover": "#1c1c1c",
        "scrollbar-background-active": "#1c1c1c",
    },
)
LIGHT = Theme(
    name="footplate-light",
    primary="#005f87",
    secondary="#005f87",
    accent="#005f87",
    success="#005f00",
    warning="#875f00",
    error="#af0000",
    foreground="#303030",
    background="#eeeeee",
    surface="#e4e4e4",
    panel="#dadada",
    boost="#dadada",
    dark=False,
    variables={
        "dim": "#6c6c6c",
        "strong": "#121212",
        "cursor": "#d0d0d0",
        "found": "#ffffaf",
        "found-here": "#ffd75f",
        "scrollbar": "#b2b2b2",
        "scrollbar-hover": "#9e9e9e",
        "scrollbar-active": "#005f87",
        "scrollbar-background": "#eeeeee",
        "scrollbar-background-hover": "#eeeeee",
        "scrollbar-background-active": "#eeeeee",
    },
)


def suiting() -> str:
    """The theme that suits the terminal, where it says how bright it is; else the dark one."""
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT.name if background in ("7", "15") else DARK.name
