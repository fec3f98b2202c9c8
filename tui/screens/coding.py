"""What a coder does with the frame in view: labels, blanks, flags and notes, and taking all of it back."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from tui import labelkeys
from tui.actions import BY_ID
from tui.keymap import named
from tui.screens.frameflow import OVER
from tui.screens.withothers import WithOthers
from tui.services.framestanding import Meanwhile, Shown, Standing, Taken
from tui.services.labelling import Labelling
from tui.services.labelqueue import occasion

Saves = Callable[[Labelling, Standing, Shown], Standing]


class Coding(WithOthers, inherit_bindings=False):
    """A screen on which frames are labelled; each key has been saved before the next one is looked at."""

    def _save(self, do: Saves, words: str, before: Standing | None = None) -> None:
        """Save something of a frame: of the one that was in view `before` a dialog, else of the one that is now."""
        labelling, before = self.labelling, before or self.shown
        if labelling is None or before is None:
            return
        shown = Shown(time.monotonic() - self.seen_at, self.how())
        stay = self.others == occasion(before.item)  # never away from what was not typed here
        commit = partial(labelling.save, before, lambda now: do(labelling, now, shown), stay=stay)
        self.in_turn(labelling, "saving", commit, partial(self._saved, before, words))

    def _saved(self, before: Standing, words: str, after: Standing | Meanwhile) -> None:
        if isinstance(after, Meanwhile):
            self.others = occasion(after.standing.item)
            self.said(f"labelled meanwhile; press again to change it: {after.words}")
            self.gone(after.standing)
            return
        completed = after.complete and not before.complete
        if completed and self.others == occasion(after.item):
            words += self.lab.worded(" · {first_open} goes on")
        elif completed:  # so there was nowhere to go on to
            self.over = True
            words += " · all is labelled" if after.done == after.of else ""
        self.said(words)
        self.gone(after)

    def _label(self, do: Saves, words: str, before: Standing | None = None) -> None:
        """Save a label, unless all is labelled: what is typed then is meant for a frame that does not come."""
        if self.over:
            self.said(self.lab.worded(OVER))
        else:
            self._save(do, words, before)

    # --- labels --------------------------------------------------------------------------------------------------

    def say(self, variable: str, label: str, before: Standing | None = None) -> None:
        """Give a variable a label."""
        self._label(
            lambda work, at, shown: work.say(at.place, {variable: label}, shown), f"{variable}: {label}", before
        )

    def _by_key(self, row: str) -> None:
        pressed = next((key for key in self.lab.keys(BY_ID[row]) if named(key) == self.footplate.pressed), "")
        meant = next((said for said, key in self.keys_of.items() if key == pressed), None)
        if not pressed:
            self.do_label_any()  # it was asked for by its name
        elif meant is None:
            self.said(f"no label has the key {pressed}")
        else:
            self.say(*meant)

    def do_label_upper(self) -> None:
        self._by_key("label_upper")

    def do_label_home(self) -> None:
        self._by_key("label_home")

    def do_label_lower(self) -> None:
        self._by_key("label_lower")

    def do_label_any(self) -> None:
        from tui.screens.pickone import PickOne

        assert self.labelling is not None
        before = self.shown
        book = self.labelling.codebook.items()
        said = [(name, label) for name, labels in book for label in labelkeys.choices(labels)]
        items = {str(place): f"{name}: {label}" for place, (name, label) in enumerate(said)}
        self.app.push_screen(
            PickOne("What is it?", items), lambda key: self.say(*said[int(key)], before) if key else None
        )

    def do_blank(self) -> None:
        self._label(
            lambda work, at, shown: work.blank(at.place, shown), "saved with nothing chosen; it comes back later"
        )

    # --- the frame as a whole ------------------------------------------------------------------------------------

    def do_flag(self) -> None:
        words = "flagged no more" if self.shown is not None and self.shown.flagged else "flagged"
        self._save(lambda work, at, shown: work.remark(at.place, shown, flagged=not at.flagged, note=at.note), words)

    def do_note(self) -> None:
        from tui.screens.noting import Noting

        before = self.shown
        assert before is not None

        def keep(note: str | None) -> None:
            if note is not None and note != before.note:
                self._note(note, before)

        self.app.push_screen(Noting(before.note), keep)

    def _note(self, note: str, before: Standing) -> None:
        self._save(
            lambda work, at, shown: work.remark(at.place, shown, flagged=at.flagged, note=note),
            "the note is kept",
            before,
        )

    # --- back and forth ------------------------------------------------------------------------------------------

    def do_take_back(self) -> None:
        if self.labelling is not None:
            self.in_turn(self.labelling, "taking back", self.labelling.undo, self._taken_back)

    def _taken_back(self, taken: Taken | None) -> None:
        if taken is not None:
            self.over = False
            self.said(f"taken back: {taken.words}")
            self.gone(taken.standing)
        else:
            self.said("there is nothing left to take back")
            self.release()

    def do_frame_before(self) -> None:
        if not self.pan(-1, 0):
            self._step(-1)

    def do_frame_after(self) -> None:
        if not self.pan(1, 0):
            self._step(1)

    def _step(self, by: int) -> None:
        labelling, now = self.labelling, self.now
        if labelling is not None and now is not None:
            self.in_turn(labelling, "going there", lambda: labelling.step(now, by), partial(self._stepped, by))

    def _stepped(self, by: int, standing: Standing | None) -> None:
        self.over = self.over and standing is None and by > 0  # else the frame in view is meant
        if standing is None:
            self.said("this is the last frame" if by > 0 else "this is the first frame")
            self.release()
        else:
            self.said("")
            self.gone(standing)

    def do_skip(self) -> None:
        now = self.now
        if now is not None:
            self.go(lambda labelling: labelling.skip(now), "" if self.over else "left for later")

    def do_first_open(self) -> None:
        self.go(lambda labelling: labelling.go_on(-1))

    def do_elsewhere(self) -> None:
        if self.frames is None or self.shown is None:
            return
        path = self.opaque_path()
        save = partial(self.frames.save, self.shown.item.unit, self.look, path)
        write = partial(self.lab.gate.look, "writing a frame as a PNG", save)
        self.work("writing the frame", write, lambda _: self.said(f"written: {path}"))
