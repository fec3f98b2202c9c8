"""Every screen at three sizes, without colour and in the light: it looks as it did, and nothing falls off."""

from __future__ import annotations

import difflib
import time
from pathlib import Path

import pytest
from rich.style import Style

from tests.tui.layout import faults
from tests.tui.scenes import SIZES, alike, drawn
from tui import theme
from tui.replayed import ReplayApp
from tui.still import text as drawn_text

GOLDEN = Path(__file__).parent / "snapshots"
RENEW = "python -m tests.tui.snapshots --renew draws them again"


@pytest.fixture(autouse=True)
def the_same_for_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in alike(tmp_path).items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()


def _golden(scene: str, size: str) -> str:
    file = GOLDEN / f"{scene}-{size}.txt"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _difference(before: str, now: str, name: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), f"{name} as it was", "as it is", lineterm="")
    return "\n".join(lines)


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_looks_as_it_did_in_the_dark_and_says_the_same_in_the_light(size: str) -> None:
    differences, wrong = [], []
    async for scene, app, text in drawn(SIZES[size]):
        differences.append(_difference(_golden(scene.name, size), text, scene.name))
        wrong += [f"{scene.name}: {fault}" for fault in faults(app, text)]
        if size == "80x24":  # colours know nothing of sizes
            app.theme = theme.LIGHT.name
            differences.append(_difference(text, drawn_text(app), f"{scene.name} in the light"))
            app.theme = theme.DARK.name
    assert wrong == []
    assert "\n".join(filter(None, differences)) == "", RENEW


async def test_without_colour_everything_is_said_and_nothing_is_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    coloured, differences = {}, []
    async for scene, app, text in drawn(SIZES["80x24"]):
        coloured[scene.name] = _coloured(app)
        if scene.name not in PICTURES:
            differences.append(_difference(_golden(scene.name, "80x24"), text, scene.name))
    assert {name: found for name, found in coloured.items() if found} == {}
    assert "\n".join(filter(None, differences)) == "", RENEW


PICTURES = ("files-picture",)  # which is made of nothing but colour


def _coloured(app: ReplayApp) -> set[str]:
    """Colours that would be sent to the terminal."""
    filters = app.get_line_filters()
    found = set()
    for strip in app.screen._compositor.render_strips():
        for apply in filters:
            strip = strip.apply_filter(apply, app.screen.background_colors[1])
        found |= {str(colour) for segment in strip for colour in _colours(segment.style)}
    return found


def _colours(style: Style | None) -> list[object]:
    given = (style.color, style.bgcolor) if style is not None else ()
    return [colour for colour in given if colour is not None and not colour.is_default]
