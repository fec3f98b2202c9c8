"""How a frame is looked at: as large as there is room, brighter, closer; and the words around it."""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

from textual.content import Content

from engine import terminal
from engine.annotations.decision import BLANK, CANT_TELL
from tui import graphics
from tui.format import bar
from tui.labelkeys import Codebook, choices
from tui.screens.framed import FramedScreen
from tui.services.framestanding import Standing
from tui.services.framing import Drawn, Look, Wish
from tui.widgets.codes import Choice, Codes, Line
from tui.widgets.framed import FramePlace
from tui.widgets.words import Words

GAMMAS = (1.0, 1.5, 2.2, 3.0)
ZOOMS = (1.0, 2.0, 4.0)
PAN = 0.5  # of what is in view
ENOUGH = (120, 40)
BAR = 24


class FrameLook(FramedScreen, inherit_bindings=False):
    """A screen with one frame on it."""

    look = Look()
    _drawn_as: Wish | None = None
    _said = ""
    coder = ""

    @property
    def place_of_frame(self) -> FramePlace:
        return self.query_one(FramePlace)

    # --- the picture ---------------------------------------------------------------------------------------------

    def room(self) -> tuple[int, int, str]:
        """How many pixels there is room for, and of which kind they are."""
        (width, height), kind = self.place_of_frame.size, self.place_of_frame.kind
        if kind == "half":
            return width, height * 2, kind
        cell = terminal.cell()
        return width * cell.width, height * cell.height, kind

    def look_anew(self) -> None:
        """Every frame begins whole and as dark as it is: coders see the same."""
        self.look = Look()

    def show_picture(self, drawn: Drawn, wish: Wish) -> None:
        self._drawn_as = wish
        self.place_of_frame.show(drawn.data, drawn.width, drawn.height)

    def clear_picture(self) -> None:
        self._drawn_as = None
        self.place_of_frame.show(b"", 0, 0)

    def how(self) -> str:
        """How the frame is shown, as it is kept with each label."""
        width, height = self.app.size
        return f"{self.place_of_frame.kind} {width}x{height} gamma {self.look.gamma:g} zoom {self.look.zoom:g}"

    def do_brighter(self) -> None:
        gamma = GAMMAS[(GAMMAS.index(self.look.gamma) + 1) % len(GAMMAS)]
        self.look = replace(self.look, gamma=gamma)
        self.said("as dark as it is" if gamma == 1 else f"brighter: gamma {gamma:g}")
        self.look_changed()

    def do_magnify(self) -> None:
        zoom = ZOOMS[(ZOOMS.index(self.look.zoom) + 1) % len(ZOOMS)]
        self.look = replace(self.look, zoom=zoom) if zoom > 1 else Look(self.look.gamma)
        self.said("the whole frame" if zoom == 1 else self.lab.worded(f"{zoom:g} times as close; the arrows move"))
        self.look_changed()

    def pan(self, across: int, down: int) -> bool:
        """Move what is in view; False where all of it is."""
        look = self.look
        if look.zoom == 1:
            return False
        half = 0.5 / look.zoom
        steps = (look.x, across), (look.y, down)
        x, y = (min(1 - half, max(half, at + step * PAN / look.zoom)) for at, step in steps)
        self.look = replace(look, x=x, y=y)
        self.look_changed()
        return True

    def do_frame_up(self) -> None:
        self.pan(0, -1)

    def do_frame_down(self) -> None:
        self.pan(0, 1)

    def look_changed(self) -> None:
        """It is to be drawn anew."""
        raise NotImplementedError

    def opaque_path(self) -> Path:
        """A new file whose name says nothing."""
        return Path(tempfile.mkdtemp(prefix="footplate-")) / f"{uuid.uuid4().hex[:12]}.png"

    # --- the words -----------------------------------------------------------------------------------------------

    def said(self, words: str, *, at_length: bool = False) -> None:
        """Say something below the picture; at length where there is none, and so room for several lines."""
        self._said = words
        place = self.query_one("#frame-said", Words)
        place.set_class(at_length, "-long")
        place.show(Content(words or self._standing_warning()))

    def _standing_warning(self) -> str:
        width, height = self.app.size
        if hindrance := graphics.hindrance(self.lab.options.pictures):
            return hindrance
        if self.place_of_frame.kind != "half" or (width >= ENOUGH[0] and height >= ENOUGH[1]):
            return ""
        words = f"! {width}×{height} without graphics: perspective is hard to judge; {{elsewhere}} writes a PNG"
        return self.lab.worded(words)

    def show_codes(self, codebook: Codebook, keys: dict[tuple[str, str], str], standing: Standing) -> None:
        lines = []
        for variable, labels in codebook.items():
            chosen = standing.values.get(variable)
            said = [Choice(keys.get((variable, label), ""), label, label == chosen) for label in choices(labels)]
            if chosen is not None and chosen not in (*choices(labels), ""):
                said.append(Choice("", chosen, True))  # of an older codebook
            lines.append(Line(variable, _state(chosen), said))
        self.query_one("#codes", Codes).show_lines(lines)

    def show_progress(self, standing: Standing) -> None:
        part = standing.done / standing.of if standing.of else 0.0
        rest = [f"frame {standing.place + 1}", "⚑ flagged" if standing.flagged else "",
                f"note: {standing.note}" if standing.note else "",
                f"{standing.lost} cannot be shown" if standing.lost else ""]  # fmt: skip
        # The name comes before what may be cut: labels under another name are the worst that can happen here.
        words = (
            f"{bar(part, BAR)} {self.coder} · {standing.done:,} of {standing.of:,} · {' · '.join(filter(None, rest))}"
        )
        self.query_one("#frame-progress", Words).show(words)


def _state(value: str | None) -> str:
    if value is None:
        return "unseen"
    return {BLANK: "blank", CANT_TELL: "cant_tell"}.get(value, "label")
