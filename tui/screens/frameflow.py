"""From frame to frame: what is decided is saved in its turn, and keys wait until the frame they are for is in view."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from textual import on

from engine.annotations.decision import Unit
from engine.errors import FootplateError
from tui.screens.inturn import InTurn
from tui.services import unreadable
from tui.services.framestanding import Standing
from tui.services.framing import Drawn, Frames, Wish
from tui.services.labelling import Labelling
from tui.services.labelqueue import occasion
from tui.widgets.framed import FramePlace

COMING = 40  # places of the queue that the process of the frames is told of
AT_HAND = 2  # next frames that are drawn before somebody asks for them
SLOW_S = 0.3  # a frame that takes longer is announced
OVER = "all is labelled; {frame_before} goes back, {take_back} takes back"


class FrameFlow(InTurn, inherit_bindings=False):
    """A screen that goes through a coder's queue."""

    def __init__(self) -> None:
        super().__init__()
        self.labelling: Labelling | None = None
        self.frames: Frames | None = None
        self.now: Standing | None = None  # what is gone to
        self.shown: Standing | None = None  # what is on the screen, and what keys are for
        self.seen_at = 0.0  # by the monotonic clock
        self._slow_said = False
        self.broken: set[Unit] = set()
        self.keys_of: dict[tuple[str, str], str] = {}
        self._wish: Wish | None = None
        self.over = False  # nothing is left, and the frame in view is the one on which that was so

    # --- going ---------------------------------------------------------------------------------------------------

    def go(self, where: Callable[[Labelling], Standing], words: str = "") -> None:
        """To the next frame that waits."""
        if self.labelling is not None:
            self.in_turn(self.labelling, "going there", partial(where, self.labelling), partial(self._went, words))

    def _went(self, words: str, standing: Standing) -> None:
        self.over = standing.complete  # there was none that waits
        self.said(" · ".join(filter(None, (words, self.lab.worded(OVER) if self.over else ""))))
        self.gone(standing)

    def gone(self, standing: Standing) -> None:
        """Show the frame that was gone to; one that cannot be shown comes up only where nothing else is left."""
        if standing.item.unit in self.broken:
            self._end_of_frames(standing)
        elif self.is_shown(standing):
            self.now = standing
            self._show_words(standing)
            self.call_after_refresh(self._stands, standing)
        else:
            self.show_anew(standing)

    def is_shown(self, standing: Standing) -> bool:
        """Whether it is the frame in view; its position may be another one, where the queue was planned anew."""
        shown = self.shown
        return shown is not None and occasion(shown.item) == occasion(standing.item)

    def _end_of_frames(self, standing: Standing) -> None:
        self.clear_picture()
        self.said("no frame is left that can be shown")
        self.now = self.shown = None
        self.show_progress(standing)
        self.release()

    def show_anew(self, standing: Standing) -> None:
        """Ask for the picture; when it is there all of it is shown at once."""
        self.now = standing
        self.hold()
        self.look_anew()
        self._ask_for(standing)

    def _ask_for(self, standing: Standing) -> None:
        width, height, kind = self.room()
        if self.frames is None or not (width and height):
            self.release()
            return
        self._wish = wish = Wish(standing.item.unit, width, height, self.look, kind)
        found = self.frames.want(wish)
        if found.done():
            self._drawn(standing, wish, found)
        else:
            self.set_timer(SLOW_S, partial(self._slow, wish))
            then = partial(self._drawn, standing, wish)
            found.add_done_callback(lambda done: self.post_message(self.Finished(partial(then, done))))

    def _slow(self, wish: Wish) -> None:
        if self._wish is wish:
            self.clear_picture()
            self._slow_said = True
            self.said(self.lab.worded("the frame is being read; {quit} leaves"))

    def _drawn(self, standing: Standing, wish: Wish, found: Future[Drawn]) -> None:
        if self._wish is not wish or self.now is None or found.cancelled():
            return
        self._wish = None
        if (fault := found.exception()) is not None:
            self._cannot_show(standing, fault)
            return
        if self._slow_said:
            self._slow_said = False
            self.said(self.lab.worded(OVER) if self.over else "")
        new = not self.is_shown(standing)
        self.show_picture(found.result(), wish)
        self._show_words(self.now)
        self.call_after_refresh(self._stands, self.now, new=new)

    def _show_words(self, standing: Standing) -> None:
        assert self.labelling is not None
        self.shown = standing
        self.show_codes(self.labelling.codebook, self.keys_of, standing)
        self.show_progress(standing)
        self.show_frame()

    def _stands(self, standing: Standing, *, new: bool = False) -> None:
        """It is on the screen: keys are meant for it from now on, and there is time for the next ones."""
        if new:
            self.seen_at = time.monotonic()
        self.release()
        self._look_ahead(standing.place)

    def _look_ahead(self, place: int) -> None:
        labelling, frames = self.labelling, self.frames
        width, height, kind = self.room()
        if labelling is None or frames is None or not width:
            return

        def ahead() -> None:
            units = labelling.places.coming(place, COMING)
            frames.come(units)
            for unit in units[1 : AT_HAND + 1]:
                frames.want(Wish(unit, width, height, kind=kind))

        labelling.submit(ahead)

    def _cannot_show(self, standing: Standing, fault: BaseException) -> None:
        """Pass it over, without a word on which it was; the command log, which is the operator's, names it."""
        why = fault.message if isinstance(fault, FootplateError) else str(fault)
        unit = standing.item.unit
        self.lab.gate.failed(f"showing frame {unit.frame_index} of {unit.video_id}", why)
        if self.labelling is not None and not self.lab.gate.closed:
            self.labelling.submit(partial(unreadable.note, self.lab.workspace, unit, why))
        self.broken.add(unit)
        self.go(lambda labelling: labelling.pass_over(standing), "this frame cannot be shown; it was passed over")

    # --- the picture ---------------------------------------------------------------------------------------------

    def look_changed(self) -> None:
        if self.now is not None:
            self._ask_for(self.now)

    @on(FramePlace.Sized)
    def _sized(self) -> None:
        if not self._said:
            self.said("")  # which may warn of the size
        if self.now is not None:
            if not self.is_shown(self.now):
                self.hold()
            self._ask_for(self.now)
