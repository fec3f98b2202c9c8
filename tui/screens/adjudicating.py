"""Settling what coders differ on: a label, a reason, and who decides."""

from __future__ import annotations

from functools import partial

from engine.annotations.decision import CANT_TELL, Decision
from tui import settling
from tui.cases import Case
from tui.lab import Undo
from tui.screens.caseview import CaseScreen
from tui.services import settling as services


class Adjudicating(CaseScreen, inherit_bindings=False):
    """A screen on which the frame under the cursor can be settled."""

    def __init__(self) -> None:
        super().__init__()
        self.by = ""  # who adjudicates

    def do_adjudicate(self) -> None:
        from tui.screens.pickone import PickOne

        case = self.case()
        if case is None or self.labels is None:
            return
        labels = [*self.labels.variables[case.variable][1], CANT_TELL]
        agreed = services.agreed(case)
        mind = f"\n! all coders agree on {agreed}" if agreed else ""
        title = f"What is the {case.variable}?  {settling.lettered(case)}{mind}"
        picked = partial(self._give_reason, case)
        self.app.push_screen(PickOne(title, {label: label for label in labels}), picked)

    def _give_reason(self, case: Case, label: str | None) -> None:
        from tui.screens.reasoning import Reasoning

        if not label:
            return

        def given(answer: tuple[str, str] | None) -> None:
            if answer is not None:
                reason, self.by = answer
                decide = partial(services.adjudicate, self.lab.gate, case, label, reason, self.by)
                self.work("adjudicating", decide, partial(self._adjudicated, case))

        reasons = self.labels.reasons if self.labels else ()
        self.app.push_screen(Reasoning(f"{case.variable} is {label}", reasons, self.by), given)

    def _adjudicated(self, case: Case, made: Decision) -> None:
        back = partial(services.take_back, self.lab.gate, made)
        self.lab.undos.append(Undo(f"the adjudication of {case.variable}, frame {case.frame_index}", back))
        agreed = services.agreed(case)
        mind = f", though all coders agree on {agreed}" if agreed not in ("", made.value) else ""
        self.tell(self.lab.worded(f"{case.variable} is {made.value}{mind}; {{undo}} takes it back"))
        self._to_next_open(case)
        self.look_at_once()

    def _to_next_open(self, case: Case) -> None:
        """On to the next one that nobody has settled, where there is one below."""
        cases = self.fitting_by_key()
        after = list(cases).index(case.key) + 1 if case.key in cases else len(cases)
        following = next((key for key, one in [*cases.items()][after:] if one.label is None), "")
        if following:
            self.panes.table("disagreements").go_to(following)

    def taken_back(self, words: str) -> None:
        super().taken_back(words)
        self.look_at_once()
