"""Themes can be read: by numbers, on every background that text stands on; and lines without colour still tell."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from tui import theme
from tui.colours import WithoutColour, spoken
from tui.pace import ANSWER_S, NEWS_S, TOUCHED_S, Pace
from tui.theme import CONTRAST, CONTRAST_LIGHT, DARK, LIGHT, NONE, THEMES

BLACK = Color(0, 0, 0)
TONES = ("accent", "success", "warning", "error")


def luminance(colour: Color) -> float:
    """Relative luminance, from 0 to 1. Source: WCAG 2.2, definition of relative luminance."""
    parts = (part / 255 for part in colour.rgb)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """Contrast of two colours, from 1 to 21. Source: WCAG 2.2, success criterion 1.4.3."""
    high, low = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def inks(of: Theme) -> dict[str, str]:
    found = {name: str(getattr(of, name)) for name in (*TONES, "foreground")}
    return {**found, "dim": of.variables["dim"], "strong": of.variables["strong"]}


def test_contrast_is_counted_as_the_standard_does() -> None:
    assert ratio("#ffffff", "#000000") == pytest.approx(21) and ratio("#777777", "#ffffff") == pytest.approx(4.48, 0.01)


@pytest.mark.parametrize(("of", "least"), [(DARK, 4.5), (LIGHT, 4.5), (CONTRAST, 6.5), (CONTRAST_LIGHT, 7.0)])
def test_every_tone_can_be_read_on_the_background(of: Theme, least: float) -> None:
    assert {name: ratio(ink, str(of.background)) for name, ink in inks(of).items()
            if ratio(ink, str(of.background)) < least} == {}  # fmt: skip


@pytest.mark.parametrize("of", THEMES, ids=lambda of: of.name)
def test_every_tone_can_be_read_under_the_cursor_and_on_panels(of: Theme) -> None:
    papers = (of.variables["cursor"], str(of.panel), str(of.surface))
    bad = {(name, paper): ratio(ink, paper) for paper in papers for name, ink in inks(of).items()
           if ratio(ink, paper) < 3.2}  # fmt: skip
    assert bad == {}


@pytest.mark.parametrize("of", THEMES, ids=lambda of: of.name)
def test_the_row_of_the_cursor_differs_from_others(of: Theme) -> None:
    apart = ratio(of.variables["cursor"], str(of.background))
    assert apart > 1.15 or of.variables["cursor-style"] == "reverse"


def test_the_dark_theme_in_high_contrast_keeps_to_the_sixteen_colours_of_every_terminal() -> None:
    for ink in [*inks(CONTRAST).values(), CONTRAST.variables["cursor"], str(CONTRAST.background)]:
        kept = RichColor.parse(ink).downgrade(ColorSystem.STANDARD).get_truecolor()
        assert ratio(f"#{kept.red:02x}{kept.green:02x}{kept.blue:02x}", ink) < 1.6, ink


@pytest.mark.parametrize("of", (DARK, LIGHT), ids=lambda of: of.name)
def test_the_calm_themes_stay_apart_with_two_hundred_and_fifty_six_colours(of: Theme) -> None:
    papers = (str(of.background), str(of.surface), str(of.panel), of.variables["cursor"])
    numbers = [RichColor.parse(paper).downgrade(ColorSystem.EIGHT_BIT).number for paper in papers]
    assert len(set(numbers)) == len(numbers)


SUITING = [
    ("", "", {"TERM": "xterm-256color"}, DARK),
    ("", "", {"TERM": "xterm-256color", "COLORFGBG": "0;15"}, LIGHT),
    ("", "", {"TERM": "xterm"}, CONTRAST),
    ("", "", {"TERM": "linux", "COLORFGBG": "0;15"}, CONTRAST_LIGHT),
    ("light", "", {"TERM": "xterm-256color"}, LIGHT),
    ("contrast-light", "footplate-dark", {"TERM": "xterm-256color"}, CONTRAST_LIGHT),
    ("", "footplate-light", {"TERM": "xterm-256color"}, LIGHT),
    ("", "footplate-light", {"TERM": "xterm"}, CONTRAST),
    ("", "of tomorrow", {"TERM": "xterm-256color"}, DARK),
    ("light", "footplate-dark", {"TERM": "xterm-256color", "NO_COLOR": "1"}, NONE),
]


@pytest.mark.parametrize(("wanted", "last", "environ", "expected"), SUITING)
def test_the_theme_that_is_wanted_or_was_left_or_suits(
    wanted: str, last: str, environ: dict[str, str], expected: Theme
) -> None:
    assert theme.suiting(wanted, last, environ) == expected.name


def test_themes_come_round() -> None:
    names = [DARK.name]
    for _ in THEMES:
        names.append(theme.after(names[-1]))
    assert sorted(names[1:]) == sorted(one.name for one in THEMES) and names[-1] == DARK.name
    assert theme.after(NONE.name) == NONE.name


# --- lines on their way out -------------------------------------------------------------------------------------------


def out(text: str, ink: str, paper: str, **more: bool) -> Segment:
    [segment] = WithoutColour().apply([Segment(text, Style(color=ink, bgcolor=paper, **more))], BLACK)
    return segment


def test_what_a_colour_meant_becomes_an_attribute() -> None:
    cursor, found = NONE.variables["cursor"], NONE.variables["found-here"]
    assert out("x", "#c0c0c0", cursor).style == Style(reverse=True)
    assert out("x", NONE.variables["dim"], "#000000").style == Style(dim=True)
    assert out("x", "#123456", found, italic=True).style == Style(reverse=True, bold=True, italic=True)
    assert out("x", "#123456", "#654321").style == Style()


def test_what_cannot_be_read_aloud_is_left_out_and_keeps_its_width() -> None:
    assert spoken("▌ ● running ━━╸─ 63% · 2s ⡇⣀ ╭─╮ ▁▂█ ✓ größer") == ">   running      63% , 2s            ✓ größer"
    assert spoken("plain") == "plain"


# --- how often --------------------------------------------------------------------------------------------------------


def test_news_wait_on_a_slow_line_and_answers_do_not() -> None:
    pace = Pace(slow=True)
    assert pace.wait_s(100.0) == 0
    pace.painted(100.0)
    assert pace.wait_s(100.1) == pytest.approx(NEWS_S - 0.1) and pace.wait_s(100.0 + NEWS_S) == 0
    pace.touched(100.2)
    assert pace.wait_s(100.2) == 0
    pace.painted(100.2)
    assert pace.wait_s(100.25) == pytest.approx(ANSWER_S - 0.05)
    assert pace.wait_s(100.21 + TOUCHED_S) == pytest.approx(NEWS_S - TOUCHED_S - 0.01)


def test_a_quick_line_never_waits() -> None:
    pace = Pace()
    pace.painted(100.0)
    assert pace.wait_s(100.0) == 0
