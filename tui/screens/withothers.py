"""What others append for the same coder while a frame is in view: shown within a second, and said."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial

from tui.screens.frameflow import FrameFlow
from tui.services.framestanding import Standing, differing
from tui.services.labelqueue import Occasion, occasion

LOOK_S = 1.0  # so often the log is asked whether somebody else has labelled as the same coder


class WithOthers(FrameFlow, inherit_bindings=False):
    """A screen that goes through a coder's queue, and sees what is labelled elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.others: Occasion | None = None  # a frame of which a part was labelled elsewhere while it was in view

    def on_mount(self) -> None:
        self.set_interval(LOOK_S, self.look_again)

    def look_again(self) -> None:
        """Show what was labelled elsewhere since; keys need not wait, each of them looks for itself before it saves."""
        before, labelling = self.now, self.labelling
        if before is not None and labelling is not None and self.is_current:
            labelling.submit(partial(labelling.anew, before)).add_done_callback(partial(self._found_anew, before))

    def _found_anew(self, before: Standing, done: Future[Standing | None]) -> None:
        # A log that cannot be read is told by the next key, and not every second.
        if not done.cancelled() and done.exception() is None and (standing := done.result()) is not None:
            self.post_message(self.Finished(partial(self._looked, before, standing)))

    def _looked(self, before: Standing, standing: Standing) -> None:
        if self.now is not before or self.labelling is None:
            return  # a key has gone on meanwhile
        if differs := differing(before, standing):
            self.others = occasion(standing.item)
            self.said(f"labelled meanwhile: {differs}")
        self.gone(standing)
