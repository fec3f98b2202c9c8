"""One frame on which coders differ, with its codes, and the next and previous ones."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from functools import partial

from engine import references
from engine.annotations.decision import Unit
from engine.errors import FootplateError
from tui import settling
from tui.cases import Case
from tui.screens.agreement_panes import CASE
from tui.screens.labelled import LabelledScreen
from tui.services.framing import Drawn, Frames, Look, Wish

GAMMAS = (1.0, 1.5, 2.2, 3.0)


class CaseScreen(LabelledScreen, inherit_bindings=False):
    """A screen on which the frame under the cursor can be seen."""

    def __init__(self) -> None:
        super().__init__()
        self._frames: Frames | None = None
        self._wish: Wish | None = None
        self._look = Look()

    def on_unmount(self) -> None:
        if self._frames is not None:
            self._frames.close()

    def case(self) -> Case | None:
        """The one under the cursor."""
        return self.fitting_by_key().get(self.panes.key("disagreements"))

    def about_case(self) -> list[str]:
        """What there is to know of it."""
        case = self.case()
        return settling.about_case(case) if case else []

    def show_case(self) -> None:
        """Show the frame under the cursor, where a frame is in view."""
        case = self.case()
        if self.panes.name_in_view != CASE:
            return
        if case is None:
            self.show_pane("disagreements")
            return
        place, count = self.panes.table("disagreements").rows.cursor + 1, len(self.fitting_by_key())
        self.panes.show_case([*settling.about_case(case), f"{place} of {count} · {case.kind}"])
        self.call_after_refresh(self._draw, case)  # when it is known how much room there is

    def _draw(self, case: Case) -> None:
        width, height = self.panes.picture.size
        unit = Unit(case.video_id, case.frame_index)
        wish = Wish(unit, width, height * 2, self._look)
        if wish == self._wish or not (width and height):
            return
        if self._wish is None or self._wish.unit != unit:
            self.panes.show_picture(b"", 0, "the frame is being read")
        self._wish = wish
        self.work("opening the frames", self._opened_frames, partial(self._want, wish))

    def _opened_frames(self) -> Frames:
        if self._frames is None:
            there = self.lab.workspace
            videos = references.resolve(there, there.settings.videos)
            self._frames = Frames(videos, there.cache / "frames", readonly=bool(self.lab.gate.closed))
        return self._frames

    def _want(self, wish: Wish, frames: Frames) -> None:
        found = frames.want(wish)
        found.add_done_callback(lambda done: self.post_message(self.Finished(partial(self._drawn, wish, done))))
        frames.come([Unit(case.video_id, case.frame_index) for case in self._next_ones()])

    def _next_ones(self) -> list[Case]:
        place = self.panes.table("disagreements").rows.cursor
        return self.fitting()[place + 1 : place + 4]

    def _drawn(self, wish: Wish, found: Future[Drawn]) -> None:
        if wish != self._wish or found.cancelled():
            return
        error = found.exception()
        if error is None:
            self.panes.show_picture(found.result().data, found.result().width)
        else:
            why = f"{error.message}  {error.hint}" if isinstance(error, FootplateError) else str(error)
            self.panes.show_picture(b"", 0, f"the frame cannot be shown: {why.strip()}")

    def on_resize(self) -> None:
        super().on_resize()
        self.call_after_refresh(self.show_case)

    def do_brighter_case(self) -> None:
        gamma = GAMMAS[(GAMMAS.index(self._look.gamma) + 1) % len(GAMMAS)]
        self._look = replace(self._look, gamma=gamma)
        self.show_case()

    def do_next_case(self) -> None:
        self.panes.table("disagreements").move(1)

    def do_previous_case(self) -> None:
        self.panes.table("disagreements").move(-1)
