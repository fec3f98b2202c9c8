"""Annotate: one frame, alone; a key a label. Nothing here tells where a frame comes from, or what others said of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from textual import events
from textual.app import ComposeResult

from engine import references
from tui import actions, graphics, labelkeys
from tui.actions import Facts
from tui.keymap import named
from tui.screens.base import FootplateScreen
from tui.screens.coding import Coding
from tui.screens.frameflow import OVER
from tui.services.framestanding import Standing
from tui.services.framing import Frames
from tui.services.labelling import Labelling
from tui.widgets.codes import Codes
from tui.widgets.framed import FramePlace
from tui.widgets.words import Words

T = TypeVar("T")
NOTHING = "there is no frame to label; footplate run frames lists the frames of the videos"
WHO = "who labels? {coder} chooses"
NOBODY = "workspace.yaml names no coders, so whoever comes may label: {coder} takes your name"
NAME_YOURSELF = "Who labels? The same name each time: the order of the frames is made from it"
REPLAYED = "labelling is not recorded, so that no recording gives a frame away"


class AnnotateScreen(Coding, FootplateScreen, inherit_bindings=False):
    """A coder's queue, frame after frame."""

    NAME = actions.ANNOTATE
    BINDINGS = actions.bindings(actions.ANNOTATE)
    blind = True

    def __init__(self) -> None:
        super().__init__()
        self.coder = ""
        self._begun = False

    def body(self) -> ComposeResult:
        kind = self.lab.options.pictures
        yield FramePlace("half" if graphics.hindrance(kind) else kind, id="frame-place")
        yield Words(id="frame-said")
        yield Codes(id="codes")
        yield Words(id="frame-progress")

    # --- beginning -----------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.app.clear_notifications()  # they would cover the keys; the list of events keeps them
        self.place_of_frame.covered(False)
        if self.lab.sources.place:
            self.said(REPLAYED)
        elif not self._begun:
            self._begun = True
            self._begin()
        else:
            self.look_again()

    def on_screen_suspend(self) -> None:
        super().on_screen_suspend()
        self.place_of_frame.covered(True)

    def _begin(self) -> None:
        if coder := self.lab.options.coder:
            self._open(coder)
        else:
            self.hold()
            self.work("reading the workspace", lambda: self.lab.workspace.settings.coders, self._who)

    def _who(self, coders: tuple[str, ...]) -> None:
        """Ask, once a session: whoever sits here now need not be who labelled here last."""
        self.release()
        if alone := coders[0] if len(coders) == 1 else "" if coders else self.coder:
            self._open(alone)
            return
        self.said(self.lab.worded(WHO if coders else NOBODY))
        if coders and self.is_current:
            self._ask_who(coders)
        else:
            self._begun = bool(not coders)  # it is asked when somebody comes back

    def _ask_who(self, coders: tuple[str, ...]) -> None:
        from tui.screens.noting import Noting
        from tui.screens.pickone import PickOne

        def chosen(coder: str | None) -> None:
            if coder and (coder != self.coder or self.labelling is None):
                self._open(coder)

        names = sorted(coders, key=lambda coder: coder != self.coder)  # the one of the last time is chosen by enter
        question = PickOne("Who labels?", {name: name for name in names}) if coders else Noting("", NAME_YOURSELF)
        self.app.push_screen(question, chosen)

    def _open(self, coder: str) -> None:
        self.close()
        self.said("reading the queue")
        self.coder = coder
        new = Labelling(self.lab.workspace, coder, self.lab.gate)
        self.in_turn(new, "opening the labels", new.open, partial(self._opened, new))

    def _opened(self, labelling: Labelling, standing: Standing | None) -> None:
        there = self.lab.workspace
        videos = references.resolve(there, there.settings.videos)
        self.labelling = labelling
        self.frames = Frames(videos, there.cache / "frames", readonly=bool(self.lab.gate.closed))
        self.keys_of = labelkeys.keys(labelling.codebook, self.lab.keys)
        if standing is None:
            self.release()
            self.said(NOTHING)
            return
        self.over = standing.complete
        self.said(self.lab.worded(OVER) if self.over else "")
        self.show_codes(labelling.codebook, self.keys_of, standing)
        self.call_after_refresh(self.show_anew, standing)  # when it is known how much room is left

    def close(self) -> None:
        """Let the log, the process of the frames and the picture go."""
        for place in self.query(FramePlace):
            place.show(b"", 0, 0)
        if self.labelling is not None:
            self.labelling.close()
        if self.frames is not None:
            self.frames.close()
        self.labelling = self.frames = self.now = self.shown = None
        self.broken = set()

    def on_unmount(self) -> None:
        self.close()

    def do_quit(self) -> None:
        self.place_of_frame.covered(True)  # while the terminal can still be told
        super().do_quit()

    def do_leave(self) -> None:
        self.place_of_frame.covered(True)
        super().do_leave()

    def do_coder(self) -> None:
        self.work("reading the workspace", lambda: self.lab.workspace.settings.coders, self._ask_who)

    # --- what the rest asks --------------------------------------------------------------------------------------

    def ask(self, do: Callable[[], T]) -> T:
        """Nothing of it goes into a recording."""
        return do()

    def facts(self) -> Facts:
        coder = self.coder if self.labelling is not None else ""
        frame = "shown" if self.shown is not None else ""
        return Facts(coder=coder, frame=frame, zoomed=self.look.zoom > 1, read_only=self.lab.gate.closed)

    def on_key(self, event: events.Key) -> None:
        """Say that a key does nothing here: without a word it looks as if nothing worked."""
        acting = {named(key) for action in actions.of(self.NAME) for key in self.lab.keys(action)}
        if event.is_printable and event.key not in acting and not self.too_small:
            self.said(self.lab.worded(f"{event.character} does nothing here; {{help}} shows the keys"))

    def kept(self) -> dict[str, Any]:
        return {"coder": self.coder}

    def restore(self, kept: dict[str, Any]) -> None:
        self.coder = str(kept.get("coder", ""))

    def notify(self, message: str, *, title: str = "", **_how: Any) -> None:
        """In the line below the picture, which nothing may cover."""
        self.said(f"{title}: {message}" if title else message)

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        """What went wrong; the name of a frame in it is for the command log alone."""
        unit = self.now.item.unit if self.now is not None else None
        if unit is not None and unit.video_id in f"{why}{what_to_do}":
            why, what_to_do = "the command log of whoever runs the study says why", ""
        words = f"✗ {what} did not work"
        if self.labelling is None:  # then there is no picture either
            self.said("\n".join([words, *(f"→ {one}" for one in (what_to_do,) if one), why]), at_length=True)
            self.coder = ""
        else:
            self.said(f"{words}: {' → '.join(filter(None, (why, what_to_do)))}")
        self.release()
