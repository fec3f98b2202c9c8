"""The gold set that follows from the labels: with or without adjudicated frames, written, and a second opinion."""

from __future__ import annotations

from functools import partial

from engine.annotations import goldwords
from tui.format import several
from tui.lab import Undo
from tui.screens.labelled import LabelledScreen
from tui.services import settling as services
from tui.settling import origins


class GoldActs(LabelledScreen, inherit_bindings=False):
    """A screen with the gold set on it."""

    def __init__(self) -> None:
        super().__init__()
        self._opinions: dict[str, list[str]] = {}

    @property
    def gold_frames(self) -> int:
        """How many frames are gold in one variable or another, as it is asked for now."""
        return self.labels.frames.get("adjudicated" if self.adjudicated else "agreed", 0) if self.labels else 0

    def about_gold(self) -> list[str]:
        """The rule, and the second opinion where somebody asked for it."""
        key = self.panes.key("gold").partition("\t")[0]
        said = [f"{side.variable}: {' · '.join(origins(side))}" for side in self.sides() if side.variable == key]
        opinion = self._opinions.get(key, [])
        joined = "adjudicated frames join" if self.adjudicated else "without adjudicated frames"
        return [
            f"{several(self.gold_frames, 'frame')} in all, {joined}",
            *said,
            *filter(None, [goldwords.parts(share.left_out for side in self.sides() for share in side.mix)]),
            *(f"{key}: {words}" for words in opinion),
        ]

    def do_with_adjudicated(self) -> None:
        self.adjudicated = not self.adjudicated
        self._opinions = {}
        self.show_pane("gold")

    def do_second_opinion(self) -> None:
        self.show_pane("gold")
        self.tell("asking Dawid and Skene's model")
        ask = partial(services.second_opinion, self.lab.workspace, self.adjudicated)
        self.work("computing a second opinion", ask, self._opined)

    def _opined(self, found: dict[str, list[str]]) -> None:
        self._opinions = found
        if not found:
            self.tell("no variable has labels of two coders, and two labels, yet")
        self.show()

    def question(self, name: str) -> str:
        if name != "save_gold":
            return super().question(name)
        with_ = " with adjudicated ones" if self.adjudicated else ""
        known = self.labels.gold_file if self.labels else None
        there = "" if known is None else f"\n\nIt takes the place of the one of {several(known, 'frame')}."
        beside = "Beside it, gold_left_out.csv says what was left out, and why. {undo} gives back what was there."
        return f"Write gold.csv: {several(self.gold_frames, 'frame')}{with_}?{there}\n\n{self.lab.worded(beside)}"

    def do_save_gold(self) -> None:
        save = partial(services.save_gold, self.lab.gate, self.adjudicated)
        self.work("writing the gold set", save, self._saved)

    def _saved(self, done: tuple[str, services.Before]) -> None:
        words, before = done
        self.lab.undos.append(Undo("writing gold.csv", partial(services.restore_gold, self.lab.gate, before)))
        self.tell(words)
        self.look_at_once()
